import { spawnSync } from "node:child_process";
import { ProgramInfo, RunRequest } from "@pulumi/pulumi/proto/language_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { launchFor, tooLong } from "../../../offline/language-nodejs/arguments";
import { splitWords } from "../../../offline/language-nodejs/words";

describe("how a program is started", () => {
  const request = (options: Parameters<typeof Struct.fromJavaScript>[0] = {}): RunRequest => {
    const info = new ProgramInfo()
      .setRootDirectory("/root")
      .setProgramDirectory("/root/program")
      .setEntryPoint("index.ts")
      .setOptions(Struct.fromJavaScript(options));
    const run = new RunRequest()
      .setInfo(info)
      .setProject("p")
      .setStack("s")
      .setOrganization("o")
      .setParallel(16);
    run.setMonitorAddress("127.0.0.1:1").getConfigMap().set("p:config:old", "b").set("p:name", "a");
    return run.setConfigsecretkeysList(["p:name"]);
  };

  it("passes on all that the engine says of it", () => {
    const { args, env } = launchFor(request().setArgsList(["x y"]).setDryrun(true), "/run.js", "127.0.0.1:2");
    expect(args.join(" ")).toBe(
      "/run.js --monitor 127.0.0.1:1 --engine 127.0.0.1:2 --organization o --project p --root-directory /root " +
        "--stack s --pwd /root/program --parallel 16 --dry-run index.ts x y",
    );
    const { PULUMI_CONFIG: config = "", ...others } = env;
    expect(JSON.parse(config)).toEqual({ "p:config:name": "a", "p:config:old": "b" });
    expect(others).toEqual({
      PULUMI_CONFIG_SECRET_KEYS: '["p:name"]',
      PULUMI_NODEJS_TYPESCRIPT: "true",
      // Not by way of a proxy, to an engine on the same machine.
      no_grpc_proxy: "127.0.0.1",
    });
  });

  it("names a configuration that the system hands no program, and only such", () => {
    const startsWith = (env: Record<string, string>): boolean => {
      try {
        return spawnSync("/bin/true", { env }).status === 0;
      } catch {
        return false;
      }
    };
    const fits = { PULUMI_CONFIG: "x".repeat(131_072 - "PULUMI_CONFIG=".length - 1) };
    const more = { PULUMI_CONFIG: `${fits.PULUMI_CONFIG}x` };
    expect([startsWith(fits), startsWith(more)]).toEqual([true, false]);
    expect(tooLong(fits)).toBeUndefined();
    expect(tooLong(more)).toMatch(/PULUMI_CONFIG has 129 KiB.*128 KiB.*nodeprep:cluster these are machines/);
  });

  it("heeds the options of Pulumi.yaml", () => {
    const options = { typescript: false, tsconfig: "a.json", nodeargs: '--require tsx/cjs --title "a b"' };
    const { args, env } = launchFor(request(options), "/run.js", "");
    expect(args.slice(0, 5)).toEqual(["--require", "tsx/cjs", "--title", "a b", "/run.js"]);
    expect(args).not.toContain("--dry-run");
    expect(args).not.toContain("--engine");
    expect(env).toMatchObject({ PULUMI_NODEJS_TSCONFIG_PATH: "a.json" });
    expect(env).not.toHaveProperty("PULUMI_NODEJS_TYPESCRIPT");
  });

  it.each([
    ["", []],
    ["  a   b ", ["a", "b"]],
    ["'a b' \"c d\"e", ["a b", "c de"]],
    ['a\\ b "\\"" \'\\\'', ["a b", '"', "\\"]],
    ["--x='1 2'", ["--x=1 2"]],
    ["'' \"\"", ["", ""]],
  ])("splits %j into words as a shell does", (line, words) => {
    expect(splitWords(line)).toEqual(words);
  });
});
