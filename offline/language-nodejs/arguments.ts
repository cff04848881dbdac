import type { RunRequest } from "@pulumi/pulumi/proto/language_pb";
import { splitWords } from "./words";

/** How to start the program: arguments for node, and what is added to the environment. */
export interface Launch {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/**
 * The arguments and the environment that `@pulumi/pulumi/cmd/run` expects, for the program of this request.
 * `runner` is the path of that module. `--sync` is left out: it serves synchronous calls of SDKs of years ago.
 */
export function launchFor(request: RunRequest, runner: string, engineAddress: string): Launch {
  const info = request.getInfo();
  const options = runtimeOptions(request);
  const flags: readonly [string, string | undefined][] = [
    ["monitor", request.getMonitorAddress()],
    ["engine", engineAddress],
    ["organization", request.getOrganization()],
    ["project", request.getProject()],
    ["root-directory", info?.getRootDirectory()],
    ["stack", request.getStack()],
    ["pwd", info?.getProgramDirectory() ?? request.getPwd()],
    ["parallel", String(request.getParallel())],
  ];
  const given = flags.flatMap(([name, value]) => (value ? [`--${name}`, value] : []));
  const dryRun = request.getDryrun() ? ["--dry-run"] : [];
  const program = info?.getEntryPoint() ?? request.getProgram();
  return {
    args: [...splitWords(options.nodeargs), runner, ...given, ...dryRun, program, ...request.getArgsList()],
    // The SDK would look for the engine through a proxy for other networks.
    env: { ...configuration(request), ...typescriptEnvironment(options), no_grpc_proxy: "127.0.0.1" },
  };
}

interface RuntimeOptions {
  readonly typescript: boolean;
  readonly tsconfig: string;
  readonly nodeargs: string;
}

/** `runtime.options` of Pulumi.yaml, with the defaults that Pulumi documents. */
function runtimeOptions(request: RunRequest): RuntimeOptions {
  const options = request.getInfo()?.getOptions()?.toJavaScript() ?? {};
  const text = (name: string): string => (typeof options[name] === "string" ? options[name] : "");
  return {
    typescript: options["typescript"] !== false,
    tsconfig: text("tsconfig"),
    nodeargs: text("nodeargs"),
  };
}

function typescriptEnvironment(options: RuntimeOptions): Record<string, string> {
  return {
    ...(options.typescript ? { PULUMI_NODEJS_TYPESCRIPT: "true" } : {}),
    ...(options.tsconfig ? { PULUMI_NODEJS_TSCONFIG_PATH: options.tsconfig } : {}),
  };
}

/** Configuration reaches the SDK in the environment, with keys of the form `project:config:name`. */
function configuration(request: RunRequest): Record<string, string> {
  const config: Record<string, string> = {};
  request.getConfigMap().forEach((value, key) => {
    config[key.replace(/^([^:]+):(?:config:)?/, "$1:config:")] = value;
  });
  return {
    PULUMI_CONFIG: JSON.stringify(config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
  };
}

/** What Linux takes for one variable, in bytes: name, equals sign, value and an end (MAX_ARG_STRLEN). */
const LONGEST_VARIABLE = 131_072;

/** Why the system will not start a program with this environment; nothing when it will. */
export function tooLong(env: Readonly<Record<string, string>>): string | undefined {
  const bytes = (name: string, value: string): number => Buffer.byteLength(`${name}=${value}`) + 1;
  const kibibytes = (count: number): number => Math.ceil(count / 1024);
  for (const [name, value] of Object.entries(env))
    if (bytes(name, value) > LONGEST_VARIABLE)
      return (
        `The stack's configuration is too large: ${name} has ${kibibytes(bytes(name, value))} KiB, and Linux hands a ` +
        `program no variable of more than ${kibibytes(LONGEST_VARIABLE)} KiB. Keep long lists in files that the ` +
        "program reads; in nodeprep:cluster these are machines and ssh.knownHostsFile"
      );
  return undefined;
}
