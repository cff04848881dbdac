import { parseAddress } from "./cidr";
import { show, type Path } from "./errors";
import type { Context } from "./findings";
import { isMapping, type Mapping } from "./mapping";
import { isFullName } from "./schema/network";
import { expandHome } from "./sources";

const path: Path = ["machines"];

/** In the place of a full name. */
const noName = "-";

/**
 * The configuration with the nodes that its `machines` file lists, one a line: address, full name, host name, and for
 * workers the pod subnet, as "Kubernetes the Hard Way" has it. What `nodes` says of one of them wins.
 */
export function withMachines(value: unknown, context: Context): unknown {
  const name = isMapping(value) ? value["machines"] : undefined;
  if (!isMapping(value) || typeof name !== "string") return value;
  const read = context.sources.readFile(expandHome(name, context.sources.home));
  const own = value["nodes"] ?? {};
  if ("error" in read) {
    const remedy = "correct the path, or list the machines in nodes";
    context.problems.push({ path, value: show(name), allowed: read.error, remedy });
    return { ...value, nodes: own };
  }
  // what is no mapping is named by the check of the schema
  return isMapping(own) ? { ...value, nodes: merged(machinesIn(read.text, name, context), own) } : value;
}

function merged(listed: ReadonlyMap<string, Mapping>, own: Mapping): Mapping {
  const names = new Set([...listed.keys(), ...Object.keys(own)]);
  return Object.fromEntries(
    [...names].map((name) => {
      // only own keys: a machine may be called constructor
      const said = Object.hasOwn(own, name) ? own[name] : undefined;
      return [
        name,
        isMapping(said) || said === undefined || said === null ? { ...listed.get(name), ...said } : said,
      ];
    }),
  );
}

function machinesIn(text: string, file: string, { problems }: Context): ReadonlyMap<string, Mapping> {
  const machines = new Map<string, Mapping>();
  for (const [index, line] of text.split("\n").entries()) {
    const words = line.replace(/#.*/, "").trim().split(/\s+/);
    if (words[0] === "") continue;
    const [host = "", full = "", name = "", podSubnet] = words;
    const fqdn = full.replace(/\.$/, "");
    const fault = faultOf(words, machines);
    if (fault === undefined)
      machines.set(name, {
        host,
        ...(fqdn === noName ? {} : { fqdn }),
        ...(podSubnet === undefined ? { role: "control-plane" } : { role: "worker", podSubnet }),
      });
    else
      problems.push({
        path,
        value: `${show(file)}:${index + 1}`,
        allowed: fault,
        remedy: "write for example `192.0.2.20 node-0.example.org node-0 10.200.0.0/24`",
      });
  }
  return machines;
}

function faultOf(words: readonly string[], before: ReadonlyMap<string, Mapping>): string | undefined {
  const [host = "", full = "", name = ""] = words;
  if (words.length < 3 || words.length > 4)
    return `has ${words.length} words, must have an address, a full name, a host name, and for a worker its pod subnet`;
  if (parseAddress(host) === undefined) return `begins with ${show(host)}, must begin with an IP address`;
  if (full !== noName && !isFullName(full.replace(/\.$/, "")))
    return `has the full name ${show(full)}, must have a DNS name or ${noName}`;
  return before.has(name) ? `has the host name ${show(name)} of a line before it` : undefined;
}
