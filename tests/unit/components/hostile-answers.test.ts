import fc from "fast-check";
import { stagesOf } from "../../../components/stages";
import { parseCluster } from "../../../config/load";
import type { Facts } from "../../../plan/facts";
import { parseFacts } from "../../../survey/facts";
import { printable } from "../../../survey/text";
import { config, ed25519, sources } from "../config/fixtures";
import { attacks, expectHarmless, hostile, runs } from "./hostile";

const valid = config({ admin: { name: "kube", authorizedKeys: [ed25519] } });

/** What a machine answers, with one line of it as hostile as its root likes. */
const answers: Readonly<Record<string, string>> = {
  architecture: "x86_64",
  kernel: "6.1.0",
  hostname: "node-0",
  "machine-id": "0".repeat(32),
  "product-uuid": "",
  init: "systemd",
  cgroup: "2",
  selinux: "absent",
  "time-service": "chrony",
  "package-manager": "apt",
  "os.ID": "debian",
  "os.VERSION_ID": "12",
  "os.ID_LIKE": "",
  "os.PRETTY_NAME": "Debian",
  "ssh-port": "22",
  "ssh-interface": "eth0",
  "ssh-address": "192.0.2.10",
  "ssh-zone": "public",
  "package.installed": "containerd 1.6.20",
  "package.candidate": "firewalld 1.3.3",
  clock: "0",
};

test.each(Object.keys(answers))(
  "a machine's hostile %s is no part of a command, nor of a terminal's input",
  (name) => {
    const result = parseCluster(valid, sources());
    if (!result.ok) throw new Error("the configuration is valid");
    const stages = stagesOf(result.cluster, result.cluster.nodes[0]!);
    const files = [...new Set(stages.flatMap((stage) => stage.files))];
    const packages = [...new Set(stages.flatMap((stage) => stage.packages))];
    fc.assert(
      fc.property(hostile, fc.boolean(), (value, whole) => {
        const said = { ...answers, [name]: whole ? value : `${answers[name] ?? ""}${value}` };
        const content = Buffer.from(value).toString("base64");
        const lines = Object.entries(said).map(([key, text]) => `${key}=${text}`);
        const answer = [
          "facts=1",
          ...lines,
          ...files.map((_, n) => `file=${n + 1} content ${content}`),
          "end=1",
          "",
        ];
        let seen: Facts;
        try {
          seen = parseFacts(answer.join("\n"), { packages, files, sent: 0, received: 0 });
        } catch (error) {
          expect(printable((error as Error).message, 1000)).toBe((error as Error).message);
          return;
        }
        for (const text of [seen.osName, seen.hostname]) expect(printable(text)).toBe(text);
        expectHarmless(result, seen);
      }),
      { ...runs, examples: attacks.map((text, index): [string, boolean] => [text, index % 2 === 0]) },
    );
  },
);
