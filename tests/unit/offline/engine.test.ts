import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { resolveEngine } from "../../../offline/engine";
import { INSTALL_PAGE, OLDEST_PULUMI } from "../../../offline/versions";

describe("finding an engine", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "nodeprep-engine-"))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const program = (path: string, body: string): string => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
    return join(folder, path);
  };
  /** The machine, with nothing on it but what the test has put into the folder. */
  const resolve = (log: (line: string) => void = () => undefined) => {
    const env = {
      PATH: [join(folder, "bin"), join(folder, "more"), "/usr/bin", "/bin"].join(delimiter),
      XDG_CACHE_HOME: join(folder, "cache"),
      PULUMI_HOME: join(folder, "home"),
    };
    return resolveEngine({ log, env });
  };
  const cached = () => join(folder, "cache", "nodeprep", "engine", OLDEST_PULUMI, "pulumi");

  it("takes an installed one, and the language host beside it", async () => {
    const pulumi = program("bin/pulumi", "echo v3.300.1");
    const languageHost = program("bin/pulumi-language-nodejs", "exit 0");
    expect(await resolve()).toEqual({ pulumi, version: "3.300.1", source: "installed", languageHost });
  });

  it("passes over one that is too old, one that fails, and npm's downloader", async () => {
    program("bin/pulumi", "echo v3.100.0");
    program("home/bin/pulumi", "exit 1");
    const downloader = program(
      "node_modules/pulumi/run.js",
      `touch '${join(folder, "downloaded")}'; echo v3.999.0`,
    );
    mkdirSync(join(folder, "more"));
    symlinkSync(downloader, join(folder, "more", "pulumi"));
    const newer = program(`home/versions/${OLDEST_PULUMI}/bin/pulumi`, `echo v${OLDEST_PULUMI}`);
    expect(await resolve()).toMatchObject({ pulumi: newer, source: "installed", languageHost: undefined });
    expect(existsSync(join(folder, "downloaded"))).toBe(false);
  });

  it("takes the one in the cache where none is installed", async () => {
    program(`cache/nodeprep/engine/${OLDEST_PULUMI}/pulumi`, "exit 0");
    expect(await resolve()).toMatchObject({ pulumi: cached(), version: OLDEST_PULUMI, source: "cache" });
  });

  it("builds one into the cache, in one step, from what is pinned, with the Go that is there", async () => {
    const log: string[] = [];
    const checks = 'test -s go.mod && test -s go.sum && test -s tools.go && [ "$GOTOOLCHAIN" = local ]';
    program("bin/go", `${checks} && printf '#!/bin/sh\\n' > pulumi && chmod +x pulumi`);
    mkdirSync(join(folder, "cache/nodeprep/engine/.build-999999999"), { recursive: true });
    expect(await resolve((line) => log.push(line))).toMatchObject({ pulumi: cached(), source: "built" });
    expect(existsSync(cached())).toBe(true);
    expect(readdirSync(join(folder, "cache/nodeprep/engine"))).toEqual([OLDEST_PULUMI]);
    expect(log[0]).toContain(`Building the Pulumi CLI ${OLDEST_PULUMI}`);
  });

  it("says what it saw and where to get one when there is none to be had", async () => {
    const old = program("bin/pulumi", "echo v3.100.0");
    program("bin/go", "echo 'go.mod requires go >= 1.25' >&2; exit 1");
    const error = await resolve().catch(String);
    expect(error).toContain(`${old} is 3.100.0`);
    expect(error).toContain("go.mod requires go >= 1.25");
    expect(error).toContain(INSTALL_PAGE);
    expect(existsSync(cached())).toBe(false);
    expect(readdirSync(join(folder, "cache/nodeprep/engine"))).toEqual([]);
  });
});
