import type { Deb } from "../support/apt-repository";

/*
 * apt and dpkg themselves, on a local repository: nptest-app needs nptest-lib; nptest-rival conflicts with the
 * app; nptest-broken cannot be configured;
 * what nptest-needy needs is nowhere.
 */
export const debs: readonly Deb[] = [
  { name: "nptest-lib", version: "1" },
  { name: "nptest-app", version: "1.0-1", control: "Depends: nptest-lib", conffile: "one = 1" },
  { name: "nptest-app", version: "2.0-1", control: "Depends: nptest-lib", conffile: "two = 2" },
  { name: "nptest-tool", version: "1", control: "Depends: nptest-lib" },
  { name: "nptest-late", version: "1", conffile: "late = 1" },
  { name: "nptest-rival", version: "1", control: "Conflicts: nptest-app" },
  {
    name: "nptest-broken",
    version: "1",
    conffile: "broken = 1",
    postinst: "echo it cannot be configured; exit 1",
  },
  {
    name: "nptest-litter",
    version: "1",
    postinst: "useradd -r nptest-user; groupadd -r nptest-group; mkdir -p /etc/nptest-left/over",
  },
  {
    // As Debian's sudo where root has no password.
    name: "nptest-reluctant",
    version: "1",
    prerm: '[ "$SUDO_FORCE_REMOVE" = yes ] || { echo Refusing to remove >&2; exit 1; }',
  },
  {
    // As packages do that start their daemons themselves: it has everything that they leave open.
    name: "nptest-daemon",
    version: "1",
    postinst: "sleep 120 </dev/null >/dev/null 2>&1 & echo $! >/run/nptest-daemon.pid",
  },
  { name: "nptest-stubborn", version: "1", prerm: "echo it does not go; exit 1" },
  { name: "nptest-needy", version: "1", control: "Depends: nptest-nowhere" },
  { name: "linux-modules-extra-1.2.3-test", version: "1" },
];
