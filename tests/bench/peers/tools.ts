import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { during, toStderr } from "../../../lab/progress";
import { sshArguments } from "../../../lab/ssh";
import { run } from "../../../offline/process";
import { clusterConfig } from "../../e2e/support/config";
import type { TestMachine } from "../../e2e/support/machine";
import { Stack } from "../../e2e/support/stack";

/** A tool on a machine of its own: what people do with it. */
export interface Tool {
  /** What the machine needs before the tool can do anything; not part of its times. */
  readonly prepare?: () => Promise<unknown>;
  readonly apply: () => Promise<unknown>;
  /** Looks without changing anything, and returns what it said. */
  readonly check: () => Promise<string>;
  /** What `check` must say where the running value of net.ipv4.ip_forward is another. */
  readonly sees: RegExp;
  readonly stop?: () => Promise<void>;
}

/** Makes a tool ready for a machine. */
export type ToolFor = (machine: TestMachine, bin: string) => Promise<Tool>;

async function must(
  what: string,
  file: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const work = run(file, args, { cwd: __dirname, env: { ...process.env, ...env } });
  const { code, stdout, stderr } = await during(work, () => what, toStderr);
  if (code !== 0) throw new Error(`${what} ended with ${code}:\n${stdout}${stderr}`);
  return `${stdout}${stderr}`;
}

export const nodeprep: ToolFor = async (machine) => {
  const stack = await Stack.create(clusterConfig({ "node-0": { machine, role: "worker" } }));
  return {
    apply: () => stack.up(),
    check: async () => {
      const { text, changes, warnings } = await stack.preview();
      return `${changes.join("\n")}\n${warnings.join("\n")}\n${changes.length > 0 ? "" : text.slice(-200)}`;
    },
    sees: /sysctl:net\.ipv4\.ip_forward is 0, must be 1/,
    stop: () => stack.remove(),
  };
};

/** Ansible with pipelining, which spares it a connection a task. */
export const ansible: ToolFor = async (machine, bin) => {
  const inventory = machine.path("inventory.ini");
  const target = machine.target();
  // Connections stay open between tasks, as they do by default.
  const words = [
    "-C",
    "-o",
    "ControlMaster=auto",
    "-o",
    "ControlPersist=60s",
    ...sshArguments(target).slice(0, -1),
  ];
  const login = `ansible_host=127.0.0.1 ansible_user=root ansible_ssh_common_args='${words.join(" ")}'`;
  await writeFile(inventory, `node ${login} ansible_python_interpreter=/usr/bin/python3\n`);
  const files = { public_key: machine.publicKey, containerd_config: join(__dirname, "containerd.toml") };
  const args = ["-i", inventory, "-e", JSON.stringify(files), "playbook.yml"];
  const env = { ANSIBLE_PIPELINING: "true", ANSIBLE_NOCOLOR: "true", ANSIBLE_HOME: machine.path("ansible") };
  const play = (...more: string[]): Promise<string> =>
    must("ansible-playbook", join(bin, "ansible-playbook"), [...args, ...more], {
      ...env,
      LC_ALL: "C.UTF-8",
    });
  return {
    prepare: () =>
      machine.sh(
        "DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends python3 python3-apt",
      ),
    apply: () => play(),
    check: () => play("--check", "--diff"),
    sees: /changed: \[node\] => \(item=\{'key': 'net\.ipv4\.ip_forward'/,
  };
};

export const pyinfra: ToolFor = async (machine, bin) => {
  const knownHosts = machine.path("pyinfra_known_hosts");
  await writeFile(knownHosts, `[127.0.0.1]:${machine.port} ${machine.hostKey}\n`);
  const modules = machine.path("k8s.conf");
  await writeFile(modules, "overlay\nbr_netfilter\n");
  const data = {
    ssh_user: "root",
    ssh_port: machine.port,
    ssh_key: machine.privateKeyFile,
    ssh_known_hosts_file: knownHosts,
    ssh_strict_host_key_checking: "yes",
    public_key: machine.publicKey,
    modules,
    containerd: join(__dirname, "containerd.toml"),
  };
  const inventory = machine.path("inventory.py");
  await writeFile(inventory, `nodes = [("127.0.0.1", ${JSON.stringify(data)})]\n`);
  const deploy = (...more: string[]): Promise<string> =>
    must("pyinfra", join(bin, "pyinfra"), [...more, inventory, "deploy.py"], { LC_ALL: "C.UTF-8" });
  return {
    apply: () => deploy("-y"),
    check: () => deploy("--dry"),
    sees: /net\.ipv4\.ip_forward\s+1\b/,
  };
};
