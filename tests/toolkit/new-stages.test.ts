import { sysctl } from "../../plan/kinds";
import { encodeRequirements } from "../../plan/requirement";
import { Sandbox, shells } from "./sandbox";

it.each(shells)("stages of which nothing is on record are named under %s", async (shell) => {
  const sandbox = await Sandbox.open();
  try {
    const [forward, limit] = [
      sysctl("net.ipv4.ip_forward", "1"),
      sysctl("net.ipv4.ip_default_ttl", "1", { atLeast: true }),
    ];
    const asked = (...stages: string[]) =>
      stages.map((name) => `stage ${name}\n${encodeRequirements([forward, limit])}`).join("");
    const named = async (...stages: string[]) => {
      const { stdout } = await sandbox.toolkit(shell, ["observe", "--as", "o/p/s/n"], asked(...stages));
      return stdout.match(/^meta\tnew\t.*/gm);
    };
    expect(await named("net", "other")).toEqual(["meta\tnew\tnet other"]);
    await sandbox.toolkit(shell, ["apply", "net", "--as", "o/p/s/n"], encodeRequirements([limit]));
    // One requirement on record is enough: the other one is new, the stage is not.
    expect(await named("net", "other")).toEqual(["meta\tnew\tother"]);
    expect(await named("net")).toBeNull();
  } finally {
    await sandbox.close();
  }
});
