import fc from "fast-check";
import { parse } from "yaml";
import { stagesOf } from "../../../components/stages";
import { documentedKeys, type DocumentedKey } from "../../../config/documentation/keys";
import { parseCluster } from "../../../config/load";
import { clusterSchema } from "../../../config/schema";
import type { Facts } from "../../../plan/facts";
import { encodeRequirements, requirementName, type Requirement, type Stage } from "../../../plan/requirement";
import { parseFacts } from "../../../survey/facts";
import { driftMarker } from "../../../survey/marker";
import { printable } from "../../../survey/text";
import { config, ed25519, sources } from "../config/fixtures";
import { context, facts } from "./fixtures";

/*
 * What a person, or whoever wrote the file that they pasted from, may put into any text of the configuration, and what
 * a machine may say of itself: it is refused, or it is carried to the node as it is, and never a part of a command.
 */
const hostile = fc.oneof(
  fc.constantFrom(
    "$(reboot)",
    "`reboot`",
    "'; reboot; '",
    '"; reboot; "',
    "a\nfile /etc/passwd mode=0777",
    "a\n  |b",
    "a\r\nb",
    "\u001b]0;x\u0007",
    "--adopt",
    "-oProxyCommand=reboot",
    "../../etc/passwd",
    "%2e%2e%0a",
    "|reboot",
    "a b\tc",
    "stage other",
    "\u202egnp",
    "*",
    "~root",
    "x".repeat(100_000),
  ),
  fc.string({ minLength: 1 }),
  fc.string({ unit: "binary", minLength: 1 }),
);
const valid = config({ admin: { name: "kube", authorizedKeys: [ed25519] } });

type Tree = Record<string, unknown>;

/** What is below a key; of a list, in its only element. */
function below(at: Tree, step: string): Tree {
  if (!step.endsWith("[]")) return (at[step] ??= {}) as Tree;
  const [element] = (at[step.slice(0, -2)] ??= [{}]) as Tree[];
  return element ?? {};
}

/** The valid configuration with the value at a documented key; `<name>` is the key's own example, or the value. */
function withValue(key: DocumentedKey, value: string, asKey: boolean): Tree {
  const steps = key.path.split(".").map((step) => step.replace(/^<.*>/, () => (asKey ? value : "node-1")));
  const tree = JSON.parse(JSON.stringify(valid)) as Tree;
  let at = tree;
  for (const step of steps.slice(0, -1)) at = below(at, step);
  const example = key.example === undefined ? undefined : (parse(key.example) as unknown);
  const leaf = key.type.startsWith("list") ? [value] : value;
  Object.defineProperty(at, steps.at(-1) ?? "", {
    value: asKey && example !== undefined ? example : leaf,
    enumerable: true,
    configurable: true,
    writable: true,
  });
  return tree;
}

/** The requirements in the text, read as the protocol says and independently of what wrote it. */
function decode(text: string): Requirement[] {
  const read: { kind: string; key: string; value: string; body?: string }[] = [];
  for (const line of text.split("\n").slice(0, -1)) {
    const last = read.at(-1);
    if (line.startsWith("  |") && last)
      last.body = last.body === undefined ? line.slice(3) : `${last.body}\n${line.slice(3)}`;
    else {
      const [kind = "", key = "", ...value] = line.split(" ");
      read.push({
        kind,
        key: decodeURIComponent(key.replace(/%(?![0-9A-F]{2})/g, "%25")),
        value: value.join(" "),
      });
    }
  }
  return read;
}

/** Everything that would be run for these facts and this configuration: it must hold nothing of the value. */
function expectHarmless(tree: unknown, seen: Facts): "refused" | "carried" {
  const result = parseCluster(tree, sources());
  if (!result.ok) return "refused";
  const stages = stagesOf(result.cluster, result.cluster.nodes[0]!);
  for (const stage of stages) {
    let requirements: Stage["requirements"];
    try {
      requirements = stage.requirements(seen, context);
    } catch (error) {
      // A plan that cannot be made is that node's error, which survey/survey.ts cleans and shows.
      expect((error as Error).constructor).toBe(Error);
      return "refused";
    }
    expect(decode(encodeRequirements(requirements))).toEqual(requirements);
    // All else in a command line is constant (stage-command.test.ts): it names what has drifted.
    const marker = driftMarker(
      "7f3a",
      requirements.map((r) => ({ name: requirementName(r) })),
    );
    expect(marker).toMatch(/^# drifted since apply 7f3a: [A-Za-z0-9_.:@/+=,*% ()-]+$/);
    const differing = requirements.map(requirementName);
    for (const text of stage.warnings(seen, { node: context, requirements, differing }))
      expect(text).not.toMatch(/[\p{Cc}\u2028\u202e]/u);
  }
  return "carried";
}

/** A run is the same run again, unless another seed is asked for. */
const seed = Number(process.env["NODEPREP_SEED"] ?? 1);

/** Names that every object in JavaScript has come first. */
const settings: fc.Parameters<[string]> = {
  numRuns: 40,
  seed,
  examples: [["toString"], ["constructor"], ["__proto__"]],
};

/** Puts hostile texts where the key's value stands, or where the name does that people choose. */
const attack = (asName: boolean) => (_: string, key: (typeof texts)[number]) => {
  fc.assert(
    fc.property(hostile, (value) => {
      expectHarmless(withValue(key, value, asName), facts);
    }),
    settings,
  );
};

const texts = documentedKeys(clusterSchema).filter(
  ({ type, path, secret }) => /text/.test(type) && !secret && path !== "",
);

test("there are texts to attack", () => expect(texts.length).toBeGreaterThan(20));

test.each(texts.map((key) => [key.path, key] as const))(
  "a hostile %s is refused or carried literally",
  attack(false),
);

const named = documentedKeys(clusterSchema).filter(({ path }) => /<[^>]*>$/.test(path));
test.each(named.map((key) => [key.path, key] as const))(
  "a hostile name in %s is refused or carried literally",
  attack(true),
);

test("the comment of a key is carried to the node as it is, or the key is refused", () => {
  let carried = 0;
  fc.assert(
    fc.property(hostile, (value) => {
      const tree = { ...valid, admin: { name: "kube", authorizedKeys: [`${ed25519} ${value}`] } };
      if (expectHarmless(tree, facts) === "carried") carried++;
    }),
    { numRuns: 60, seed: 1 },
  );
  expect(carried).toBeGreaterThan(5);
});

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
        expectHarmless(valid, seen);
      }),
      { numRuns: 40, seed },
    );
  },
);
