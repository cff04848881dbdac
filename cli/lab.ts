import { spawn } from "node:child_process";
import { bootAll, fleet, forgetAll, shutdownAll } from "../lab/fleet";
import { prepareHost } from "../lab/host";
import { image } from "../lab/image";
import type { Machine } from "../lab/machine";
import { toStderr, type Say } from "../lab/progress";
import { sshArguments } from "../lab/ssh";
import { LabStack } from "../lab/stack";
import { resolveEngine } from "../offline/engine";

const usage = `npm run lab                        build, boot and prepare two machines
npm run lab -- preview [OPTION…]   what differs on the machines, as \`pulumi preview --diff\`
npm run lab -- up [OPTION…]        repair it, as \`pulumi up\`
npm run lab -- destroy [OPTION…]   give the machines back as they were found
npm run lab -- ssh NODE [COMMAND…] log in as root, or run a command
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
  preview: (args) => onStack((stack) => stack.run("preview", "--diff", ...args)),
  up: (args) => onStack((stack) => up(stack, args)),
  destroy: (args) =>
    onStack((stack) => stack.run("destroy", "--yes", "--skip-preview", "--continue-on-error", ...args)),
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
  const [name = "start", ...args] = process.argv.slice(2);
  const command = Object.hasOwn(commands, name)
    ? commands[name]
    : commands[name.replace(/^--?h(elp)?$/, "help")];
  if (command === undefined) {
    process.stderr.write(`there is no lab command '${name}'\n\n${usage}\n`);
    return 2;
  }
  const missing = name === "help" ? [] : await prepareHost();
  if (missing.length === 0) return command(args);
  process.stderr.write(`The lab cannot run here:\n${missing.map((line) => `  ${line}\n`).join("")}`);
  return 1;
}

async function everything(): Promise<number> {
  // An engine that has to be built takes minutes, and so does an image.
  const [machines] = await Promise.all([
    image("base", toStderr).then(() => fleet(toStderr)),
    resolveEngine({ log: toStderr }),
  ]);
  await bootAll(machines);
  const code = await onStack((stack) => up(stack, []));
  if (code === 0) print(next);
  return code;
}

async function onStack(work: (stack: LabStack) => Promise<number>): Promise<number> {
  const machines = await fleet(toStderr);
  for (const machine of machines)
    if (!(await machine.isRunning())) machine.say("is off; `npm run lab` switches it on");
  return work(await LabStack.open(await resolveEngine({ log: toStderr }), print));
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
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
