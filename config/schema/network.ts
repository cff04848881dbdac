import { z } from "zod";
import { parseAddress, parseCidr, type Cidr } from "../cidr";
import { key, text, type Fault, type KeyDoc } from "./key";

const unusable = ["loopback", "multicast", "unspecified", "linkLocal", "broadcast"];

function cidrFault(value: string): Fault | undefined {
  const cidr = parseCidr(value);
  if (cidr === undefined) {
    const single = parseAddress(value);
    if (single === undefined) return {};
    return {
      allowed: "has no prefix length",
      remedy: `for this one address write ${value}/${single.kind() === "ipv4" ? 32 : 128}`,
    };
  }
  if (parseAddress(value.split("/")[0] ?? "")?.toString() !== cidr.address.toString())
    return { allowed: "is an address inside a network, not a network", remedy: `write ${cidr.text}` };
  return undefined;
}

/** A network that one names as the source of connections; 0.0.0.0/0 is allowed. */
const sourceCidr = text(cidrFault);

/** A network that gets its addresses from Kubernetes. */
function clusterCidrFault(value: string): Fault | undefined {
  const fault = cidrFault(value);
  const cidr = parseCidr(value);
  if (fault !== undefined || cidr === undefined) return fault ?? {};
  const range: string = cidr.address.range();
  if (cidr.prefix > 0 && !unusable.includes(range)) return undefined;
  return { allowed: `is no network to take addresses from (${cidr.prefix === 0 ? "everything" : range})` };
}

/** The texts of one CIDR or of a dual-stack pair, written as `a,b` or as a list. */
const cidrTexts = (value: string | readonly string[]): readonly string[] =>
  (typeof value === "string" ? value.split(",") : value).map((part) => part.trim());

/** The same, parsed; what is no CIDR is left out. */
export const cidrsOf = (value: string | readonly string[] | undefined): readonly Cidr[] =>
  value === undefined ? [] : cidrTexts(value).flatMap((part) => parseCidr(part) ?? []);

function pairFault(value: string | readonly string[]): (Fault & { readonly value?: string }) | undefined {
  const texts = cidrTexts(value);
  for (const part of texts) {
    const fault = clusterCidrFault(part);
    if (fault !== undefined) return { ...fault, value: part };
  }
  const families = cidrsOf(value).map((cidr) => cidr.address.kind());
  if (texts.length === 0 || texts.length > 2 || new Set(families).size !== families.length)
    return {
      allowed: "must be one CIDR, or one IPv4 and one IPv6 CIDR",
      value: texts.join(",") || "an empty list",
    };
  return undefined;
}

/** One CIDR, or one a family. */
export const cidrPair = z.union([z.string(), z.array(z.string())]).superRefine((value, context) => {
  const fault = pairFault(value);
  if (fault !== undefined) context.addIssue({ code: "custom", params: { ...fault } });
});

export const cidrPairAllowed = "a CIDR, or an IPv4 and an IPv6 CIDR separated by a comma (or as a list)";

/** A list of source networks. */
export const cidrList = (doc: Omit<KeyDoc, "allowed">) =>
  key(
    z
      .array(key(sourceCidr, { description: "A network.", allowed: "a CIDR", example: "192.0.2.0/24" }))
      .default([]),
    {
      allowed: "a list of CIDRs",
      example: "[192.0.2.0/24]",
      ...doc,
    },
  );

const dnsLabelText = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** A DNS label, as Kubernetes wants its names. */
export const dnsLabel = text((value) => {
  if (dnsLabelText.test(value)) return undefined;
  const proposal = value
    .toLowerCase()
    .slice(0, 63)
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return proposal === "" ? {} : { remedy: `for example ${proposal}` };
});

export const dnsLabelAllowed = "a DNS label: 1 to 63 of a-z, 0-9 and -, neither first nor last a -";

/** An IP address or a DNS name. */
export const host = text((value) => {
  if (parseAddress(value) !== undefined) return undefined;
  if (/^\[.*\]$/.test(value)) return { remedy: "write the address without brackets" };
  if (value.includes("@")) return { remedy: "the part before the @ belongs into the key user" };
  if (parseAddress(value.split("/")[0] ?? "") !== undefined)
    return { remedy: "write the address without prefix length" };
  if (/:\d+$/.test(value)) return { remedy: "the part after the : belongs into the key port" };
  const labels = value.replace(/\.$/, "").split(".");
  const isName =
    value.length <= 253 &&
    labels.every((label) => /^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?$/.test(label));
  return isName && !/^\d+$/.test(labels.at(-1) ?? "") ? undefined : {};
});

export const hostAllowed = "an IP address (four numbers, or IPv6 without brackets) or a DNS name";

/** A machine's full name, as /etc/hosts has it. */
export const fullName = text((value) => (isFullName(value) ? undefined : {}));

/** Whether a text is one. */
export function isFullName(value: string): boolean {
  const labels = value.split(".");
  const areLabels = labels.every((label) => /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(label));
  return value.length <= 253 && areLabels && !/^\d+$/.test(labels.at(-1) ?? "");
}

export const fullNameAllowed = "a DNS name without a dot at its end";

/** A TCP port. */
export const port = z.number().int().min(1).max(65535);
export const portAllowed = "a whole number from 1 to 65535";
