import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { outputsJsonSchema } from "../components/outputs-schema";
import { configurationPage } from "./documentation/page";

// `npm run docs` writes what in docs/ follows from the schemas; with `-- --check` it fails when that is stale.
const pages = { "configuration.md": configurationPage(), "outputs.schema.json": outputsJsonSchema() };

for (const [name, page] of Object.entries(pages)) {
  const path = join(__dirname, "..", "docs", name);
  if (!process.argv.includes("--check")) {
    writeFileSync(path, page);
  } else if (readFileSync(path, "utf8") !== page) {
    console.error(`docs/${name} is not what the schema says; run \`npm run docs\` and commit it`);
    process.exitCode = 1;
  }
}
