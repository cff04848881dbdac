import { rootKey } from "../errors";
import { clusterSchema } from "../schema";
import { documentedKeys, type DocumentedKey } from "./keys";

const head = `# Configuration

<!-- Made from the schema in config/ by \`npm run docs\`; edit it there. -->

The whole configuration of a cluster is one value, \`${rootKey}\`, in \`Pulumi.<stack>.yaml\`;
[\`Pulumi.prod.example.yaml\`](../Pulumi.prod.example.yaml) is one to start from. All mistakes in it are reported at
once, before any machine is touched. A key without a value counts as absent.

Secrets (\`ssh.privateKey\`, \`ssh.passphrase\`, \`ssh.password\`, and the same below \`ssh.bastion\` and a node's \`ssh\`)
are set encrypted: \`pulumi config set --secret --path ${rootKey}.ssh.password\`, which asks for the value. In the clear they are refused: Pulumi prints configuration that is not secret in previews.
`;

/** The text of docs/configuration.md. */
export function configurationPage(): string {
  return [head, ...documentedKeys(clusterSchema).map(entry)].join("\n");
}

function entry(key: DocumentedKey): string {
  const depth = key.path.includes(".") ? "###" : "##";
  return `${depth} \`${key.path}\`\n\n${key.description}\n\n${facts(key).join(" · ")}\n`;
}

function facts({ type, secret, required, unit, allowed, example, ...key }: DocumentedKey): readonly string[] {
  const isShown = type !== "boolean" && key.default !== `\`${example ?? ""}\``;
  return [
    `**Type:** ${type}${secret === true ? ", secret" : ""}`,
    ...(required ? ["**required**"] : []),
    ...(key.default === undefined ? [] : [`**Default:** ${key.default}`]),
    ...(unit === undefined ? [] : [`**Unit:** ${unit}`]),
    ...(type === "mapping" ? [] : [`**Allowed:** ${allowed}`]),
    ...(example === undefined || !isShown ? [] : [`**Example:** \`${example}\``]),
  ];
}
