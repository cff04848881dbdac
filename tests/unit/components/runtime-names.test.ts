import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runtimeTypes } from "../../../config/schema/runtime-types";
import { ROOT } from "../../../offline/paths";

/** The runtimes' own files, where they are entered, the data of their versions, and the schema. */
const own =
  /^config\/schema\/|^components\/container-runtime\/(containerd|docker|cri-o|mirantis|index|versions|sources)[^/]*\.ts$/;

describe("names of runtimes", () => {
  it("appear nowhere but in a runtime's own file and in the schema: a new one is a file more", () => {
    const name = new RegExp(`["'\`](${runtimeTypes.join("|")})["'\`]`);
    const files = globSync("{components,config,plan,survey,toolkit}/**/*.ts", { cwd: ROOT });
    expect(files.filter((path) => own.test(path)).length).toBeGreaterThan(runtimeTypes.length);
    const others = files.filter((path) => !own.test(path));
    expect(others.filter((path) => name.test(readFileSync(join(ROOT, path), "utf8")))).toEqual([]);
  });
});
