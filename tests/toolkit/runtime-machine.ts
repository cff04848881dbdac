import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import {
  containerRuntime,
  runtimeSecrets,
  type ContainerRuntimeArgs,
} from "../../components/container-runtime";
import { nodeSecrets } from "../../components/node-secrets";
import type { Facts } from "../../plan/facts";
import { requirementName, type Requirement } from "../../plan/requirement";
import { withSecrets } from "../../plan/secrets";
import { signedAptRepository, type Deb } from "../support/apt-repository";
import type { SignedRepository } from "../support/packages";
import { signedRpmRepository } from "../support/rpm-repository";
import { context, facts } from "../unit/components/fixtures";
import { noAptSources } from "./apt-repository";
import { emptyDnf } from "./dnf-machine";
import { Sandbox, type Result, type Shell } from "./sandbox";

const folder = "/srv/nodeprep-runtimes";
const packages = "cri-o 'docker-ee*' containerd.io cri-dockerd 'kube*' cri-tools";

/** A package manager: how a machine gets it, its repository, and what it says of packages. */
export interface Manager {
  readonly name: "apt" | "dnf";
  readonly url: string;
  readonly build: (of: readonly Deb[]) => Promise<SignedRepository>;
  /** Scripts. */
  readonly machine: string;
  readonly installed: string;
  readonly held: string;
  readonly remove: string;
}

const apt: Manager = {
  name: "apt",
  url: `file:${folder}`,
  build: signedAptRepository,
  // what somebody has of these where the tests run
  machine: `${noAptSources}\ndpkg --remove --force-all kubectl >/dev/null 2>&1 || :`,
  installed: `dpkg-query -W -f '\${Package} \${Version} \${Status}\n' ${packages} 2>/dev/null | sed -n 's/ [a-z]* ok installed//p'`,
  held: "apt-mark showhold",
  remove: "dpkg --remove --force-all",
};

const dnf: Manager = {
  name: "dnf",
  url: `file://${folder}`,
  // the shell of the stand-ins, and of what they run when they are installed, is no package here
  build: (of) =>
    signedRpmRepository(
      of.map(({ postinst: _, ...one }) => ({ ...one, spec: `AutoReqProv: no\n${requires(one)}` })),
    ),
  machine: `${emptyDnf}; printf '[main]\ngpgcheck=1\n' >/etc/dnf/dnf.conf`,
  installed: `rpm -qa --qf '%{NAME} %{EVR}\n' | grep -v -e ^gpg -e selinux | sort`,
  held: "sed -n s/excludepkgs=//p /etc/dnf/dnf.conf | tr ' ' '\n'",
  remove: "rpm -e --nodeps",
};

/** What others a package needs, in the words of a spec. */
const requires = ({ control = "" }: Deb): string => control.replace(/^Depends:/gm, "Requires:");

/** Those that are there. */
export const managers = [apt, dnf].filter(({ name }) => existsSync(`/usr/bin/${name}`));

/** The stage of these arguments on such a machine. */
export const stage = (
  { name }: Manager,
  args: ContainerRuntimeArgs,
  some: Partial<Facts> = {},
): readonly Requirement[] =>
  containerRuntime.requirements(args, { ...facts, packageManager: name, ...some }, context);

/** The requirements after those that bring the secrets of these arguments to the node, in one. */
export function withRuntimeSecrets(
  args: ContainerRuntimeArgs,
  wanted: readonly Requirement[],
): readonly Requirement[] {
  const secrets = { secrets: runtimeSecrets(args) };
  const texts = nodeSecrets.secrets?.(secrets, facts) ?? {};
  return [...withSecrets(nodeSecrets.requirements(secrets, facts, context), texts), ...wanted];
}

/** A sandbox with a package manager, a repository that is signed, and `systemctl.sh` in the place of systemd. */
export class RuntimeMachine {
  private constructor(
    readonly manager: Manager,
    private readonly sandbox: Sandbox,
    private readonly shell: Shell,
  ) {}

  static async open(manager: Manager, { archive }: SignedRepository, shell: Shell): Promise<RuntimeMachine> {
    const sandbox = await Sandbox.open();
    await sandbox.sh(
      `${manager.machine}\nmkdir -p ${folder} /run/systemd/system; base64 -d | tar -C ${folder} -xz`,
      archive,
    );
    const systemctl = readFileSync(join(__dirname, "systemctl.sh"), "utf8");
    await sandbox.sh("cat >/usr/local/sbin/systemctl; chmod 0755 /usr/local/sbin/systemctl", systemctl);
    return new RuntimeMachine(manager, sandbox, shell);
  }

  async close(): Promise<void> {
    await this.sh("cat /run/stand-in/pid.* 2>/dev/null | xargs -r kill 2>/dev/null || :");
    await this.sandbox.close();
  }

  /** Runs a script there, and gives back its output. */
  readonly sh = (script: string): Promise<string> => this.sandbox.sh(script);

  /** Where the repository is there, and the key that its packages are to be signed with. */
  readonly repository = (key: string) => ({ url: this.manager.url, suite: "./", key });

  readonly apply = (wanted: readonly Requirement[]): Promise<Result> =>
    this.sandbox.apply(this.shell, wanted);

  /** Applies what must work, and leave nothing to be done. */
  async applied(wanted: readonly Requirement[]): Promise<void> {
    const { code, stderr } = await this.apply(wanted);
    expect([code, stderr.match(/error:.*/g), stderr]).toEqual([0, null, stderr]);
    expect(await this.phrases(wanted)).toEqual([]);
  }

  /** What differs, `kind:key phrase`. */
  async phrases(wanted: readonly Requirement[]): Promise<readonly string[]> {
    const names = wanted.map(requirementName);
    const seen = await this.sandbox.observe(this.shell, wanted);
    expect(seen.filter(({ name }) => !names.includes(name))).toEqual([]);
    return seen.map(({ name, phrase }) => `${name} ${phrase}`);
  }

  /** Undoes the stage; what it says of what went wrong. */
  async undo(): Promise<readonly string[]> {
    const { code, stderr } = await this.sandbox.undo(this.shell);
    expect(code).toBe(0);
    return stderr.match(/(error|warning):.*/g) ?? [];
  }

  /** Which units were started, restarted and reloaded since the last question. */
  async told(): Promise<readonly string[]> {
    const log = await this.sh("cat /run/stand-in/log; : >/run/stand-in/log");
    return log.split("\n").filter((line) => /^(re)?(start|load)/.test(line));
  }

  /** What is there of packages, of their and our files, and of units. */
  readonly state = (): Promise<string> =>
    this.sh(
      `${this.manager.installed}; ${this.manager.held}; ls /run/stand-in 2>/dev/null | grep -v log
       find /var/lib/kubelet /etc/kubernetes /etc/crictl.yaml 2>/dev/null | sort
       find /etc/crio /etc/containers /etc/docker /etc/containerd /etc/cni /etc/yum.repos.d /etc/apt/keyrings \
         /etc/apt/sources.list.d /etc/pki/rpm-gpg /etc/systemd/system \
         -name '*cri*' -o -name '*nodeprep*' -o -name '*docker*' -o -name '*containerd*' -o -name '*kube*' 2>/dev/null | sort`,
    );
}
