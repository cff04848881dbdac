import { createHash } from "node:crypto";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder, findGo } from "../offline/paths";
import { run } from "../offline/process";
import { preparePrograms } from "./host";
import { once } from "./files";
import { during, toStderr, type Say } from "./progress";

/** Programs of one Go module in one version, and how they are built. The cache's key follows from all of it. */
export interface GoProgram {
  /** Names the build in messages and in the cache. */
  readonly name: string;
  readonly module: string;
  /** With `v`. */
  readonly version: string;
  /** Packages to build, relative to the module; `...` at the end takes all below. Default: the module's own. */
  readonly packages?: readonly string[];
  /** Further modules that must come in this version, e.g. Kubernetes' staging modules: `{ "k8s.io/api": "v0.34.2" }`. */
  readonly replace?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  /** What the linker is to set, by variable: `{ "example.org/version.Version": "v1.0.0" }`. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Parts of it are C. The result is static all the same. */
  readonly cgo?: boolean;
  /**
   * Lines of go.sum for modules that Go's checksum database cannot be asked about here (`module version h1:…`, and with
   * `/go.mod`); of all others it vouches for the content.
   */
  readonly sums?: readonly string[];
  /** Programs or files that the build needs besides Go, and the Debian packages that bring them. */
  readonly needs?: Readonly<Record<string, string>>;
}

/**
 * A folder with the program's static executables for this machine's architecture, from the cache; built from its Go
 * module when they are not there, which is said. A build that was cut off leaves nothing behind that looks whole.
 *
 * @throws Error with the end of the build's output when it fails, or when Go or a needed package is missing.
 */
export async function goProgram(program: GoProgram, say: Say = toStderr): Promise<string> {
  const recipe = createHash("sha256").update(JSON.stringify(program)).digest("hex").slice(0, 16);
  const folder = join(cacheFolder(), "binaries", `${program.name}-${program.version}-${recipe}`);
  await once(folder, async (temporary) => {
    await prepare(program, say);
    const what = `building ${program.name} ${program.version} from its Go module`;
    say(`${what}, once`);
    await during(build(program, temporary), () => what, say);
  });
  return join(folder, "bin");
}

async function prepare({ name, needs = {} }: GoProgram, say: Say): Promise<void> {
  const missing = await preparePrograms(needs, say);
  if (missing.length > 0) throw new Error(`${name} cannot be built here without ${missing.join(", ")}`);
}

async function build(program: GoProgram, folder: string): Promise<void> {
  const go = await findGo();
  const { module, packages = [""], tags = [], cgo = false } = program;
  await mkdir(join(folder, "bin"));
  await writeFile(join(folder, "go.mod"), goMod(program));
  await writeFile(join(folder, "go.sum"), (program.sums ?? []).map((line) => `${line}\n`).join(""));
  const paths = packages.map((path) => (path === "" ? module : `${module}/${path}`));
  const flags = ["-mod=mod", "-trimpath", "-tags", tags.join(","), "-ldflags", linkerFlags(program)];
  const { code, stderr } = await run(go, ["build", ...flags, "-o", join(folder, "bin") + "/", ...paths], {
    cwd: folder,
    env: { ...process.env, GOTOOLCHAIN: "local", GOWORK: "off", GOFLAGS: "", CGO_ENABLED: cgo ? "1" : "0" },
  });
  if (code !== 0 || (await readdir(join(folder, "bin"))).length === 0)
    throw new Error(`${program.name} cannot be built: ${stderr.trim().split("\n").slice(-8).join("\n")}`);
}

/** A module that only requires the program's: so its dependencies come in the versions that it was released with. */
function goMod({ module, version, replace = {} }: GoProgram): string {
  const replaced = Object.entries(replace).map(([path, other]) => `replace ${path} => ${path} ${other}\n`);
  return `module nodeprep/lab/binaries\n\ngo 1.26\n\nrequire ${module} ${version}\n\n${replaced.join("")}`;
}

const linkerFlags = ({ variables = {}, cgo = false }: GoProgram): string =>
  [
    "-s -w",
    ...Object.entries(variables).map(([variable, value]) => `-X ${variable}=${value}`),
    ...(cgo ? ["-extldflags -static"] : []),
  ].join(" ");
