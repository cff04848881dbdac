import { containerRuntime } from "../../components/container-runtime";
import type { Requirement } from "../../plan/requirement";
import type { SignedRepository } from "../support/packages";
import { signedRpmRepository, type Rpm } from "../support/rpm-repository";
import { context, facts } from "../unit/components/fixtures";
import { dnfMachine, rpmFolder, withDnf } from "./dnf-machine";
import { type Sandbox, shells, type Shell } from "./sandbox";

/*
 * The packages of Docker's repository for the RHEL family, as the stage states them, through dnf and rpm themselves.
 * The packages are small stand-ins with the right names; those of Docker cannot be had where the tests run.
 */
const rpms: readonly Rpm[] = [
  { name: "containerd.io", version: "1.7.28-1", conffile: "containerd" },
  { name: "docker-ce", version: "28.5.0-1", spec: "Requires: containerd.io, docker-ce-cli" },
  { name: "docker-ce", version: "28.5.1-1", spec: "Requires: containerd.io, docker-ce-cli" },
  { name: "docker-ce-cli", version: "28.5.1-1" },
  { name: "cri-dockerd", version: "0.3.20-3", spec: "Requires: containerd.io" },
];
let signed: SignedRepository;
let other: SignedRepository;
beforeAll(async () => {
  if (withDnf === describe.skip) return;
  [signed, other] = await Promise.all([signedRpmRepository(rpms), signedRpmRepository(rpms)]);
});

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await dnfMachine(signed);
});
afterEach(() => sandbox.close());

/** What Docker's stage states of repository and packages on Rocky Linux. */
const wanted = (key = signed.key): readonly Requirement[] =>
  containerRuntime
    .requirements(
      {
        type: "docker",
        source: "docker",
        cgroupDriver: "systemd",
        sandboxImage: "registry.k8s.io/pause:3.10.1",
        version: "28.5.0-1",
        repository: { url: `file://${rpmFolder}`, key },
      },
      { ...facts, osId: "rocky", osVersion: "9.6", osName: "Rocky Linux 9.6", packageManager: "dnf" },
      context,
    )
    .filter(({ kind, key: name }) => kind === "package" || (kind === "file" && /pki|yum/.test(name)));

const repositoryFile = "/etc/yum.repos.d/nodeprep-runtime.repo";
const keyFile = "/etc/pki/rpm-gpg/RPM-GPG-KEY-nodeprep-runtime";

const differences = async (shell: Shell) =>
  (await sandbox.observe(shell, wanted())).map(({ name, phrase }) => `${name} ${phrase}`);
/** Packages, keys that rpm has imported, and every file of dnf's configuration. */
const state = () =>
  sandbox.sh(
    `rpm -qa --qf '%{NAME} %{EVR}\n' | sort
     find /etc/yum.repos.d /etc/pki/rpm-gpg /etc/dnf -type f -exec sha256sum {} + | sort -k 2; ls -d /etc/containerd.io.conf 2>&1 || :`,
  );

withDnf.each(shells)("Docker's packages through dnf, under %s", (shell) => {
  it("come from the repository, in their versions, and go with it", async () => {
    const before = await state();
    expect((await sandbox.observe(shell, wanted())).map(({ name }) => name)).toEqual([
      `file:${keyFile}`,
      `file:${repositoryFile}`,
      "package:containerd.io",
      "package:docker-ce",
      "package:docker-ce-cli",
      "package:cri-dockerd",
    ]);
    const applied = await sandbox.apply(shell, wanted());
    expect([applied.code, applied.stderr.match(/error:.*/g)]).toEqual([0, null]);
    expect(await differences(shell)).toEqual([]);
    expect(await state()).toMatch(
      /containerd\.io 1\.7\.28-1\ncri-dockerd 0\.3\.20-3\ndocker-ce 28\.5\.0-1\n(.*\n)*gpg-pubkey/,
    );
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await state()).toBe(before);
  });
});

withDnf("Docker's packages through dnf, tampered with", () => {
  const shell = "dash";

  it.each([
    [
      "the check of signatures off",
      `sed -i s/gpgcheck=1/gpgcheck=0/ ${repositoryFile}`,
      "file",
      /gpgcheck=0/,
    ],
    ["another key", `echo x >>${keyFile}`, "file", /x/],
    ["the repository gone", `rm ${repositoryFile}`, "file", /absent/],
    ["not held", "sed -i /excludepkgs/d /etc/dnf/dnf.conf", "package", /not held/],
    ["a package removed", "rpm -e cri-dockerd", "package:cri-dockerd", /not installed/],
    [
      "another version",
      "dnf -q -y --setopt=excludepkgs= install docker-ce-28.5.1 >/dev/null 2>&1",
      "package:docker-ce",
      /28\.5\.1-1, must be 28\.5\.0-1/,
    ],
  ])("are seen and repaired: %s", async (_title, tampering, name, phrase) => {
    const before = await state();
    await sandbox.apply(shell, wanted());
    await sandbox.sh(tampering);
    const seen = await differences(shell);
    expect(seen[0]).toMatch(phrase);
    expect(seen.filter((line) => !line.startsWith(name))).toEqual([]);
    expect((await sandbox.apply(shell, wanted())).code).toBe(0);
    expect(await differences(shell)).toEqual([]);
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await state()).toBe(before);
  });
});

withDnf("a repository of rpms that is signed with another key", () => {
  it("is refused by dnf itself, with the reason, and undo leaves nothing", async () => {
    const before = await state();
    const result = await sandbox.apply("dash", wanted(other.key));
    expect([result.code, result.stderr]).toEqual([
      1,
      expect.stringContaining("the signature of the repository, or of a package"),
    ]);
    expect(await sandbox.sh("rpm -qa | grep -v gpg-pubkey || :")).toBe("");
    expect((await sandbox.undo("dash")).code).toBe(0);
    expect(await state()).toBe(before);
  });
});
