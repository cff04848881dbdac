import { spawn } from "node:child_process";
import { relative } from "node:path";
import { bootAll, devMachines, fleet, forgetAll, shutdownAll, workers } from "../lab/fleet";
import { prepareHost } from "../lab/host";
import { image } from "../lab/image";
import type { Machine } from "../lab/machine";
import { toStderr, type Say } from "../lab/progress";
import { sshArguments } from "../lab/ssh";
import { clusterStack, devStack, isConfigured, LabStack, type LabStackOptions } from "../lab/stack";
import { resolveEngine } from "../offline/engine";
import { messageOf } from "../survey/errors";

const usage = `npm run lab                        build, boot and prepare two machines
npm run lab -- preview [OPTION…]   what differs on the machines, as \`pulumi preview --diff\`
npm run lab -- up [OPTION…]        repair it, as \`pulumi up\`
npm run lab -- destroy [OPTION…]   give the machines back as they were found
npm run lab -- ssh NODE [COMMAND…] log in as root, or run a command
npm run lab -- cluster             an API server, two more machines that join it as workers, Pods on them
npm run lab -- cluster --once      the same, and the API server ends when the Pods have run
npm run lab -- cluster VERB        preview, up or destroy on those workers
npm run lab -- status              which machines run
npm run lab -- down                switch the machines off; they keep their disks
npm run lab -- forget              switch them off, and delete them and the stack's state`;

const next = `
What to try next:
  npm run lab -- ssh node-1 sysctl -w net.ipv4.ip_forward=0   tamper with something
  npm run lab -- preview                                      see exactly that
  npm run lab -- up                                           repair exactly that
  npm run lab -- destroy                                      give the machines back
  npm run lab -- down                                         switch them off`;

const print: Say = (line) => void process.stdout.write(`${line}\n`);

/** Each command returns the exit code. */
const commands: Readonly<Record<string, (args: readonly string[]) => Promise<number>>> = {
  start: () => everything(),
  preview: (args) => onStack(devStack, "preview", args),
  up: (args) => onStack(devStack, "up", args),
  destroy: (args) => onStack(devStack, "destroy", args),
  cluster: ([verb, ...args]) =>
    verb !== undefined && isVerb(verb) ? onStack(clusterStack, verb, args) : cluster(verb !== "--once"),
  ssh: (args) => login(args),
  status: async () => {
    for (const machine of await fleet(toStderr))
      print(
        `${machine.name}  ${machine.host}:${machine.port}  ${(await machine.isRunning()) ? "running" : "off"}`,
      );
    return 0;
  },
  down: async () => {
    await shutdownAll(await fleet(toStderr));
    return 0;
  },
  forget: async () => {
    await forgetAll(await fleet(toStderr));
    return 0;
  },
  help: () => {
    print(usage);
    return Promise.resolve(0);
  },
};

async function main(): Promise<number> {
  const [word = "start", ...args] = process.argv.slice(2);
  const name = word.replace(/^--?h(elp)?$/, "help");
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) return noCommand(name);
  // Said before any machine is started: without a verb it would be the start of a cluster.
  const [verb = "--once"] = args;
  if (name === "cluster" && verb !== "--once" && !isVerb(verb)) return noCommand(`cluster ${verb}`);
  const missing = name === "help" ? [] : await prepareHost();
  if (missing.length === 0) return command(args);
  process.stderr.write(`The lab cannot run here:\n${missing.map((line) => `  ${line}\n`).join("")}`);
  return 1;
}

function noCommand(words: string): number {
  process.stderr.write(`there is no lab command '${words}'\n\n${usage}\n`);
  return 2;
}

/** What `pulumi` is asked to do with a stack. */
const verbs = {
  preview: (stack: LabStack, args: readonly string[]) => stack.run("preview", "--diff", ...args),
  up,
  destroy: (stack: LabStack, args: readonly string[]) =>
    stack.run("destroy", "--yes", "--skip-preview", "--continue-on-error", ...args),
};

const isVerb = (word: string): word is keyof typeof verbs => Object.hasOwn(verbs, word);

async function everything(): Promise<number> {
  await ready(devMachines);
  const code = await onStack(devStack, "up", []);
  if (code === 0) print(next);
  return code;
}

/** Gets an engine, and boots machines. An engine that has to be built takes minutes, and so does an image. */
async function ready(which: typeof workers): Promise<readonly Machine[]> {
  const [machines] = await Promise.all([
    image("base", toStderr).then(() => fleet(toStderr, which)),
    resolveEngine({ log: toStderr }),
  ]);
  await bootAll(machines);
  return machines;
}

/** The workers go on when this ends; the API server ends with it. */
async function cluster(stays: boolean): Promise<number> {
  // It loads Pulumi's SDK for Kubernetes, which takes seconds: no other command is to wait for that.
  const { Cluster } = await import("../lab/cluster");
  const machines = await ready(workers);
  const shown = await Cluster.start(machines, print);
  try {
    const code = await onStack(shown.stack(), "up", []);
    if (code !== 0) return code;
    await shown.show();
    if (stays) await untilInterrupted(shown.plane.path("admin.kubeconfig"));
    return 0;
  } finally {
    await shown.stop();
  }
}

function untilInterrupted(kubeconfig: string): Promise<void> {
  print(`
The API server runs until Ctrl-C ends it. Meanwhile, in another terminal:
  kubectl --kubeconfig ${relative(process.cwd(), kubeconfig)} get pods -o wide
  npm run lab -- cluster preview
  npm run lab -- ssh worker-0
Afterwards, npm run lab -- down switches the machines off.`);
  // What serves downloads keeps this process running.
  return new Promise((resolve) => {
    process.once("SIGINT", resolve);
  });
}

async function onStack(
  options: LabStackOptions,
  verb: keyof typeof verbs,
  args: readonly string[],
): Promise<number> {
  const which = options === devStack ? devMachines : workers;
  const start = options === devStack ? "npm run lab" : "npm run lab -- cluster";
  if (!(await isConfigured(options))) {
    process.stderr.write(`the workers were never prepared; \`${start}\` does that\n`);
    return 1;
  }
  for (const machine of await fleet(toStderr, which))
    if (!(await machine.isRunning())) machine.say(`is off; \`${start}\` switches it on`);
  return verbs[verb](await LabStack.open(options, await resolveEngine({ log: toStderr }), print), args);
}

async function up(stack: LabStack, args: readonly string[]): Promise<number> {
  // The outputs are shown once, below, as other programs read them.
  const words = ["--yes", "--skip-preview", "--suppress-outputs", "--continue-on-error"];
  const code = await stack.run("up", ...words, ...args);
  if (code === 0) print(`\nOutputs:\n${await stack.outputs()}`);
  return code;
}

async function login(args: readonly string[]): Promise<number> {
  const [name, ...command] = args;
  const machines = await fleet(toStderr);
  const machine = machines.find((one) => one.name === name);
  if (machine === undefined) {
    process.stderr.write(`name a machine of the lab: ${machines.map((one) => one.name).join(", ")}\n`);
    return 2;
  }
  return interactive(machine, command);
}

function interactive(machine: Machine, command: readonly string[]): Promise<number> {
  const child = spawn("ssh", [...sshArguments(machine.target()), ...command], { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("exit", (code) => resolve(code ?? 1));
  });
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  },
);
