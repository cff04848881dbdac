import { compare } from "./fingerprint";

/**
 * The record of applies; what firewalld keeps of a zone before its last change; what is the kernel's own: modules, what
 * kube-proxy has made of connection tracking until the next boot, tables without a rule that iptables has made; units
 * that the reboot has started otherwise.
 */
const unowned = new RegExp(
  [
    String.raw`^[+-] (module |path var/lib/nodeprep|content \S+ +(var/lib/nodeprep|\S+\.xml\.old)|path \S+\.xml\.old)`,
    String.raw`^[+-] (sysctl (net\.netfilter\.|net\.nf_conntrack_max|net\.ipv4\.vs\.|fs\.binfmt_misc)|unit systemd-binfmt)`,
    String.raw`^\+ nft (table ip6? (mangle|nat|filter) \{|\tchain [A-Z]+ \{|\t\ttype (nat|filter|route) hook )`,
  ].join("|"),
);

/** What a node that is no worker any more has kept, or lost, of what it was like before. */
export const leftByWorker = (before: string, after: string): string[] =>
  compare(before, after).filter((line) => !unowned.test(line));

/** Prints what only a worker has: folders and links of its programs. */
export const residueOfWorker =
  "ls -d /sys/class/net/kube-ipvs0 /var/lib/kubelet /usr/libexec/kubernetes /var/lib/kube-proxy /var/lib/cni /sys/class/net/cni0 2>/dev/null || :";
