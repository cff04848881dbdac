import { readFileSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { ed25519Pair } from "../unit/ssh-keys";
import { cleanUp, deadPort } from "../unit/survey/machines";
import { clusterConfig } from "./support/config";
import { preparedCluster, type PreparedCluster } from "./support/prepared-cluster";

/** Another key of the same form: its last characters turned round. */
const another = (key: string): string => key.slice(0, -6) + [...key.slice(-6)].reverse().join("");

/** Nodes that cannot be reached, beside one that can. */
describe("nodes that cannot be surveyed", () => {
  let cluster: PreparedCluster;
  let silent: Server;
  let silentPort: number;
  beforeAll(async () => {
    cluster = await preparedCluster();
    silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    silentPort = (silent.address() as AddressInfo).port;
  });
  afterAll(async () => {
    silent.close();
    await cleanUp();
    await cluster.stop();
  });

  it("are named with the remedy within a minute, and do not hold up the others", async () => {
    const { machine, stack } = cluster;
    const { hostKey } = machine;
    const privateKeyFile = join(stack.folder, "another-key");
    writeFileSync(privateKeyFile, ed25519Pair().private, { mode: 0o600 });
    await stack.configure(
      clusterConfig(
        {
          "node-0": { machine, role: "worker" },
          "wrong-host-key": { machine, role: "worker", host: "localhost", hostKey: another(hostKey) },
          "unknown-host": { machine, role: "worker", host: "no-such-host.invalid" },
          "refused-port": { machine, role: "worker", port: 1 },
          silent: { machine, role: "worker", port: silentPort },
          "wrong-key": { machine, role: "worker", host: "::ffff:127.0.0.1", ssh: { privateKeyFile } },
          dead: { machine, role: "worker", port: await deadPort() },
        },
        { kernel: { sysctls: { "net.ipv4.tcp_keepalive_time": "601" } } },
      ),
    );
    const started = Date.now();
    const preview = await stack.preview();
    expect(Date.now() - started).toBeLessThan(60_000);
    const said = preview.warnings.join("\n");
    expect(said).toMatch(/wrong-host-key was not surveyed.*host key/is);
    expect(said).toMatch(/unknown-host was not surveyed.*no-such-host\.invalid/is);
    expect(said).toMatch(/refused-port was not surveyed.*127\.0\.0\.1:1\b/is);
    expect(said).toMatch(/wrong-key was not surveyed.*refused the login of root .*authorized_keys/is);
    expect(said).toMatch(/dead was not surveyed.*did not answer within \d+ s/is);
    expect(said).toMatch(/silent was not surveyed.*said nothing/is);
    const result = await stack.tryUp();
    expect(result.code).not.toBe(0);
    expect(result.stdout + result.stderr).toMatch(
      /1 of 7 nodes are done: node-0\. Left alone, .*: dead, refused-port, silent, unknown-host, wrong-host-key, wrong-key\./,
    );
    expect(await machine.sh("sysctl -n net.ipv4.tcp_keepalive_time")).toBe("601\n");
  });

  it("are an error in CI", async () => {
    const preview = await cluster.stack.preview({ NODEPREP_SURVEY: "required" });
    expect(preview.code).not.toBe(0);
    expect(preview.text).toContain("NODEPREP_SURVEY=required");
  });

  it("do not block previews when they died later, and can be let go", async () => {
    const { machine, stack } = cluster;
    const node = { machine, role: "worker" } as const;
    await stack.configure(clusterConfig({ "node-0": node }));
    await stack.up();
    await stack.configure(clusterConfig({ "node-0": { ...node, port: 1 } }));
    const preview = await stack.preview();
    expect(preview.changes).toEqual([]);
    expect(preview.warnings.join("\n")).toMatch(/node-0 was not surveyed/);
    await stack.configure(clusterConfig({ "node-0": { ...node, port: 1, retire: "abandon" } }));
    await stack.up();
    await stack.destroy();
    expect(await machine.sh("sysctl -n net.ipv4.ip_forward")).toBe("1\n");
  });
});

describe("secrets", () => {
  let cluster: PreparedCluster;
  beforeAll(async () => {
    cluster = await preparedCluster();
  });
  afterAll(() => cluster.stop());

  it("appear nowhere: not in previews, logs, errors, nor in the clear in the state", async () => {
    const { machine, stack } = cluster;
    const key = readFileSync(machine.privateKeyFile, "utf8");
    const needle = key.split("\n")[2] ?? "no key";
    const password = "correct-horse-battery-staple-7421";
    const node = { machine, role: "worker" } as const;
    const printed: string[] = [];
    await stack.configure(clusterConfig({ "node-0": node }));
    const printUpdate = async () => {
      const { code, stdout, stderr } = await stack.tryUp();
      printed.push(stdout, stderr, await stack.state());
      return code;
    };
    printed.push((await stack.preview()).text);
    expect(await printUpdate()).toBe(0);
    await machine.sh(`echo "root:${password}" | chpasswd
      printf 'PermitRootLogin yes\nPasswordAuthentication yes\n' >/etc/ssh/sshd_config.d/00-password.conf; systemctl reload ssh`);
    await stack.setSecret("nodes.node-0.ssh.password", password);
    printed.push((await stack.preview()).text);
    // Every stage has another connection now, with the password in it.
    expect(await printUpdate()).toBe(0);
    await stack.configure(
      clusterConfig({
        "node-0": { ...node, port: 1 },
        "node-1": { ...node, host: "localhost" },
      }),
    );
    await stack.setSecret("nodes.node-0.ssh.password", password);
    await stack.setSecret("nodes.node-1.ssh.password", `${password}-wrong`);
    const refused = await stack.preview();
    expect(refused.warnings.join("\n")).toMatch(
      /node-1 was not surveyed.*refused the login of root.*the password/is,
    );
    printed.push(refused.text);
    expect(await printUpdate()).not.toBe(0);
    for (const text of printed) {
      expect(text).not.toContain(needle);
      expect(text).not.toContain(password);
    }
    expect(printed.join("")).toContain("node-1");
  });
});
