/** What the tests need besides the lab's programs, and the Debian packages that bring them. */
export const testPrograms: Readonly<Record<string, string>> = {
  shellcheck: "shellcheck",
  busybox: "busybox",
  bash: "bash",
  dash: "dash",
  sshd: "openssh-server",
  "ssh-agent": "openssh-client",
  openssl: "openssl",
  // the dnf side of the toolkit, on local repositories
  dnf: "dnf",
  rpmbuild: "rpm",
  createrepo_c: "createrepo-c",
};
