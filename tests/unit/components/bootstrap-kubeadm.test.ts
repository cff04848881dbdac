import * as pki from "../config/certificates";

interface Command {
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly ignoreChanges: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

const node = {
  ...{ host: "192.0.2.10", sshPort: 22, sshUser: "root", podSubnets: [], cgroupDriver: "systemd" },
  ...{ criSocket: "unix:///run/c.sock", runtime: "containerd", sandboxImage: "pause:3.10.1" },
};
const discovery = "discovery:\n  bootstrapToken:\n    token: abcdef.0123456789abcdef\n";
const prepared = {
  cluster: {
    ...{ name: "dev", kubernetesVersion: "1.34.2", cni: "bridge" },
    ...{ podCidrs: ["10.200.0.0/16"], serviceCidrs: ["10.32.0.0/24"] },
    ...{ clusterConfiguration: "kind: Cluster\n", kubeletConfiguration: "kind: Kubelet\n" },
  },
  nodes: {
    plane: { ...node, role: "control-plane", initConfiguration: "kind: Init\n" },
    worker: { ...node, role: "worker", joinConfiguration: `kind: Join\n${discovery}` },
  },
};
const hash = `sha256:${"7".repeat(64)}`;
const printedByInit = `kubeadm join --token <value withheld> --discovery-token-ca-cert-hash ${hash}\n`;

/**
 * The example as the engine would run it, in modules of its own since it reads its configuration while it is loaded.
 *
 * @param before what the stack has exported
 * @param stdout what `kubeadm init`, or the update of its Command, has printed
 */
async function run(dryRun: boolean, before: object = {}, stdout = printedByInit) {
  jest.resetModules();
  const pulumi = await import("@pulumi/pulumi");
  const stacks: Record<string, object> = { "org/nodeprep/prod": prepared, "org/bootstrap/test": before };
  await pulumi.runtime.setMocks(
    {
      newResource: ({ name, inputs }) => ({
        id: name,
        state: { ...(inputs as object), outputs: stacks[name] ?? {}, stdout, secretOutputNames: [] },
      }),
      call: ({ inputs }) => inputs as Record<string, unknown>,
    },
    ...(["bootstrap", "test", false, "org"] as const),
  );
  pulumi.runtime.setAllConfig({ "bootstrap:stack": "org/nodeprep/prod", "bootstrap:dryRun": String(dryRun) });
  const commands: Command[] = [];
  const known = <T>(value: T) =>
    new Promise<unknown>((resolve) => void pulumi.output(value).apply(resolve)) as Promise<T>;
  let outputs: unknown;
  let thrown: unknown;
  await pulumi.runtime.runInPulumiStack(async () => {
    const noted: Promise<unknown>[] = [];
    pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
      const { ignoreChanges = [], deleteBeforeReplace = false } = opts as Partial<Command>;
      if (type === "command:remote:Command")
        noted.push(
          known(props as Command["inputs"]).then((inputs) =>
            commands.push({ name, inputs, ignoreChanges, deleteBeforeReplace }),
          ),
        );
      return undefined;
    });
    const { default: program } = await import("../../../examples/bootstrap-kubeadm");
    // What a program throws would end jest, too.
    outputs = await program().then(known, (cause: unknown) => (thrown = cause));
    await Promise.all(noted);
  });
  if (thrown !== undefined) throw thrown as Error;
  return { commands: Object.fromEntries(commands.map((one) => [one.name, one])), outputs };
}

describe("examples/bootstrap-kubeadm", () => {
  it("runs kubeadm, and resets what it made", async () => {
    const { commands, outputs } = await run(false);
    expect(Object.keys(commands)).toEqual(["plane-init", "worker-join"]);
    expect(commands["plane-init"]).toMatchObject({
      inputs: {
        create: "sh -c 'exec kubeadm init --skip-token-print --config /dev/stdin'",
        update: "sh -c 'exec cat /etc/kubernetes/pki/ca.crt'",
        delete: "sh -c 'exec kubeadm reset --force --cri-socket unix:///run/c.sock'",
      },
      ignoreChanges: ["create", "stdin"],
    });
    for (const command of Object.values(commands)) expect(command.deleteBeforeReplace).toBe(true);
    expect(commands["worker-join"]?.inputs).toMatchObject({
      create: "sh -c 'exec kubeadm join --config /dev/stdin'",
      update: "true",
      stdin: expect.stringContaining(`caCertHashes:\n      - ${hash}`) as unknown,
    });
    expect(outputs).toEqual({ joined: ["worker"], caCertHash: hash });
  });

  it("makes a dry run by Commands of other names, which a real run does not update, and nothing resets", async () => {
    const { commands, outputs } = await run(true);
    expect(Object.keys(commands)).toEqual(["plane-init-dry-run", "worker-join-dry-run"]);
    for (const { inputs, ignoreChanges } of Object.values(commands)) {
      expect(inputs["create"]).toMatch(/ --config \/dev\/stdin --dry-run'$/);
      expect(inputs).toMatchObject({ update: undefined, delete: undefined });
      expect(ignoreChanges).toEqual([]);
    }
    expect(outputs).toEqual({ checked: ["worker"] });
    expect(await run(true, outputs as object)).toMatchObject({ outputs });
  });

  it("refuses a dry run of the cluster that it made, which would be reset for it", () =>
    expect(run(true, { joined: [], caCertHash: hash })).rejects.toThrow("which a dry run would reset"));

  it("knows the CA's hash after an update of the Command, which prints the certificate", async () => {
    // openssl x509 -pubkey -noout | openssl pkey -pubin -outform der | sha256sum
    const expected = "sha256:ff66c789c5efce7611381c749ea546c044a23f9f91763c5d5e9feaef2ef648b2";
    const { commands, outputs } = await run(false, {}, pki.ca);
    expect(outputs).toEqual({ joined: ["worker"], caCertHash: expected });
    expect(commands["worker-join"]?.inputs["stdin"]).toContain(expected);
  });
});
