import type { Facts } from "../../plan/facts";
import * as ipaddr from "ipaddr.js";
import { isLoopback } from "../../config/cidr";

/** What pods get their name servers from, and the file in which systemd-resolved keeps those of the network. */
export const resolvConfFiles = ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"] as const;

/**
 * The file that the kubelet gives to pods. One that names a name server on the node itself is of no use to them, and
 * makes CoreDNS ask itself: then the one that systemd-resolved keeps for this, where it names another.
 */
export function resolvConf({ files }: Facts): { readonly path: string; readonly isLocal: boolean } {
  const [usual, upstream] = resolvConfFiles;
  if (!isLocal(files[usual]?.content)) return { path: usual, isLocal: false };
  const content = files[upstream]?.content;
  const better = content !== undefined && /^nameserver\s/m.test(content) && !isLocal(content);
  return better ? { path: upstream, isLocal: false } : { path: usual, isLocal: true };
}

/** One of the name servers is on the node itself. */
const isLocal = (content = ""): boolean =>
  [...content.matchAll(/^nameserver\s+(\S+)/gm)].some(([, address = ""]) => {
    const plain = address.split("%")[0] ?? "";
    return ipaddr.isValid(plain) && isLoopback(ipaddr.parse(plain));
  });
