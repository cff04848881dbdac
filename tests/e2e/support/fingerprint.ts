import type { TestMachine } from "./machine";

/*
 * Everything of a machine that nodeprep could have changed, one fact a line, by plain commands.
 */
export const fingerprintScript = String.raw`
# On a busy host systemd may answer too late: asked again, and no answer is an error, not a machine without units.
surely() { "$@" || "$@" || kill $$; }
cd /
for d in etc usr/local opt root home var/lib/nodeprep var/spool/cron; do
  [ -e "$d" ] || continue
  find "$d" -xdev -printf 'path %p %y %m %U:%G %l\n'
  find "$d" -xdev -type f -exec sha256sum {} + | sed 's/^/content /'
done
getent passwd | sed 's/^/user /'; getent group | sed 's/^/group /'
surely systemctl list-unit-files --no-legend --no-pager | awk '{ print "unit-file", $1, $2 }'
surely systemctl list-units --all --no-legend --no-pager --plain | awk '{ print "unit", $1, $2, $3 }'
dpkg-query -W -f 'package ${"$"}{Package} ${"$"}{Version} ${"$"}{db:Status-Abbrev}\n'
apt-mark showauto | sed 's/^/auto /'; apt-mark showhold | sed 's/^/hold /'
if command -v dnf >/dev/null; then
  rpm -qa --qf 'rpm %{NAME} %{EVR}\n'
  dnf -q --disablerepo='*' repoquery --installed --qf 'reason %{name} %{reason}'
fi
nft list ruleset 2>/dev/null | sed 's/^/nft /'
sysctl -a 2>/dev/null | sed 's/^/sysctl /'
awk '{ print "module", $1 }' /proc/modules
awk '{ print "mount", $1, $2, $3, $4 }' /proc/mounts
tail -n +2 /proc/swaps | awk '{ print "swap", $1, $2 }'
`;

/** The machine as it is now. */
export const fingerprint = (machine: TestMachine): Promise<string> => machine.sh(fingerprintScript);

/** What may differ between two looks at an untouched machine, and why. */
const volatile: readonly (readonly [RegExp, string])[] = [
  [
    /^(path|content \S+) +etc\/(passwd|shadow|group|gshadow|subuid|subgid)- ?/,
    "the previous version, by useradd",
  ],
  [/^(path|content \S+) +etc\/ld\.so\.cache/, "a cache, made by ldconfig"],
  [/^(path|content \S+) +root\/\.(bash_history|lesshst)/, "a shell's own history"],
  [/^sysctl fs\.(dentry-state|file-nr|inode-nr|inode-state|quota\.\w+|aio-nr) /, "a counter"],
  [/^sysctl kernel\.(random\.|ns_last_pid|pty\.nr|perf_cpu|keys\.)/, "a counter, or measured by the kernel"],
  [/^sysctl (net\.netfilter\.nf_conntrack_count|kernel\.tainted|vm\.stat) /, "a counter"],
  [
    /^(sysctl (fs\.epoll\.max_user_watches|kernel\.threads-max|user\.max_\w+_namespaces)|mount udev \/dev) /,
    "sized by the memory that the kernel finds at a boot: a page more or less",
  ],
  [
    /^sysctl vm\.(admin|user)_reserve_kbytes /,
    "a part of the memory that is free at one moment of a boot, while the initrd is being unpacked",
  ],
  [/^(unit|mount) .*binfmt_misc/, "mounted by whoever looks at it"],
  [/^module (tcp_diag|inet_diag) ?$/, "brought by ss, when anybody lists the ports that are listened on"],
  [
    /^unit network-(pre|online)\.target /,
    "a point in the order of booting, reached once something asks for it",
  ],
  [/^unit \S+\.(device|scope|slice) /, "comes and goes with sessions and devices"],
  [/^unit(-file)? (session-|user@|user-runtime-dir@|run-user-)/, "an SSH session"],
  [/^mount \S+ \/run\/user\//, "an SSH session"],
  [
    /^unit (apt-daily|dpkg-db-backup|systemd-tmpfiles-clean|logrotate|e2scrub|fstrim|man-db)\S* /,
    "a timer's job",
  ],
];

const lines = (text: string): string[] =>
  text.split("\n").filter((line) => line !== "" && !volatile.some(([pattern]) => pattern.test(line)));

/** What was there before and is no more (`-`), and what is there now and was not (`+`). */
export function compare(before: string, after: string): string[] {
  const was = new Set(lines(before));
  const is = new Set(lines(after));
  return [
    ...[...was].filter((line) => !is.has(line)).map((line) => `- ${line}`),
    ...[...is].filter((line) => !was.has(line)).map((line) => `+ ${line}`),
  ];
}
