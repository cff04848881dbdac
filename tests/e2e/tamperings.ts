import { quote } from "../../plan/quote";
import type { Requirement } from "../../plan/requirement";
import { otherDriver, otherValue, removeRule, sysctlFile } from "./support/tampering-scripts";

/** One thing that people or packages really do to a requirement, as a shell script, and how a preview names it. */
export interface Tampering {
  readonly title: string;
  /** Run as root on the machine. */
  readonly script: string;
  /** What the difference must say. */
  readonly phrase: RegExp;
  /** Names of further requirements that this breaks, or may break, too. */
  readonly also?: RegExp;
  /** Beside it, tamperings of other kinds would look like something else. */
  readonly apart?: true;
}

/** The tamperings of each kind of requirement. A kind that is missing here fails the suite. */
export type TamperingTable = Readonly<Record<string, (requirement: Requirement) => readonly Tampering[]>>;

/** Packages that dpkg removes from no system. */
const essential: readonly string[] = ["gzip", "tar"];

/** What may break with a file: what is made of it. */
function dependents(path: string): RegExp | undefined {
  const [, unit] = /^\/etc\/systemd\/system\/([^/]+?)(?:\.d\/.*)?$/.exec(path) ?? [];
  if (unit !== undefined) return new RegExp(`^service:${unit.replaceAll(".", "\\.")}$`);
  if (path.startsWith("/etc/sysctl.d/")) return /^sysctl:/;
  return path.startsWith("/etc/cni/net.d/") ? /^cni_config:/ : undefined;
}

export const tamperings: TamperingTable = {
  toolkit: ({ key }) => [
    { title: "edited", script: `echo '# mine' >> ${quote(key)}`, phrase: /edited/ },
    { title: "deleted", script: `rm ${quote(key)}`, phrase: /absent/ },
    { title: "open to others", script: `chmod 0666 ${quote(key)}`, phrase: /mode/ },
  ],
  user: ({ key }) => [
    { title: "another shell", script: `usermod -s /bin/sh ${quote(key)}`, phrase: /shell/ },
    {
      title: "a key gone",
      script: `: > ~${key}/.ssh/authorized_keys`,
      phrase: /key/,
    },
    { title: "a password set", script: `echo ${quote(`${key}:secret`)} | chpasswd`, phrase: /password/ },
  ],
  module: ({ key }) => [
    {
      title: "removed",
      script: `rmmod ${quote(key)}`,
      phrase: /not loaded/,
      ...(key === "br_netfilter" ? { also: /^sysctl:net\.bridge\./ } : {}),
    },
  ],
  sysctl: (requirement) => {
    const { key } = requirement;
    const other = otherValue(requirement);
    return [
      { title: "sysctl -w", script: `sysctl -qw ${quote(`${key}=${other}`)}`, phrase: /\bis \d/ },
      {
        title: "a later file in /etc",
        script: sysctlFile(key, other, `/etc/sysctl.d/zzz-${key}.conf`),
        phrase: /after the next boot \(\/etc\/sysctl\.d\/zzz-\S+\.conf:1\)/,
      },
      {
        title: "a later file of a package",
        script: sysctlFile(key, other, `/usr/lib/sysctl.d/zzz-package-${key}.conf`),
        phrase: /after the next boot \(\/usr\/lib\/sysctl\.d\/zzz-package-\S+\.conf:1\)/,
      },
    ];
  },
  file: ({ key, value }) => {
    const path = quote(key);
    const also = dependents(key);
    const more = also ? { also } : {};
    const away = quote(`/root/moved-away${key.replaceAll("/", "-")}`);
    const all: Tampering[] = [
      { title: "a line more", script: `echo '# theirs' >> ${path}`, phrase: /other content/, ...more },
      {
        title: "another mode",
        // for more eyes than ours: a stricter one of a file that was merged stays
        script: `chmod ${/mode=0644/.test(value) ? "664" : "644"} ${path}`,
        phrase: /mode/,
      },
      { title: "another owner", script: `chown 65534 ${path}`, phrase: /owner|belongs/ },
      { title: "deleted", script: `rm ${path}`, phrase: /absent/, ...more },
      {
        title: "replaced by a link",
        script: `mv ${path} ${away}; ln -s ${away} ${path}`,
        phrase: /symbolic link/,
        ...more,
      },
    ];
    // Other content of a file that nodeprep merges becomes part of it: the engine has to look again.
    return /\bbased-on=/.test(value) ? all.filter(({ phrase }) => /mode|owner/.test(phrase.source)) : all;
  },
  download: (requirement) => {
    const [, into, member = "*"] = /^into=(\S+)(?:.* members=([^\s,]+))?/.exec(requirement.value) ?? [];
    // Of an archive, one file of those that are there.
    const path = into === undefined ? quote(requirement.key) : `"$(ls -d ${into}/${member} | head -n 1)"`;
    return [
      // A program that runs is not written to, but another one takes its place.
      {
        title: "a byte more",
        script: `program=${path}; cp -p "$program" "$program.new"; printf x >>"$program.new"; mv "$program.new" "$program"`,
        phrase: /other content/,
      },
      { title: "another mode", script: `chmod 0700 ${path}`, phrase: /mode/ },
      { title: "deleted", script: `rm ${path}`, phrase: /absent/ },
    ];
  },
  directory: ({ key }) => [
    { title: "another mode", script: `chmod 0700 ${quote(key)}`, phrase: /mode/ },
    { title: "another owner", script: `chown 65534 ${quote(key)}`, phrase: /owner|belongs/ },
  ],
  fstab: () => [
    {
      title: "a swap line",
      script: "printf '/swap.img\\tnone\\tswap\\tsw\\t0\\t0\\n' >> /etc/fstab",
      phrase: /swap/,
    },
  ],
  swap: () => [
    { title: "swapon by hand", script: "swapon /dev/vdb", phrase: /vdb/ },
    {
      title: "a swap unit",
      script:
        "printf '[Swap]\\nWhat=/dev/vdb\\n[Install]\\nWantedBy=swap.target\\n' > /etc/systemd/system/dev-vdb.swap; systemctl daemon-reload; systemctl enable -q dev-vdb.swap",
      phrase: /dev-vdb\.swap/,
    },
  ],
  selinux: ({ value }) => [
    {
      title: "set by hand",
      script: `setenforce ${value === "permissive" ? "1" : "0"}`,
      phrase: /^is (enforcing|permissive), must be/,
    },
    {
      title: "configured otherwise",
      script: `sed -i s/^SELINUX=.*/SELINUX=${value === "permissive" ? "enforcing" : "permissive"}/ /etc/selinux/config`,
      phrase: /for the next boot/,
    },
  ],
  package: ({ key, value }) => [
    ...(/\bhold\b/.test(value)
      ? [{ title: "unheld", script: `apt-mark unhold ${quote(key)}`, phrase: /held/ }]
      : []),
    ...(essential.includes(key)
      ? []
      : [
          {
            title: "removed",
            script: `dpkg --force-depends --remove ${quote(key)} >/dev/null 2>&1`,
            phrase: /not installed/,
            also: /^(service|cgroup_driver|firewall_\w+|file|directory|links|cni_config):/,
            apart: true as const,
          },
        ]),
  ],
  service: ({ key, value }) => [
    ...[...value.matchAll(/(?<=\btables=(?:\S+,)?)(\w+)\/(\w+)/g)].map(([, family = "", table = ""]) => ({
      title: `its table of family ${family} deleted`,
      script: `nft delete table ${family} ${table}`,
      phrase: /gone from nftables/,
    })),
    { title: "disabled", script: `systemctl disable -q ${quote(key)}`, phrase: /disabled/ },
    {
      title: "stopped",
      script: `systemctl stop ${quote(key)}`,
      phrase: /inactive|not active|not running|stopped/,
      also: /^(cgroup_driver|firewall_)/,
    },
    {
      title: "masked",
      script: `systemctl mask -q ${quote(key)}`,
      phrase: /masked/,
      also: /^(cgroup_driver|firewall_)/,
    },
  ],
  firewall_daemon: () => [
    {
      title: "stopped",
      script: "systemctl stop firewalld",
      phrase: /not running/,
      also: /^(firewall_running:|service:firewalld)/,
    },
  ],
  firewall_running: ({ key, value }) => [
    ...(value === "closed" ? [] : [{ title: "gone", script: removeRule(key, ""), phrase: /closed|absent/ }]),
  ],
  firewall_permanent: ({ key, value }) => [
    ...(value === "closed"
      ? []
      : [{ title: "gone", script: removeRule(key, "--permanent"), phrase: /closed|absent/ }]),
  ],
  secret: ({ key }) => [
    {
      title: "changed in the record",
      script: `echo more >> /var/lib/nodeprep/req/secret:${key}/spec`,
      phrase: /another one/,
    },
  ],
  links: ({ key }) => [
    { title: "a plugin removed", script: `rm ${quote(key)}/bridge`, phrase: /lacks bridge/ },
    { title: "all plugins removed", script: `rm ${quote(key)}/*`, phrase: /lacks/ },
  ],
  block: ({ key }) => [
    {
      title: "a line deleted",
      script: `sed -i '/^# nodeprep: begin$/{n;d}' ${quote(key)}`,
      phrase: /other lines/,
    },
    {
      title: "deleted",
      script: `sed -i '/^# nodeprep: begin$/,/^# nodeprep: end$/d' ${quote(key)}`,
      phrase: /lacks/,
    },
  ],
  cni_config: ({ key }) => [
    {
      title: "another network before it",
      script: `echo '{}' > ${quote(key.replace(/[^/]*$/, "05-other.conflist"))}`,
      phrase: /05-other\.conflist comes first/,
    },
  ],
  // It speaks of undo alone: nothing that happens to a machine makes it differ.
  leftovers: () => [],
  cgroup_driver: ({ key }) => [
    {
      title: "started with another driver",
      script: otherDriver[key] ?? "",
      phrase: /cgroupfs/,
      also: /^file:\/etc\/containerd\//,
      apart: true,
    },
  ],
};
