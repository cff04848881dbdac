const usual: Readonly<Record<string, string>> = {
  kernel: "6.1.0-56-cloud-amd64",
  hostname: "lab",
  "machine-id": "85357aba63c447e29fc316cf431aff9c",
  architecture: "x86_64",
  init: "systemd",
  cgroup: "2",
  selinux: "absent",
  "time-service": "systemd-timesyncd",
  "package-manager": "apt",
  "os.ID": "debian",
  "os.VERSION_ID": '"12"',
  "os.PRETTY_NAME": '"Debian GNU/Linux 12 (bookworm)"',
  "ssh-port": "22",
  "ssh-interface": "eth0",
  "ssh-zone": "public",
};

/** What `toolkit/facts.sh` prints on a usual node, with changes; `undefined` takes a line away. */
export function factsOutput(
  change: Readonly<Record<string, string | undefined>> = {},
  more: readonly string[] = [],
): string {
  const clock = String(Math.floor(Date.now() / 1000));
  const all: Readonly<Record<string, string | undefined>> = { ...usual, clock, ...change };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  return ["facts=1", ...lines, ...more, "end=1", ""].join("\n");
}
