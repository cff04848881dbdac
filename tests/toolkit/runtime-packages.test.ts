import type { ContainerRuntimeArgs } from "../../components/container-runtime";
import { Secret } from "../../config/secret";
import type { Facts } from "../../plan/facts";
import type { SignedRepository } from "../support/packages";
import { crioPackage, emptyPackage, mirantisPackages } from "../support/runtime-stand-ins";
import { managers, RuntimeMachine, stage, withRuntimeSecrets } from "./runtime-machine";
import type { Shell } from "./sandbox";

/*
 * The whole stage of runtimes that cannot be had here: the real apt and the real dnf, on signed repositories of
 * stand-in packages. There is no service manager in a sandbox: systemctl.sh stands in for it.
 */
const shared = { cgroupDriver: "systemd", sandboxImage: "registry.k8s.io/pause:3.10.1" } as const;
const short = (lines: readonly string[]) => lines.map((line) => line.split(" ").slice(0, 3).join(" "));

describe.each(managers)("with $name", (manager) => {
  let signed: SignedRepository;
  let other: SignedRepository;
  let machine: RuntimeMachine;
  beforeAll(async () => {
    const packages = [crioPackage("1.34.1-1.1"), crioPackage("1.34.2-1.1"), ...mirantisPackages("25.0.9-3")];
    const needed = ["apparmor", "container-selinux"].map(emptyPackage);
    [signed, other] = await Promise.all([
      manager.build([...packages, ...needed]),
      manager.build([emptyPackage("other")]),
    ]);
  });
  afterEach(() => machine.close());

  const open = async (shells: Readonly<Record<"apt" | "dnf", Shell>>) => {
    machine = await RuntimeMachine.open(manager, signed, shells[manager.name]);
    return machine.state();
  };

  describe("CRI-O", () => {
    const args = (more: Partial<ContainerRuntimeArgs> = {}): ContainerRuntimeArgs => ({
      ...{ ...shared, type: "cri-o", source: "project", version: "1.34.1-1.1" },
      repository: machine.repository(signed.key),
      ...more,
    });
    const crio = (more: Partial<ContainerRuntimeArgs> = {}, some: Partial<Facts> = {}) =>
      stage(manager, args(more), some);

    it("is installed, repaired, reloaded or restarted, and taken away", async () => {
      const before = await open({ apt: "dash", dnf: "busybox" });
      await machine.applied(crio());
      expect(await machine.state()).toMatch(/^cri-o 1\.34\.1-1\.1\ncri-o\n/);
      expect(await machine.told()).toEqual(["start crio.service"]);

      await machine.sh(
        `sed -i 's/"systemd"/"cgroupfs"/' /etc/crio/crio.conf.d/02-cgroup-manager.conf; systemctl restart crio.service`,
      );
      expect(await machine.phrases(crio())).toEqual([
        expect.stringContaining('other content (line 3 is "cgroup_manager = "cgroupfs""'),
        "cgroup_driver:crio is cgroupfs, must be systemd",
      ]);
      await machine.sh(
        `systemctl disable crio.service; ${manager.remove} cri-o >/dev/null 2>&1; rm -f /etc/crio/crio.conf.d/20-network.conf`,
      );
      expect(short(await machine.phrases(crio()))).toEqual(
        expect.arrayContaining([
          "package:cri-o is not",
          "file:/etc/crio/crio.conf.d/20-network.conf is absent,",
        ]),
      );
      await machine.sh("systemctl stop crio.service");
      await machine.applied(crio());
      await machine.told();

      const registryMirrors = { "docker.io": [{ url: "https://m.example" }] };
      await machine.applied(crio({ sandboxImage: "registry.example/pause:9", registryMirrors }));
      expect(await machine.told()).toEqual(["reload-or-restart crio.service"]);
      expect(await machine.sh("cat /etc/containers/registries.conf.d/50-nodeprep-mirrors.conf")).toContain(
        'location = "m.example"',
      );
      await machine.applied(crio({ cgroupDriver: "cgroupfs" }, { cgroupVersion: 1 }));
      expect(await machine.told()).toEqual(["restart crio.service"]);
      expect(await machine.sh("cat /run/crio-started")).toBe("cgroupfs\n");

      await machine.sh(
        `printf '#!/bin/sh\\necho "crictl $*" >>/run/stand-in/log\\n' >/usr/local/bin/crictl; chmod 0755 /usr/local/bin/crictl`,
      );
      expect(await machine.undo()).toEqual([]);
      expect(await machine.sh("cat /run/stand-in/log")).toMatch(
        /^crictl -r unix:\/\/\/var\/run\/crio\/crio\.sock rmp --all --force\nstop crio\.service\n/,
      );
      expect(await machine.state()).toBe(before);
    });

    it("has a mirror's password in a file for root alone, for as long as it is wanted", async () => {
      const before = await open({ apt: "bash", dnf: "dash" });
      const url = "https://m.example/hub";
      const credentials = { username: "nodes", password: new Secret("not-to-be-seen") };
      const closed = { "docker.io": [{ url, credentials }] };
      const wanted = withRuntimeSecrets(args({ registryMirrors: closed }), crio({ registryMirrors: closed }));
      await machine.applied(wanted);
      const path = "/etc/crio/nodeprep-auth.json";
      expect(await machine.sh(`stat -c '%a %U' ${path}; cat ${path}`)).toBe(
        '600 root\n{"auths":{"m.example/hub":{"auth":"bm9kZXM6bm90LXRvLWJlLXNlZW4="}}}\n',
      );
      await machine.told();
      await machine.sh(`echo ' ' >>${path}`);
      expect(await machine.phrases(wanted)).toEqual([`file:${path} has other content (a secret, not shown)`]);
      await machine.applied(wanted);
      expect(await machine.told()).toEqual([]);

      await machine.applied(crio({ registryMirrors: { "docker.io": [{ url }] } }));
      expect(await machine.sh(`ls ${path} 2>&1 || :; grep -rl bm9kZXM /etc /var/lib || :`)).not.toMatch(
        /^\//m,
      );
      expect(await machine.undo()).toEqual([]);
      expect(await machine.state()).toBe(before);
    });

    it("changes its version over the hold, and comes back to it", async () => {
      await open({ apt: "bash", dnf: "bash" });
      for (const version of ["1.34.1", "1.34.2", "1.34.1"]) {
        await machine.applied(crio({ version: `${version}-1.1` }));
        expect(await machine.state()).toContain(`cri-o ${version}-1.1\ncri-o\n`);
      }
      await machine.sh(
        "bash -c 'exec -a /usr/libexec/crio/conmon sleep 60' >/dev/null 2>&1 & echo $! >/run/stand-in/pid.conmon",
      );
      expect(await machine.undo()).toEqual([
        expect.stringContaining("containers of CRI-O run on, with their mounts"),
      ]);
    });

    it("is not installed from a repository that another key has signed", async () => {
      const before = await open({ apt: "dash", dnf: "dash" });
      const result = await machine.apply(crio({ repository: machine.repository(other.key) }));
      expect([result.code, result.stderr]).toEqual([
        1,
        expect.stringContaining("the signature of the repository"),
      ]);
      expect(await machine.state()).not.toMatch(/^cri-o/);
      expect(await machine.undo()).toEqual([]);
      expect(await machine.state()).toBe(before);
    });
  });

  describe("Mirantis Container Runtime", () => {
    const mirantis = (some: Partial<Facts> = {}, key = signed.key) =>
      stage(
        manager,
        {
          ...{ ...shared, type: "mirantis", source: "repository", version: "25.0.9-3" },
          repository: machine.repository(key),
        },
        some,
      );
    const dropIn = "/etc/systemd/system/cri-docker.service.d/10-nodeprep-mirantis.conf";
    const socketUnit = "/usr/lib/systemd/system/cri-docker.socket";

    it("is installed, has the socket of its unit, is repaired and taken away", async () => {
      const before = await open({ apt: "bash", dnf: "dash" });
      const first = await machine.apply(mirantis());
      expect([first.code, first.stderr]).toEqual([
        1,
        expect.stringContaining(
          "cri-docker.socket listens at /run/mcr/cri-dockerd.sock, must listen at /run/cri-dockerd.sock; its unit is read before each update",
        ),
      ]);
      const content = await machine.sh(`cat ${socketUnit}`);
      const wanted = mirantis({ files: { [socketUnit]: { sha256: "0", content } } });
      await machine.applied(wanted);
      expect((await machine.apply(wanted)).stdout).toContain(
        "runtime.criSocket=unix:///run/mcr/cri-dockerd.sock\n",
      );
      expect(await machine.state()).toContain("docker-ee 25.0.9-3\ndocker-ee-cli 25.0.9-3\n");

      await machine.sh(`sed -i s/pause:/other:/ ${dropIn}; systemctl stop cri-docker.socket`);
      expect(short(await machine.phrases(wanted))).toEqual([
        `file:${dropIn} has other`,
        "service:cri-docker.socket is inactive,",
      ]);
      await machine.told();
      await machine.applied(wanted);
      expect(await machine.told()).toEqual(["start cri-docker.socket", "restart cri-docker.service"]);
      expect(await machine.sh("cat /run/dockerd-started")).toBe("systemd\n");

      expect(await machine.undo()).toEqual([]);
      expect(await machine.state()).toBe(before);
    });

    it("is not installed from a repository that another key has signed", async () => {
      await open({ apt: "busybox", dnf: "busybox" });
      const result = await machine.apply(mirantis({}, other.key));
      expect([result.code, result.stderr]).toEqual([
        1,
        expect.stringContaining("the signature of the repository"),
      ]);
      expect(await machine.state()).not.toContain("docker-ee 2");
    });
  });
});
