import { z } from "zod";
import { key, pattern, text } from "./key";
import { cidrList } from "./network";

const portRange = key(
  text((value) => {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?\/(tcp|udp|sctp)$/.exec(value);
    if (match === null)
      return /^[\d-]{1,11}$/.test(value) ? { remedy: `name the protocol, e.g. ${value}/tcp` } : {};
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    if (first < 1 || last > 65535) return { allowed: "names a port outside 1 to 65535" };
    return first > last
      ? { allowed: "begins after it ends", remedy: `write ${last}-${first}/${match[3]}` }
      : undefined;
  }),
  {
    description: "A port or a range of ports.",
    allowed: "port/protocol or first-last/protocol, with tcp, udp or sctp",
    example: '"8080/tcp"',
  },
);

/** `firewall`. */
export const firewall = key(
  z
    .strictObject({
      backend: key(z.enum(["firewalld", "none"]).default("firewalld"), {
        description:
          "`firewalld`: installed, enabled, and open for what the node's role needs. `none`: the firewall is left alone.",
        allowed: "firewalld or none",
        example: "firewalld",
      }),
      // firewalld refuses longer names: they become parts of chain names
      zone: key(pattern(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,16}$/).default("auto"), {
        description:
          "The firewalld zone that gets the ports. `auto`: the zone of the interface that carries SSH.",
        allowed: "auto, or the name of a zone: at most 17 letters, digits, - and _",
        example: "auto",
      }),
      extraPorts: key(z.array(portRange).default([]), {
        description: "Ports to open besides those that follow from the role and the CNI.",
        allowed: "a list of ports",
        example: '["8080/tcp", "30000-32767/udp"]',
      }),
      sshSources: cidrList({ description: "Networks that may reach SSH. An empty list: all." }),
      controlPlaneSources: cidrList({
        description: "Networks that may reach the ports of the control plane. An empty list: all.",
      }),
      confirmWithin: key(z.number().int().min(30).max(3600).default(300), {
        description:
          "New rules are confirmed over a new SSH connection within this time, or the machine puts the old ones back by itself.",
        allowed: "a whole number from 30 to 3600",
        unit: "seconds",
        example: "300",
      }),
    })
    .prefault({}),
  { description: "The nodes' firewall.", allowed: "a mapping", example: "{ backend: firewalld }" },
);
