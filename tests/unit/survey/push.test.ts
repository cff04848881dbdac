import { createHash, randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServerChannel } from "ssh2";
import { archive, binary } from "../../../plan/downloads";
import { filesToPush, pushFiles, type LocalFile } from "../../../survey/push";
import type { Observation } from "../../../survey/types";
import { arrivalsLine } from "../../../toolkit/script";
import { cleanup, cleanUp, server } from "./machines";
import { shell, type SshServer } from "./ssh-server";

describe("what a node lacks", () => {
  const sha256 = "a".repeat(64);
  const stages = [
    {
      name: "kubelet",
      requirements: [
        binary("/usr/local/bin/kubelet", { file: "bin/kubelet", sha256 }),
        binary("/opt/kubelet", { file: "bin/kubelet", sha256 }),
        binary("/usr/local/bin/kubectl", { file: "bin/kubectl", sha256: "b".repeat(64) }),
        binary("/usr/local/bin/kubeadm", { url: "https://m.example/kubeadm", sha256: "c".repeat(64) }),
        archive("tools", "/opt", { file: "bin/tools.tgz", sha256: "d".repeat(64) }),
      ],
    },
  ];
  const seen = (...names: readonly string[]): Observation => ({
    differences: names.map((name) => ({
      ...{ stage: "kubelet", name: `download:${name}`, phrase: "is absent" },
      unrecorded: name.endsWith("kubectl"),
    })),
    ...{ applyId: undefined, owner: undefined },
  });

  test("is each local file that differs, once", () => {
    const all = seen(
      "/usr/local/bin/kubelet",
      "/opt/kubelet",
      "/usr/local/bin/kubectl",
      "/usr/local/bin/kubeadm",
      "tools",
    );
    expect(filesToPush(stages, all)).toEqual([
      { file: "bin/kubelet", sha256, place: "/opt/kubelet" },
      { file: "bin/tools.tgz", sha256: "d".repeat(64), place: undefined },
    ]);
    expect(filesToPush(stages, seen())).toEqual([]);
  });
});

/* The commands run for real, in a folder of the test's own in the place of the node's. */
const MiB = 1024 * 1024;
/** How every command begins that takes the rest of a file. */
const taking = arrivalsLine("take", [], { sudo: false });
jest.setTimeout(30_000);

describe("files of this machine", () => {
  let folder: string;
  let there: string;
  let file: string;
  let content: Buffer;
  let sha256: string;
  let said: string[];
  /** How many bytes each push brought. */
  let took: number[];
  let node: SshServer;
  /** What the login shell's profile prints, without a newline. */
  let title: string;
  /** Bytes of a push after which the connection is lost, for the first pushes. */
  let cuts: number[];

  const write = (bytes: Buffer): void => {
    content = bytes;
    sha256 = createHash("sha256").update(bytes).digest("hex");
    writeFileSync(file, bytes);
  };
  const exec = (command: string, channel: ServerChannel): void => {
    channel.write(title);
    if (command.startsWith(taking)) {
      const index = took.push(0) - 1;
      const cut = cuts.shift() ?? Infinity;
      // What a cut connection had still under way comes when the next one is there already, and must not cut that one.
      const present = [...node.clients];
      const lose = (): void => present.forEach((client) => client.end());
      if (cut === 0) return lose();
      channel.on("data", (bytes: Buffer) => {
        took[index] = (took[index] ?? 0) + bytes.length;
        if ((took[index] ?? 0) > cut) lose();
      });
    }
    shell(command.replaceAll("/var/lib/nodeprep/pushed", there), channel);
  };
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "nodeprep-push-"));
    cleanup(() => rmSync(folder, { recursive: true, force: true }));
    there = join(folder, "there/pushed");
    file = join(folder, "kubelet");
    said = [];
    took = [];
    cuts = [];
    title = "";
    write(randomBytes(4 * MiB));
    node = await server({ exec });
  });
  afterEach(cleanUp);

  const push = (more: Partial<LocalFile> = {}) =>
    pushFiles(
      {
        ...{ node: "node-0", owner: "o/p/s/node-0", adopt: false, packages: [], files: [] },
        connection: node.connection,
      },
      [{ file, sha256, place: undefined, ...more }],
      (text) => said.push(text),
    );
  const arrived = (): readonly string[] => readdirSync(there);

  test("get there behind a profile that sets a terminal's title", async () => {
    title = "\u001b]0;node\u0007";
    await push();
    expect(arrived()).toEqual([sha256]);
  });

  test("get there whole, for the account alone that brought them", async () => {
    await push();
    expect(arrived()).toEqual([sha256]);
    expect(readFileSync(join(there, sha256)).equals(content)).toBe(true);
    expect([statSync(there).mode & 0o777, statSync(join(there, sha256)).mode & 0o777]).toEqual([
      0o700, 0o600,
    ]);
    expect(said).toEqual(["pushing kubelet, 4.0 MiB"]);
    expect(took).toEqual([4 * MiB]);
  });

  test("are not pushed again when they are there, or in their place", async () => {
    await push();
    await push();
    expect(took).toHaveLength(1);
    rmSync(there, { recursive: true });
    await push({ place: file });
    expect([took.length, arrived()]).toEqual([1, []]);
    await push({ place: `${file}-elsewhere` });
    expect(took).toHaveLength(2);
  });

  test("go on where a lost connection left them, in the same update and in the next", async () => {
    cuts = [1.5 * MiB, MiB];
    await push();
    expect(took).toHaveLength(3);
    expect(readFileSync(join(there, sha256)).equals(content)).toBe(true);
    const offsets = said.map((text) => Number(/from byte (\d+)/.exec(text)?.[1] ?? 0));
    expect(offsets[0]).toBe(0);
    expect(offsets[1]).toBeGreaterThan(0.5 * MiB);
    expect(offsets[2]).toBeGreaterThan(offsets[1] ?? Infinity);
    expect(took[2]).toBe(4 * MiB - (offsets[2] ?? 0));

    mkdirSync(there, { recursive: true });
    rmSync(join(there, sha256));
    writeFileSync(join(there, `${sha256}.part`), content.subarray(0, 3 * MiB));
    took = [];
    await push();
    expect(took).toEqual([MiB]);
    expect(arrived()).toEqual([sha256]);
  });

  test("are given up when nothing gets there any more", async () => {
    cuts = [0, 0, 0, 0, 0, 0];
    await expect(push()).rejects.toMatchObject({
      reason: "dropped",
      message: expect.stringMatching(/pushing kubelet was cut off/) as unknown,
    });
    expect(took).toHaveLength(4);
  });

  test("whose part was spoiled there are pushed from the start by the next update", async () => {
    mkdirSync(there, { recursive: true });
    writeFileSync(join(there, `${sha256}.part`), randomBytes(MiB));
    await expect(push()).rejects.toMatchObject({
      reason: "push",
      message: expect.stringMatching(
        /did not take .*kubelet: it has SHA-256 [0-9a-f]{64} there, must have/,
      ) as unknown,
    });
    expect(arrived()).toEqual([]);
    await push();
    expect(took).toEqual([3 * MiB, 4 * MiB]);
  });

  test("that nobody asks for any more go", async () => {
    await push();
    const old = sha256;
    writeFileSync(join(there, `${"0".repeat(64)}.part`), "x");
    write(randomBytes(100));
    await push();
    expect(existsSync(join(there, old))).toBe(false);
    expect(arrived()).toEqual([sha256]);
  });

  test("that have gone here in the meantime are said", async () => {
    rmSync(file);
    await expect(push()).rejects.toMatchObject({
      reason: "push",
      message: expect.stringMatching(/kubelet cannot be read any more/) as unknown,
    });
  });
});
