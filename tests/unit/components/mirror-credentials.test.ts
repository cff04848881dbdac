import {
  containerRuntime,
  runtimeSecrets,
  type ContainerRuntimeArgs,
} from "../../../components/container-runtime";
import { stagesOf } from "../../../components/stages";
import { encodeRequirements, requirementName } from "../../../plan/requirement";
import { secretFile } from "../../../plan/secrets";
import { cluster, config } from "../config/fixtures";
import { context, facts } from "./fixtures";

/* Passwords of mirrors: on the node in one file, and in no requirement. */
const password = "hunter2-ü";
const basic = Buffer.from(`nodes:${password}`).toString("base64");
const runtime = (type: string, more: object = {}) =>
  config({
    runtime: {
      type,
      registryMirrors: {
        "docker.io": [
          { url: "https://m.example/v2/hub", username: "nodes", password },
          "http://open.example",
        ],
        "quay.io:5000": ["http://open.example"],
      },
      ...more,
    },
  });
const key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----";
const mirrors = cluster(runtime("containerd")).runtime.registryMirrors;
const shared = { cgroupDriver: "systemd", sandboxImage: "registry.k8s.io/pause:3.10.1" } as const;
const containerd: ContainerRuntimeArgs = {
  ...shared,
  type: "containerd",
  source: "distribution",
  registryMirrors: mirrors,
};
const crio: ContainerRuntimeArgs = {
  ...{ ...shared, type: "cri-o", source: "project", repository: { key } },
  registryMirrors: mirrors,
};
const plan = (args: ContainerRuntimeArgs) => containerRuntime.requirements(args, facts, context);

describe.each([
  ["containerd", containerd, "/etc/containerd/certs.d/docker.io/hosts.toml"],
  ["cri-o", crio, "/etc/crio/nodeprep-auth.json"],
])("%s", (_type, args, path) => {
  it("has them in one file, for root alone, made of a secret of the node", () => {
    const [[id, secret] = [], ...others] = Object.entries(runtimeSecrets(args));
    expect(others).toEqual([]);
    const text = secret?.reveal() ?? "";
    expect(text).toContain(basic);
    expect(plan(args).filter(({ value }) => value.includes("secret="))).toEqual([
      secretFile(path, { id: id ?? "", text, key: facts.secretsKey }),
    ]);
    expect(plan(args).find((one) => one.key === path)?.value).toMatch(/^mode=0600 owner=root:root secret=/);
  });

  it("has them in no requirement, and restarts nothing for another password", () => {
    const text = encodeRequirements(plan(args));
    expect(text).not.toContain(password);
    expect(text).not.toContain(basic);
    expect(plan(args).filter(({ kind, value }) => kind === "service" && value.includes(path))).toEqual([]);
  });

  it("has no secret without them", () => {
    const open = { ...args, registryMirrors: { "docker.io": [{ url: "https://m.example" }] } };
    expect(runtimeSecrets(open)).toEqual({});
    expect(encodeRequirements(plan(open))).not.toMatch(/secret=|auth/);
  });
});

test("containerd sends a mirror's with every request, and others nothing", () =>
  expect(Object.values(runtimeSecrets(containerd)).map((secret) => secret.reveal())).toEqual([
    `# Written by nodeprep.
server = "https://registry-1.docker.io"

[host."https://m.example/v2/hub"]
capabilities = [ "pull", "resolve" ]

[host."https://m.example/v2/hub".header]
Authorization = "Basic ${basic}"

[host."http://open.example"]
capabilities = [ "pull", "resolve" ]
`,
  ]));

test("CRI-O has them by the mirror's folder, in a file that its configuration names", () => {
  expect(Object.values(runtimeSecrets(crio)).map((secret) => JSON.parse(secret.reveal()) as unknown)).toEqual(
    [{ auths: { "m.example/hub": { auth: basic } } }],
  );
  const named = plan(crio).find(({ body }) => body?.includes("global_auth_file"));
  expect(named?.body).toMatch(/\[crio\.image\]\nglobal_auth_file = "\/etc\/crio\/nodeprep-auth\.json"$/);
  const service = plan(crio).find(({ kind }) => kind === "service");
  expect(/restart-after=(\S+)/.exec(service?.value ?? "")?.[1]).toContain(requirementName(named!));
});

test("they come to every node by the stage before the runtime's", () => {
  const spec = cluster(runtime("containerd"));
  const names = stagesOf(spec, spec.nodes[0]!).map(({ name }) => name);
  expect(names.slice(-2)).toEqual(["node-secrets", "container-runtime"]);
});
