import { existsSync } from "node:fs";
import { join } from "node:path";
import { OFFLINE_BIN, pulumiHome } from "../../../offline/paths";
import { version } from "@pulumi/command/package.json";

const FILE = "pulumi-resource-command";

/** A provider that the suite runs against. */
export interface Provider {
  readonly name: string;
  readonly executable: string;
  readonly ours: boolean;
}

const ours: Provider = { name: "nodeprep's provider", executable: join(OFFLINE_BIN, FILE), ours: true };
const official: Provider = {
  name: `Pulumi's provider ${version}`,
  executable: join(pulumiHome(), "plugins", `resource-command-v${version}`, FILE),
  ours: false,
};

/** Describes the provider's behaviour for each; Pulumi's own is skipped where it is not installed. */
export function describeProviders(title: string, body: (provider: Provider) => void): void {
  for (const provider of [ours, official]) {
    const suite = existsSync(provider.executable) ? describe : describe.skip;
    suite(`${provider.name}: ${title}`, () => body(provider));
  }
}
