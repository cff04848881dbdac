import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import {
  containerRuntime,
  runtimeOf,
  type ContainerRuntimeArgs,
} from "../../../components/container-runtime";
import { daemonJson } from "../../../components/container-runtime/daemon-json";
import type { Facts } from "../../../plan/facts";
import { encodeRequirements, requirementName } from "../../../plan/requirement";
import { context, facts } from "./fixtures";

const golden = (name: string): string => readFileSync(join(__dirname, "golden", name), "utf8");
const args: ContainerRuntimeArgs = {
  type: "docker",
  source: "distribution",
  cgroupDriver: "systemd",
  sandboxImage: "registry.k8s.io/pause:3.10.1",
};
const plan = (some: Partial<Facts> = {}, other: Partial<ContainerRuntimeArgs> = {}) =>
  containerRuntime.requirements({ ...args, ...other }, { ...facts, ...some }, context);
const find = (name: string, ...words: Parameters<typeof plan>) => {
  const found = plan(...words).find((r) => requirementName(r) === name);
  if (found === undefined) throw new Error(`${name} is not in the plan`);
  return found;
};

describe("Docker Engine from the distribution", () => {
  it("comes with its containerd before it and cri-dockerd after it", () => {
    expect(plan().map(requirementName)).toEqual([
      "package:apparmor",
      "package:containerd",
      "package:docker.io",
      "package:cri-dockerd",
      "leftovers:docker",
      "directory:/etc/containerd",
      "file:/etc/containerd/config.toml",
      "service:containerd.service",
      "directory:/etc/docker",
      "directory:/etc/systemd/system/docker.service.d",
      "file:/etc/docker/daemon.json",
      "service:docker.socket",
      "service:docker.service",
      "directory:/etc/cni",
      "directory:/etc/cni/net.d",
      "file:/etc/systemd/system/cri-docker.socket.d/10-nodeprep.conf",
      "file:/etc/systemd/system/cri-docker.service.d/10-nodeprep.conf",
      "service:cri-docker.socket",
      "service:cri-docker.service",
      "cgroup_driver:docker",
    ]);
  });

  it("pins the versions that config names, and starts nothing early", () => {
    const versions = { version: "20.10.24+dfsg1-1", criDockerd: { version: "0.3.11-0" } };
    expect(find("package:docker.io", {}, versions).value).toBe(
      "version=20.10.24+dfsg1-1 hold quiet=docker.service,docker.socket",
    );
    expect(find("package:cri-dockerd", {}, versions).value).toBe(
      "version=0.3.11-0 hold quiet=cri-docker.service,cri-docker.socket",
    );
    expect(find("package:cri-dockerd").value).toContain("version=any");
  });

  it("brings the client where that is a package of its own", () => {
    expect(find("package:docker-cli", { osVersion: "13" }).value).toBe("version=any hold");
    expect(() => find("package:docker-cli")).toThrow("not in the plan");
  });

  it("turns the CRI of its containerd off", () =>
    expect(parse(find("file:/etc/containerd/config.toml").body ?? "")).toMatchObject({
      version: 2,
      disabled_plugins: expect.arrayContaining(["io.containerd.grpc.v1.cri"]) as unknown,
    }));

  it("gives cri-dockerd the pause image and the socket", () => {
    const image = { sandboxImage: "registry.example/pause:1" };
    const service = "file:/etc/systemd/system/cri-docker.service.d/10-nodeprep.conf";
    expect(`${find(service, {}, image).body ?? ""}\n`).toBe(golden("cri-docker.service.conf"));
    const socket = "file:/etc/systemd/system/cri-docker.socket.d/10-nodeprep.conf";
    expect(`${find(socket).body ?? ""}\n`).toBe(golden("cri-docker.socket.conf"));
    expect(runtimeOf("docker").criSocket(context)).toBe("unix:///run/cri-dockerd.sock");
  });

  it("is refused where there is no such package", () =>
    expect(() => plan({ packageManager: "dnf", osName: "Rocky Linux 9" })).toThrow(
      /Rocky Linux 9 \(package manager dnf\) has no docker\.io/,
    ));

  it("is the same plan once the file is there", () => {
    const first = plan();
    const written = `${find("file:/etc/docker/daemon.json").body ?? ""}\n`;
    const sha256 = /sha256=(\S+)/.exec(find("file:/etc/docker/daemon.json").value)?.[1] ?? "";
    const files = { "/etc/docker/daemon.json": { content: written, sha256, basedOn: "absent" } };
    expect(encodeRequirements(plan({ files }))).toBe(encodeRequirements(first));
  });
});

describe("daemon.json", () => {
  const config = { cgroupDriver: "systemd", kernel: "6.1.0-40-cloud-amd64" } as const;
  const merged = (user: unknown, other: Partial<{ kernel: string; cgroupDriver: "cgroupfs" }> = {}) =>
    JSON.parse(daemonJson(JSON.stringify(user), { ...config, ...other })) as Record<string, unknown>;

  it("is that of document 003", () => {
    expect(daemonJson(undefined, config)).toBe(golden("daemon.json.golden"));
    expect(daemonJson(" \n", config)).toBe(golden("daemon.json.golden"));
  });

  it("overrides overlay2's look at the kernel on old RHELs", () =>
    expect(daemonJson(undefined, { ...config, kernel: "3.10.0-1160.el7.x86_64" })).toBe(
      golden("daemon-old-rhel.json.golden"),
    ));

  it("keeps the user's keys, in their order, and has one cgroup driver", () => {
    const user = {
      "registry-mirrors": ["https://mirror.example"],
      "exec-opts": ["native.cgroupdriver=cgroupfs", "other=1"],
      "log-driver": "local",
      "log-opts": { "max-file": "3", "max-size": "10m" },
    };
    expect(Object.entries(merged(user))).toEqual([
      ["registry-mirrors", ["https://mirror.example"]],
      ["exec-opts", ["other=1", "native.cgroupdriver=systemd"]],
      ["log-driver", "json-file"],
      ["log-opts", { "max-file": "3", "max-size": "100m" }],
      ["storage-driver", "overlay2"],
    ]);
    expect(merged({}, { cgroupDriver: "cgroupfs" })["exec-opts"]).toEqual(["native.cgroupdriver=cgroupfs"]);
  });

  it("keeps of another log driver's options what json-file knows", () => {
    const user = {
      "log-driver": "syslog",
      "log-opts": { "syslog-address": "udp://192.0.2.1:514", tag: "{{.Name}}", "max-file": "3" },
    };
    expect(merged(user)).toMatchObject({
      "log-driver": "json-file",
      "log-opts": { tag: "{{.Name}}", "max-file": "3", "max-size": "100m" },
    });
    expect(merged(user)["log-opts"]).not.toHaveProperty("syslog-address");
    const local = { "log-driver": "local", "log-opts": { compress: "true" } };
    expect(merged(local)["log-opts"]).toEqual({ "max-size": "100m" });
    const own = { "log-driver": "json-file", "log-opts": { compress: "true", "max-file": "3" } };
    expect(merged(own)["log-opts"]).toEqual({ compress: "true", "max-file": "3", "max-size": "100m" });
  });

  it("has mirrors before the user's, each once, and only where there are some", () => {
    const mirrors = ["https://a.example", "https://b.example"];
    const user = JSON.stringify({ "registry-mirrors": ["https://c.example", "https://a.example"] });
    const all = JSON.parse(daemonJson(user, { ...config, mirrors })) as Record<string, unknown>;
    expect(all["registry-mirrors"]).toEqual([...mirrors, "https://c.example"]);
    expect(merged({})).not.toHaveProperty("registry-mirrors");
  });

  it("leaves a file that has everything as it is", () => {
    const compact = JSON.stringify({ ...merged({}), "exec-opts": ["native.cgroupdriver=systemd", "late=1"] });
    expect(daemonJson(compact, config)).toBe(compact);
    expect(daemonJson(daemonJson('{"debug":true}', config), config)).toBe(
      daemonJson('{"debug":true}', config),
    );
  });

  it.each([
    ["{ debug: true }", /is not valid JSON .*: correct it, or move it away/],
    ["[]", /must be a JSON object/],
    ['{"exec-opts":"native.cgroupdriver=systemd"}', /exec-opts must be a list/],
    ['{"log-opts":[]}', /log-opts must be an object/],
  ])("refuses %s", (content, message) => expect(() => daemonJson(content, config)).toThrow(message));
});

it("tells of a storage driver that Docker has and is to lose", () => {
  const path = "/etc/docker/daemon.json";
  const warned = (content: string, differing = [`file:${path}`]) =>
    containerRuntime.warnings?.(
      args,
      { ...facts, files: { [path]: { sha256: "0", content } } },
      { node: context, requirements: [], differing },
    );
  expect(warned('{ "storage-driver": "zfs" }')).toEqual([
    expect.stringMatching(
      /daemon\.json has the storage driver zfs, .* replaces it with overlay2: .*none of the images/,
    ),
  ]);
  expect(warned('{ "storage-driver": "zfs" }', [])).toEqual([]);
  expect(warned('{ "storage-driver": "overlay2" }')).toEqual([]);
  expect(warned("{}")).toEqual([]);
});
