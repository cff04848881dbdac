import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { operatorSources } from "../../../config/sources";
import { cluster, config, mistakes, sources, type Mapping } from "./fixtures";

/** The beginning of a program for this machine, as elf(5) has it. */
const program = (machine: number, isLittle = true): string => {
  const head = Buffer.alloc(64);
  head.write("\x7fELF\x02", "latin1");
  head[5] = isLittle ? 1 : 2;
  if (isLittle) head.writeUInt16LE(machine, 18);
  else head.writeUInt16BE(machine, 18);
  return head.toString("latin1");
};
const amd64 = program(0x3e);
const arm64 = program(0xb7);
const sum = (text: string): string => createHash("sha256").update(Buffer.from(text, "latin1")).digest("hex");

const from = (files: Readonly<Record<string, string>>) => sources(files);
const kubernetes = (more: Mapping): Mapping => config({ kubernetes: more });

test("programs of a folder are those that are there, each with its sum", () => {
  const files = { "bin/kubelet": amd64, "bin/kubectl": amd64, "bin/notes": "x" };
  expect(cluster(kubernetes({ files: "bin/{name}" }), from(files)).kubernetes).toMatchObject({
    sha256: { kubelet: { amd64: sum(amd64) }, kubectl: { amd64: sum(amd64) } },
    files: { kubelet: { amd64: "bin/kubelet" }, kubectl: { amd64: "bin/kubectl" } },
  });
});

test("of several architectures, from the operator's home, for the version", () => {
  const files = {
    "/home/op/1.34.2/amd64/kubelet": amd64,
    "/home/op/1.34.2/arm64/kubelet": arm64,
    "/home/op/1.34.2/s390x/kubelet": program(0x16, false),
  };
  const sha256 = { kubelet: { arm64: sum(arm64) } };
  expect(
    cluster(kubernetes({ files: "~/{version}/{arch}/{name}", sha256 }), from(files)).kubernetes?.files,
  ).toEqual({
    kubelet: {
      amd64: "/home/op/1.34.2/amd64/kubelet",
      arm64: "/home/op/1.34.2/arm64/kubelet",
      s390x: "/home/op/1.34.2/s390x/kubelet",
    },
  });
});

test("each from a folder of its own, as Kubernetes the hard way has them", () => {
  const files = { "d/worker/kubelet": amd64, "d/client/kubectl": amd64, "d/worker/kubeadm": amd64 };
  const given = { kubelet: "d/worker/kubelet", kubectl: "d/client/{name}" };
  expect(cluster(kubernetes({ files: given }), from(files)).kubernetes?.files).toEqual({
    kubelet: { amd64: "d/worker/kubelet" },
    kubectl: { amd64: "d/client/kubectl" },
  });
});

test.each<[string, Mapping, Readonly<Record<string, string>>, string]>([
  [
    "nothing there",
    { files: "bin/{name}" },
    {},
    "kubernetes.files: bin/{name} names no file that is there, of kubelet, kube-proxy, kubectl, kubeadm; correct the path",
  ],
  [
    "another sum",
    { files: "bin/{name}", sha256: { kubelet: { amd64: "0".repeat(64) } } },
    { "bin/kubelet": amd64 },
    `kubernetes.sha256.kubelet.amd64: ${"0".repeat(64)} is not the SHA-256 of bin/kubelet, which is ${sum(amd64)}; get the file again`,
  ],
  [
    "a sum of what is not there",
    { files: "bin/{name}", sha256: { kubectl: { amd64: sum(amd64) } } },
    { "bin/kubelet": amd64 },
    "kubernetes.sha256.kubectl.amd64: is given, but kubernetes.files has no kubectl for amd64; put it there",
  ],
  [
    "a sum for an architecture that is not there",
    { files: "bin/{arch}/{name}", sha256: { kubelet: { arm64: sum(arm64) } } },
    { "bin/amd64/kubelet": amd64 },
    "kubernetes.sha256.kubelet.arm64: is given, but kubernetes.files has no kubelet for arm64; put it there",
  ],
  [
    "an error page",
    { files: "bin/{name}" },
    { "bin/kubelet": "<html>404</html>" },
    "kubernetes.files: bin/kubelet is no program for Linux on amd64, arm64, ppc64le, s390x; put the program itself there",
  ],
  [
    "the wrong architecture",
    { files: "bin/{arch}/{name}" },
    { "bin/amd64/kubelet": arm64 },
    "kubernetes.files: bin/amd64/kubelet is for arm64, must be for amd64",
  ],
  [
    "a URL as well",
    { files: "bin/{name}", url: "https://m.example/{name}" },
    { "bin/kubelet": amd64 },
    "kubernetes.url: goes without kubernetes.files, which is given too; remove one of the two",
  ],
  [
    "one of its own that is not there",
    { files: { kubelet: "bin/kubelet", kubectl: "client/{name}" } },
    { "bin/kubelet": amd64 },
    "kubernetes.files.kubectl: client/{name} names no file that is there; correct the path",
  ],
  [
    "one of its own that is none",
    { files: { kubelet: "bin/kubelet", kubectl: "bin/kubectl" } },
    { "bin/kubelet": "<html>404</html>", "bin/kubectl": amd64 },
    "kubernetes.files.kubelet: bin/kubelet is no program for Linux on amd64",
  ],
  [
    "one file for two",
    { files: { kubelet: "bin/kubelet", kubectl: "bin/kubelet" } },
    { "bin/kubelet": amd64 },
    "kubernetes.files.kubectl: bin/kubelet is given for kubelet too, and two programs are two files; correct one",
  ],
  ["none at all", { files: {} }, {}, "kubernetes.files: names no file that is there, of kubelet, kube-proxy"],
  [
    "a sum of one that has no path",
    { files: { kubelet: "bin/kubelet" }, sha256: { kubectl: { amd64: sum(amd64) } } },
    { "bin/kubelet": amd64 },
    "kubernetes.sha256.kubectl.amd64: is given, but kubernetes.files has no kubectl for amd64",
  ],
  [
    "another program",
    { files: { kubelet: "bin/kubelet", etcd: "bin/etcd" } },
    { "bin/kubelet": amd64 },
    "kubernetes.files.etcd: is not a known key",
  ],
  [
    "another word in a path of its own",
    { files: { kubelet: "{os}/kubelet" }, sha256: { kubelet: { amd64: sum(amd64) } } },
    {},
    'kubernetes.files.kubelet: "{os}/kubelet" has {os}, known are {version}, {arch}, {name}',
  ],
  [
    "no name in it",
    { files: "bin/kubelet" },
    {},
    "kubernetes.files: bin/kubelet must be a file's path with {name} in it",
  ],
  ["another word", { files: "{os}/{name}" }, {}, "has {os}, known are {version}, {arch}, {name}"],
  [
    "packages",
    { source: "packages", files: "bin/{name}", repository: { url: "https://m.example/", keyFile: "/k" } },
    { "/k": "x" },
    "kubernetes.files: says where programs are pushed from, but kubernetes.source is packages",
  ],
])("%s: refused", (_title, given, files, expected) => {
  const found = mistakes(kubernetes(given), from(files));
  expect(found[0]).toContain(expected);
  expect(found.filter((line) => line.startsWith("kubernetes.files") || line.includes("sha256"))).toHaveLength(
    expected.includes("kubernetes.url") ? 0 : 1,
  );
});

test("a large file is read piece by piece", () => {
  const folder = mkdtempSync(join(tmpdir(), "nodeprep-files-"));
  try {
    const path = join(folder, "kubelet");
    const content = amd64 + "x".repeat(3_000_000);
    writeFileSync(path, content, "latin1");
    const { lookInto } = operatorSources();
    expect(lookInto(path)).toEqual({ sha256: sum(content), architecture: "amd64" });
    expect(lookInto(folder)).toEqual({ error: "is a directory" });
    expect(lookInto(join(folder, "none"))).toEqual({ error: "does not exist" });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
