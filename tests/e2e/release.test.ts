import { copyFile, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { kubernetes } from "../../lab/kubernetes";
import { toStderr, waitFor } from "../../lab/progress";
import { archiveRelease, binaryRelease, containerd, crictl, runc, type Release } from "../../lab/releases";
import type { RunResult } from "../../offline/process";
import { clusterConfig } from "./support/config";
import { makeImage, sandboxConfig } from "./support/container";
import { FileServer } from "./support/file-server";
import { compare, fingerprint } from "./support/fingerprint";
import { processesDuring } from "./support/node-processes";
import { closed, ClosedRegistry } from "./support/registry";
import { bareMachine, leave, type TestMachine } from "./support/machine";
import { kill, ours } from "./support/processes";
import { Stack, type ClusterConfig } from "./support/stack";

/*
 * containerd 2 and runc from their releases, built from their Go modules, on a machine that has something at the places
 * where they go. What does the work afterwards is real: containers from an image that is made on the machine. kubectl
 * comes from a folder of the operator's machine. All of it by a user with `sudo -n`.
 */
describe("containerd from its project's release", () => {
  let releases: Record<"containerd" | "runc" | "crictl" | "kubectl", Release>;
  let folder: string;
  let size: number;
  let failed: RunResult;
  let server: FileServer;
  let machine: TestMachine;
  let stack: Stack;
  let found: string;

  const { registry, username, password, sent, hosts } = closed;
  let mirror: ClosedRegistry;

  const configuration = (runcSum: string, account = {}): ClusterConfig =>
    clusterConfig(
      { "node-0": { machine, role: "worker", user: "ops" } },
      {
        firewall: { backend: "none" },
        hostNames: "managed",
        runtime: {
          source: "release",
          registryMirrors: {
            "registry.example.org": ["https://mirror.example.org"],
            [registry]: [{ url: mirror.url, ...account }],
          },
          release: {
            version: "2.2.0",
            url: server.url("containerd-{version}-linux-{arch}.tar.gz"),
            sha256: { amd64: releases.containerd.sha256 },
            runc: { version: "1.3.3", url: server.url("runc.{arch}"), sha256: { amd64: runcSum } },
          },
        },
        kubernetes: { files: `${folder}/{name}` },
      },
    );

  beforeAll(async () => {
    releases = {
      containerd: await archiveRelease(containerd, "bin"),
      runc: await binaryRelease(runc, "runc"),
      crictl: await binaryRelease(crictl, "crictl"),
      kubectl: await binaryRelease(kubernetes, "kubectl"),
    };
    folder = await mkdtemp(join(tmpdir(), "nodeprep-binaries-"));
    await copyFile(releases.kubectl.file, join(folder, "kubectl"));
    ({ size } = await stat(releases.kubectl.file));
    server = await FileServer.open({
      "containerd-2.2.0-linux-amd64.tar.gz": releases.containerd.file,
      "runc.amd64": releases.runc.file,
      crictl: releases.crictl.file,
    });
    mirror = await ClosedRegistry.open(`Basic ${sent}`);
    machine = await bareMachine();
    await machine.sh(`
      mkdir -p /etc/containerd; echo '# mine' >/etc/containerd/config.toml; chmod 0640 /etc/containerd/config.toml
      printf '#!/bin/sh\\necho theirs\\n' >/usr/local/bin/runc; chmod 0755 /usr/local/bin/runc`);
    found = await fingerprint(machine);
    stack = await Stack.create(configuration("0".repeat(64)));
  });
  afterAll(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
    mirror.close();
    await leave(stack, machine);
  });

  const mebibytes = (): string => (size / 1048576).toFixed(1);
  /** Bytes of kubectl that have arrived on the machine. */
  const arrived = async (): Promise<number> =>
    Number(await machine.sh("stat -c %s /var/lib/nodeprep/pushed/*.part 2>/dev/null || echo 0"));

  it("gets kubectl from a folder: a push that is killed half-way is gone on with by the next update", async () => {
    // What writes there is held, as a network that forgets the connection would leave it. More looks would slow the push.
    await machine.sh(`setsid -f sh -c '
      until [ "$(stat -c %s /var/lib/nodeprep/pushed/*.part 2>/dev/null || echo 0)" -gt 4000000 ]; do sleep 1; done
      pkill -STOP -x cat; : >/run/held' >/dev/null 2>&1 </dev/null`);
    const update = stack.tryUp();
    await waitFor(async () => ((await machine.sh("ls /run/held 2>/dev/null || :")) ? true : undefined), {
      ...{ what: "4 MB of kubectl to arrive", limit: 240, say: toStderr, every: 1000 },
    });
    kill(stack.folder, "pulumi");
    expect((await update).code).not.toBe(0);
    await waitFor(() => Promise.resolve(ours(stack.folder).length === 0 ? true : undefined), {
      ...{ what: "the program to end", limit: 30, say: toStderr, every: 1000 },
    });
    await stack.must(["cancel", "--yes"]);
    const before = await arrived();
    expect(before).toBeGreaterThan(4_000_000);
    expect(before).toBeLessThan(size);

    // It fails for runc's sum, after the push.
    failed = await stack.tryUp();
    expect(failed.stdout + failed.stderr).toContain(
      `pushing kubectl, ${mebibytes()} MiB, from byte ${before} on`,
    );
    await machine.sh("pkill -CONT -x cat; rm /run/held");
    expect(
      await machine.sh("cd /var/lib/nodeprep/pushed; stat -c '%n %s %a %U' *; sha256sum * | cut -d' ' -f1"),
    ).toBe(`${releases.kubectl.sha256} ${size} 600 root\n${releases.kubectl.sha256}\n`);
  });

  it("replaces nothing by what has the wrong SHA-256, and says which it has", async () => {
    expect(failed.code).not.toBe(0);
    expect(failed.stdout + failed.stderr).toContain(`has SHA-256 ${releases.runc.sha256} (`);
    expect(failed.stdout + failed.stderr).toContain(`must have ${"0".repeat(64)}; nothing was replaced`);
    expect(await machine.sh("runc; ls -A /usr/local/bin; systemctl is-active containerd || :")).toBe(
      "theirs\nrunc\ninactive\n",
    );
  });

  it("runs, as the file that it checked itself has it", async () => {
    await stack.configure(configuration(releases.runc.sha256));
    expect(await stack.up()).not.toContain("pushing kubectl");
    expect(
      await machine.sh(
        "sha256sum </usr/local/bin/kubectl; stat -c %a:%U /usr/local/bin/kubectl; ls -A /var/lib/nodeprep/pushed; kubectl version --client | head -n 1; uname -n; cat /etc/hostname; getent hosts node-0 | tr -s ' '; sysctl -n net.ipv4.ip_forward",
      ),
    ).toBe(
      `${releases.kubectl.sha256}  -\n755:root\nClient Version: v1.34.2\nnode-0\nnode-0\n127.0.1.1 node-0\n1\n`,
    );
    expect(await stack.state()).toContain(releases.kubectl.sha256);
    expect(await stack.state()).not.toContain(folder);
    expect(
      await machine.sh(
        `systemctl is-active containerd; systemctl is-enabled containerd; containerd --version | cut -d' ' -f3
         ctr version | grep -c 'Version: *v2.2.0'; runc --version | head -n 1
         systemctl show -P ExecStart containerd | grep -o 'path=[^ ]*'
         containerd config dump | grep -e SystemdCgroup -e BinaryName | tr -d ' ' | tr '"' "'" | sort
         cat /etc/containerd/certs.d/registry.example.org/hosts.toml | tail -n 2`,
      ),
    ).toBe(
      `active\nenabled\nv2.2.0\n2\nrunc version 1.3.3\npath=/bin/containerd\nBinaryName='/usr/local/bin/runc'\nSystemdCgroup=true\n[host."https://mirror.example.org"]\ncapabilities = [ "pull", "resolve" ]\n`,
    );
    const outputs = await stack.outputs();
    expect(outputs).toMatchObject({
      nodes: { "node-0": { runtime: "containerd", runtimeVersion: "2.2.0" } },
    });
    await stack.expectNoChanges();
  });

  it("runs a container, and a pod that was asked for at its CRI socket", async () => {
    await machine.sh(makeImage("registry.k8s.io/pause:3.10.1"));
    expect(
      await machine.sh(
        "ctr -n k8s.io run --rm registry.k8s.io/pause:3.10.1 one /bin/sh -c 'echo in a container, as $$'",
      ),
    ).toBe("in a container, as 1\n");
    await machine.sh(`curl -fsS -o /root/crictl ${server.url("crictl")}; chmod 0755 /root/crictl`);
    const answer = await machine.sh(`
      crictl() { /root/crictl --runtime-endpoint unix:///run/containerd/containerd.sock --timeout 60s "$@"; }
      crictl version | grep -e RuntimeName -e RuntimeApiVersion
      echo '${sandboxConfig}' >/root/pod.json
      pod=$(crictl runp /root/pod.json)
      crictl pods -q --state ready | wc -l
      grep -o 'kubepods.*scope' "/proc/$(crictl inspectp "$pod" | sed -n 's/.*"pid": \\([0-9]*\\),.*/\\1/p' | head -n 1)/cgroup" | sed "s/$pod/POD/"
      crictl stopp "$pod" >/dev/null; crictl rmp "$pod" >/dev/null
      crictl pods -q | wc -l`);
    expect(answer).toBe(
      "RuntimeName:  containerd\nRuntimeApiVersion:  v1\n1\nkubepods.slice/cri-containerd-POD.scope\n0\n",
    );
    await machine.sh("rm -rf /root/image /root/pod.json");
  });

  it("pulls through a mirror that wants a password once it has one, which nobody sees", async () => {
    expect(await machine.sh(closed.pull)).toMatch(/failed\n$/);
    expect(mirror.answers.map((line) => line.slice(0, 4))).toContain("401 ");
    expect(mirror.answers.filter((line) => !line.startsWith("401 "))).toEqual([]);
    await stack.configure(configuration(releases.runc.sha256, { username }));
    await stack.setSecret(`runtime.registryMirrors["${registry}"][0].password`, password);
    const preview = await stack.preview();
    expect(preview.changes).toEqual(["node-0-container-runtime: update", "node-0-node-secrets: create"]);
    const { processes, result } = await processesDuring(machine, () => stack.up());
    expect(processes).toContain("\nnode-secrets\n");
    const said = preview.text + result + (await stack.state()) + processes;
    expect(said).toMatch(/secret=mirrors-127\.0\.0\.1-5999-[0-9a-f]{8} digest=/);
    expect([said.includes(password), said.includes(sent)]).toEqual([false, false]);
    expect(await machine.sh(`stat -c '%a %U' ${hosts}; grep -c '${sent}' ${hosts}`)).toBe("600 root\n1\n");
    mirror.answers.length = 0;
    expect(await machine.sh(closed.pull)).toContain("Image is up to date for ");
    expect(mirror.answers.map((line) => line.slice(0, 4))).not.toContain("401 ");
    await machine.sh("rm /root/crictl");
    await stack.expectNoChanges();
  });

  it("sees its programs changed, and repairs them, from a server that dies half-way too", async () => {
    await machine.sh(
      `printf x >>/bin/containerd-shim-runc-v2; chmod 0700 /usr/local/bin/runc; printf x >>/usr/local/bin/kubectl
       echo '# theirs' >>${hosts}`,
    );
    const preview = await stack.preview();
    expect(preview.changes).toEqual([
      "node-0-container-runtime: update",
      "node-0-kubernetes-binaries: update",
    ]);
    expect(await machine.sh("ls -A /var/lib/nodeprep/pushed")).toBe("");
    expect(preview.warnings).toEqual(
      expect.arrayContaining([
        expect.stringContaining(
          "download:containerd differs: /bin/containerd-shim-runc-v2 has other content",
        ),
        expect.stringContaining("download:/usr/local/bin/runc has mode 700, must have 755"),
        expect.stringContaining("download:/usr/local/bin/kubectl has other content"),
        expect.stringContaining(`file:${hosts} has other content (a secret, not shown)`),
      ]),
    );
    server.asked.length = 0;
    server.diesAfter = 5_000_000;
    expect(await stack.up()).toContain(`pushing kubectl, ${mebibytes()} MiB`);
    expect(server.asked).toEqual([
      "/containerd-2.2.0-linux-amd64.tar.gz 0",
      expect.stringMatching(/^\/containerd-2\.2\.0-linux-amd64\.tar\.gz [1-9]\d+$/),
    ]);
    await stack.expectNoChanges();
    expect(await machine.sh("systemctl is-active containerd; sha256sum </usr/local/bin/kubectl")).toBe(
      `active\n${releases.kubectl.sha256}  -\n`,
    );
    expect(await machine.sh(`stat -c %a ${hosts}`)).toBe("600\n");
  });

  it("gives the machine back as it was found", async () => {
    await stack.destroy();
    expect(compare(found, await fingerprint(machine))).toEqual([]);
    expect(
      await machine.sh("runc; cat /etc/containerd/config.toml; ls -A /var/lib/nodeprep 2>&1 | wc -l"),
    ).toBe("theirs\n# mine\n1\n");
    expect(await machine.sh(`grep -rlF '${sent}' /etc /var/lib /var/log /run /tmp /root || :`)).toBe("");
  });
});
