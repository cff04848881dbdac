import { RunError, runtime } from "@pulumi/pulumi";
import { documentedKeys } from "../../../config/documentation/keys";
import { plainSecrets } from "../../../config/plain-secrets";
import { ConfigError, loadCluster } from "../../../config/pulumi";
import { clusterSchema } from "../../../config/schema";
import { config } from "./fixtures";

const set = (value: string): void =>
  runtime.setAllConfig({ "nodeprep:cluster": value }, ["nodeprep:cluster"]);

const failure = (): Promise<unknown> =>
  loadCluster().then(
    () => undefined,
    (error: unknown) => error,
  );

test("reads a stack's configuration, secrets as Secrets", async () => {
  set(JSON.stringify(config({ ssh: { password: "hunter2" } })));
  const { nodes } = await loadCluster();
  const auth = nodes[0]?.connection.auth;
  expect(auth?.method === "password" && auth.password.reveal()).toBe("hunter2");
});

test("throws one error with all mistakes", async () => {
  set(JSON.stringify(config({ name: "A B", swap: "off", ssh: { password: "x" } })));
  const error = await failure();
  expect(error).toBeInstanceOf(ConfigError);
  // Pulumi shows all else with a stack trace.
  expect(RunError.isInstance(error)).toBe(true);
  expect(String(error)).toMatch(/has 2 mistakes.*\n.*cluster\.name: .*\n.*cluster\.swap: /);
});

test("the sysctls that the stages require are known", async () => {
  set(JSON.stringify(config({ ssh: { password: "x" }, kernel: { sysctls: { "kernel.panic": 0 } } })));
  expect(String(await failure())).toContain("0 contradicts what Kubernetes needs, 10");
  const kernel = { sysctls: { "net.ipv6.conf.all.forwarding": 0 } };
  const ipv6 = { podCidr: "fd00:200::/48", serviceCidr: "fd00:32::/112" };
  set(JSON.stringify(config({ ssh: { password: "x" }, kernel, ...ipv6 })));
  expect(String(await failure())).toContain("0 contradicts what Kubernetes needs, 1;");
});

test("text that is no mapping is not echoed", async () => {
  set("password=hunter2");
  const message = String(await failure());
  expect(message).toContain("nodeprep:cluster: is no mapping; write it as YAML");
  expect(message).not.toContain("hunter2");
});

test("a stack without it is told what is missing", async () => {
  runtime.setAllConfig({});
  expect(String(await failure())).toContain("nodeprep:cluster: is missing");
});

test("a mirror's password in the clear is one, too, with the path that Pulumi understands", async () => {
  const mirror = { url: "https://m.example", username: "nodes", password: "hunter2" };
  const value = config({ runtime: { registryMirrors: { "docker.io": [mirror] } } });
  runtime.setAllConfig({ "nodeprep:cluster": JSON.stringify(value) }, []);
  const message = String(await failure());
  expect(message).toContain(
    `set it with pulumi config set --secret --path 'nodeprep:cluster.runtime.registryMirrors["docker.io"][0].password'`,
  );
  expect(message).not.toContain("hunter2");
});

test("a secret in the clear is a mistake, which names it and not its text", async () => {
  const value = config({ ssh: { password: "hunter2" } });
  runtime.setAllConfig({ "nodeprep:cluster": JSON.stringify(value) }, []);
  const message = String(await failure());
  expect(message).toContain("nodeprep:cluster.ssh.password: is in the clear");
  expect(message).toContain("pulumi config set --secret --path 'nodeprep:cluster.ssh.password'");
  expect(message).not.toContain("hunter2");
});

/** The least configuration that has a text at a path as the documentation writes it. */
const withText = (path: string): unknown =>
  path.split(".").reduceRight<unknown>((inner, part) => {
    const [name = "", list] = part.replace(/^<.*>/, "chosen").split("[]");
    return { [name]: list === undefined ? inner : [inner] };
  }, "hunter2");

const secretPaths = documentedKeys(clusterSchema).flatMap(({ path, secret }) =>
  secret === true ? [path] : [],
);

test.each(secretPaths)("%s, which the schema calls secret, is one", (path) => {
  runtime.setAllConfig({ "nodeprep:cluster": "{}" }, []);
  const [problem] = plainSecrets(withText(path));
  expect(problem?.path.at(-1)).toBe(path.split(".").at(-1));
});

test("what is known of versions, and of kube-proxy's sysctls, is known", async () => {
  const runtimeOf = { runtime: { type: "docker", version: "18.06.1" } };
  const kernel = { sysctls: { "net.ipv4.conf.all.route_localnet": 0 } };
  set(
    JSON.stringify(config({ ssh: { password: "x" }, ...runtimeOf, kernel, kubeProxy: { kubeconfig: "x" } })),
  );
  const message = String(await failure());
  expect(message).toContain("runtime.version: 18.06.1 lets a container overwrite runc");
  expect(message).toContain("0 contradicts what kube-proxy in mode iptables needs, 1");
});
