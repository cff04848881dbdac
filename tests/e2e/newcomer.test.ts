import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { labClone, type LabClone } from "./support/lab-clone";

/* The README's first commands, on machines that the lab boots for them. */
describe("a newcomer", () => {
  let lab: LabClone;
  beforeAll(async () => {
    lab = await labClone();
  });
  afterAll(async () => {
    await lab.run("forget");
    await lab.remove();
  });

  /** A command of the lab that succeeds. */
  const succeed = async (...words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await lab.run(...words);
    if (code !== 0) throw new Error(`npm run lab -- ${words.join(" ")}: ${code}\n${stdout}${stderr}`);
    return stdout;
  };
  const config = () => readFile(join(lab.folder, "Pulumi.dev.yaml"), "utf8");
  const status = async () => [...(await succeed("status")).matchAll(/^(node-\d) .* (\w+)$/gm)];

  it("has two prepared machines after `npm run lab`, and is told what to try", async () => {
    const before = await config();
    const said = await succeed();
    const [outputs = "", next] = said.slice(said.indexOf("\nOutputs:\n") + 10).split("\nWhat to try next:\n");
    expect(JSON.parse(outputs)).toMatchObject({
      cluster: { name: "dev" },
      nodes: { "node-0": { role: "control-plane" }, "node-1": { role: "worker", cgroupDriver: "systemd" } },
    });
    expect(next).toContain("npm run lab -- ssh node-1 sysctl -w net.ipv4.ip_forward=0");
    expect((await status()).map(([, name, state]) => [name, state])).toEqual([
      ["node-0", "running"],
      ["node-1", "running"],
    ]);
    const look = "cat /proc/sys/net/ipv4/ip_forward; systemctl is-active containerd firewalld; id -un kube";
    for (const name of ["node-0", "node-1"])
      expect(await succeed("ssh", name, look)).toBe("1\nactive\nactive\nkube\n");
    expect(await config()).toBe(before);
  });

  it("sees what was tampered with, and has it repaired", async () => {
    await succeed("preview", "--expect-no-changes");
    await succeed("ssh", "node-1", "sysctl -w net.ipv4.ip_forward=0");
    const preview = await succeed("preview");
    expect(preview.match(/node-\d: \w+:\S+ is .*/g)).toEqual([
      expect.stringMatching(/^node-1: sysctl:net\.ipv4\.ip_forward is 0, must be 1/),
    ]);
    await succeed("up");
    expect(await succeed("ssh", "node-1", "cat /proc/sys/net/ipv4/ip_forward")).toBe("1\n");
  });

  it("starts machines that are off as they were", async () => {
    await succeed("down");
    expect((await status()).map(([, , state]) => state)).toEqual(["off", "off"]);
    await succeed();
    await succeed("preview", "--expect-no-changes");
  });

  it("gives them back, and keeps nothing", async () => {
    await succeed("destroy");
    const left =
      "ls -d /var/lib/nodeprep /usr/local/lib/nodeprep /etc/containerd 2>/dev/null; id -u kube 2>/dev/null || echo nobody";
    expect((await lab.run("ssh", "node-0", left)).stdout).toBe("nobody\n");
    await succeed("forget");
    expect((await status()).map(([, , state]) => state)).toEqual(["off", "off"]);
  });
});
