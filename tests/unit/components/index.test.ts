import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../../../offline/paths";

/* `import … from "nodeprep"`: all components, and none of the providers that only some programs have. */

jest.mock("@pulumi/kubernetes", () => {
  throw new Error("the provider kubernetes is loaded");
});
jest.mock("@pulumi/random", () => {
  throw new Error("the provider random is loaded");
});

test("the package has every component but those that need a provider more", () => {
  const folder = join(ROOT, "components");
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  const components = files.flatMap((name) =>
    [...readFileSync(join(folder, name), "utf8").matchAll(/^export (?:abstract )?class (\w+) extends/gm)].map(
      ([, component = ""]) => component,
    ),
  );
  const exported = Object.keys(jest.requireActual<object>("../../../components"));
  expect(components.filter((name) => !exported.includes(name)).sort()).toEqual([
    "JoinToken",
    "KubeletApiAccess",
  ]);
  expect(exported).toEqual(expect.arrayContaining(["surveyNode", "surveyNodes", "preparedStack", "Secret"]));
});
