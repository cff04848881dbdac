import { createHash } from "node:crypto";
import { cluster, config, mistakes, sources, type Mapping } from "./fixtures";

/** The beginning of a program for this machine, as elf(5) has it. */
const program = (machine: number): string => {
  const head = Buffer.alloc(64);
  head.write("\x7fELF\x02\x01", "latin1");
  head.writeUInt16LE(machine, 18);
  return head.toString("latin1");
};
const amd64 = program(0x3e);
const arm64 = program(0xb7);
const sum = (text: string): string => createHash("sha256").update(Buffer.from(text, "latin1")).digest("hex");

const files = {
  "d/containerd-2.2.0-amd64.tgz": "containerd",
  "d/runc": amd64,
  "/home/op/d/cni-amd64.tgz": "cni",
  "/home/op/d/cni-arm64.tgz": "cni for arm64",
  "d/crictl.tgz": "crictl",
  "d/cri-dockerd.tgz": "cri-dockerd",
};
const of = (version: string, file: string, content: string, more: Mapping = {}): Mapping => ({
  ...{ version, file, sha256: { amd64: sum(content) } },
  ...more,
});
const runc = of("1.3.3", "d/runc", amd64);
const containerd = of("2.2.0", "d/containerd-{version}-{arch}.tgz", "containerd", { runc });
const runtime = (release: Mapping): Mapping => ({ runtime: { source: "release", release } });
const cni = (more: Mapping = {}): Mapping => ({
  cni: { type: "calico", release: of("1.8.0", "~/d/cni-{arch}.tgz", "cni", more) },
});

test("every release may be a file of the operator's machine", () => {
  const sha256 = { amd64: sum("cni"), arm64: sum("cni for arm64") };
  const all = {
    ...runtime(containerd),
    ...cni({ sha256 }),
    kubernetes: { crictl: of("1.34.0", "d/crictl.tgz", "crictl") },
  };
  expect(cluster(config(all), sources(files))).toMatchObject({
    runtime: { release: { file: "d/containerd-{version}-{arch}.tgz", runc: { file: "d/runc" } } },
    cni: { release: { file: "/home/op/d/cni-{arch}.tgz", sha256 } },
    kubernetes: { crictl: { file: "d/crictl.tgz" } },
  });
  const release = of("0.3.21", "d/cri-dockerd.tgz", "cri-dockerd");
  expect(
    cluster(config({ runtime: { type: "docker", criDockerd: { release } } }), sources(files)).runtime,
  ).toMatchObject({ criDockerd: { release: { file: "d/cri-dockerd.tgz" } } });
});

test("~ is the operator's home in all of them", () => {
  const at = Object.fromEntries(Object.entries(files).map(([path, text]) => [`/home/op/${path}`, text]));
  const all = {
    ...runtime({
      ...containerd,
      file: "~/d/containerd-2.2.0-amd64.tgz",
      runc: { ...runc, file: "~/d/runc" },
    }),
    kubernetes: { crictl: of("1.34.0", "~/d/crictl.tgz", "crictl") },
  };
  expect(cluster(config(all), sources(at))).toMatchObject({
    runtime: {
      release: { file: "/home/op/d/containerd-2.2.0-amd64.tgz", runc: { file: "/home/op/d/runc" } },
    },
    kubernetes: { crictl: { file: "/home/op/d/crictl.tgz" } },
  });
  const release = of("0.3.21", "~/d/cri-dockerd.tgz", "cri-dockerd");
  expect(
    cluster(config({ runtime: { type: "docker", criDockerd: { release } } }), sources(at)).runtime,
  ).toMatchObject({ criDockerd: { release: { file: "/home/op/d/cri-dockerd.tgz" } } });
});

const zeros = "0".repeat(64);

test.each<[string, Mapping, string]>([
  [
    "that is not there",
    cni({ sha256: { amd64: sum("cni"), s390x: zeros } }),
    "cni.release.file: /home/op/d/cni-s390x.tgz does not exist, but cni.release.sha256.s390x is given; correct the path, which is taken from the folder of Pulumi.yaml, or remove the sum",
  ],
  [
    "with another sum",
    cni({ sha256: { amd64: zeros } }),
    `cni.release.sha256.amd64: ${zeros} is not the SHA-256 of /home/op/d/cni-amd64.tgz, which is ${sum("cni")}; get the file again`,
  ],
  [
    "and a URL",
    cni({ url: "https://mirror.example.org/cni.tgz" }),
    "cni.release.url: goes without cni.release.file, which is given too; remove one of the two",
  ],
  [
    "of the wrong kind, for runc",
    runtime({ ...containerd, runc: { ...runc, file: "d/crictl.tgz" } }),
    "runtime.release.runc.file: d/crictl.tgz is no program for Linux on amd64; put the program itself there",
  ],
  [
    "of the wrong kind, for an archive",
    { kubernetes: { crictl: of("1.34.0", "d/runc", amd64) } },
    "kubernetes.crictl.file: d/runc is a program, must be the archive that holds it; put the tar.gz there, as its project publishes it",
  ],
  [
    "for another architecture",
    runtime({ ...containerd, runc: of("1.3.3", "d/arm", arm64) }),
    "runtime.release.runc.file: d/arm is for arm64, must be for amd64",
  ],
  [
    "with a word that nobody knows",
    cni({ file: "{os}/cni.tgz" }),
    'cni.release.file: "{os}/cni.tgz" has {os}, known are {version}, {arch}',
  ],
  [
    "for two architectures, each with its sum",
    cni({ file: "~/d/cni-amd64.tgz", sha256: { amd64: sum("cni"), arm64: zeros } }),
    `cni.release.sha256.arm64: ${zeros} is not the SHA-256 of /home/op/d/cni-amd64.tgz`,
  ],
  [
    "of a version that is none",
    runtime({ ...containerd, version: "v2" }),
    "runtime.release.version: v2 must be a whole version",
  ],
])("a file %s is refused", (_title, changes, expected) => {
  expect(mistakes(config(changes), sources({ ...files, "d/arm": arm64 }))).toEqual([
    expect.stringContaining(expected),
  ]);
});

test("one sum for the files of two architectures is refused, one file with one sum is fine", () => {
  const both = { amd64: sum("cni"), arm64: sum("cni") };
  const same = { ...files, "/home/op/d/cni-arm64.tgz": "cni" };
  expect(mistakes(config(cni({ sha256: both })), sources(same))).toEqual([
    expect.stringContaining("is the SHA-256 of cni.release.sha256.amd64 too, and two files have two"),
  ]);
  const one = cni({ file: "~/d/cni-amd64.tgz", sha256: both });
  expect(mistakes(config(one), sources(files))).toEqual([]);
});
