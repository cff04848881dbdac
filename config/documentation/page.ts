import { rootKey } from "../errors";
import { clusterSchema } from "../schema";
import { documentedKeys, type DocumentedKey } from "./keys";

const head = `# Configuration

<!-- Made from the schema in config/ by \`npm run docs\`; edit it there. -->

The whole configuration of a cluster is one value, \`${rootKey}\`, in \`Pulumi.<stack>.yaml\`;
[\`Pulumi.prod.example.yaml\`](../Pulumi.prod.example.yaml) is one to start from. All mistakes in it are reported at
once, before any machine is touched. A key without a value counts as absent.

Relative paths start at the folder of \`Pulumi.yaml\`.

Secrets are \`password\`, \`privateKey\` and \`passphrase\` below \`ssh\`, \`ssh.bastion\` and a node's \`ssh\`,
\`privateKey\` of kubelets, \`kubeconfig\` of kubelets, of kube-proxy and of \`kubeletApiAccess\`, \`kubeadm.joinToken\`, and
passwords of registry mirrors. Set
each encrypted: \`pulumi config set --secret --path ${rootKey}.ssh.password\`, which asks for the value. Where nothing in
the file is encrypted, one in the clear is refused, since Pulumi prints configuration that is not secret in previews. As
soon as one value is encrypted, Pulumi treats the whole mapping as secret, and nodeprep can no longer tell the others
apart: look at the file yourself before you commit it.
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
    ...(key.each === undefined ? [] : [`**Each ${type === "mapping" ? "name" : "one"}:** ${key.each}`]),
    ...(example === undefined || !isShown ? [] : [`**Example:** \`${example}\``]),
  ];
}
