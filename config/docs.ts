import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { configurationPage } from "./documentation/page";

// `npm run docs` writes docs/configuration.md from the schema; with `-- --check` it fails when that is stale.
const path = join(__dirname, "..", "docs", "configuration.md");
const page = configurationPage();

if (!process.argv.includes("--check")) {
  writeFileSync(path, page);
} else if (readFileSync(path, "utf8") !== page) {
  console.error("docs/configuration.md is not what the schema says; run `npm run docs` and commit it");
  process.exitCode = 1;
}
