import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { dependencies, devDependencies } from "../../../package.json";
import { ROOT } from "../../../offline/paths";
import { isNewEnough, OLDEST_PULUMI } from "../../../offline/versions";

describe("the oldest CLI that works", () => {
  const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

  it("is the one that Pulumi.yaml has the CLI check", () => {
    const project = parse(read("Pulumi.yaml")) as { requiredPulumiVersion: string };
    expect(project.requiredPulumiVersion).toBe(`>=${OLDEST_PULUMI}`);
  });

  it("is the one that is built", () => {
    const module = read("offline/engine/go.mod");
    expect(module).toContain(`github.com/pulumi/pulumi/pkg/v3 v${OLDEST_PULUMI}`);
    expect(module).toContain(`github.com/pulumi/pulumi/sdk/v3 v${OLDEST_PULUMI}`);
  });

  it("is met by what npm installs", () => {
    expect(isNewEnough(devDependencies.pulumi.replace("^", ""))).toBe(true);
    expect(isNewEnough(dependencies["@pulumi/pulumi"].replace("^", ""))).toBe(true);
  });

  it.each([
    ["3.259.0", true],
    ["v3.259.0", true],
    ["v3.260.0-alpha.1", true],
    ["3.1000.0", true],
    ["4.0.0", true],
    ["3.258.99", false],
    ["2.999.0", false],
    ["3.259", false],
    ["", false],
    ["pulumi", false],
  ])("%j is new enough: %s", (version, expected) => {
    expect(isNewEnough(version, "3.259.0")).toBe(expected);
  });
});
