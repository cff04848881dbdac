import { kernelModule } from "../../plan/kinds";
import { encodeRequirements } from "../../plan/requirement";
import { parseObservation } from "../../survey/differences";
import { parseFacts } from "../../survey/facts";
import { Sandbox, shells } from "./sandbox";

/* A .bashrc that sets a terminal's title prints no newline: what comes after it is on the same line. */
describe.each(shells)("behind a shell's profile that prints something, under %s", (shell) => {
  let sandbox: Sandbox;
  beforeAll(async () => void (sandbox = await Sandbox.open()));
  afterAll(() => sandbox.close());

  const title = "\u001b]0;somebody@node\u0007";
  const said = async (words: readonly string[], input = ""): Promise<string> => {
    const { stdout } = await sandbox.toolkit(shell, words, input);
    return `${title}${stdout}`;
  };

  it("the facts are read", async () => {
    const facts = parseFacts(await said(["facts"]), { packages: [], files: [], sent: 0, received: 0 });
    expect(facts.kernel).toBe((await sandbox.sh("uname -r")).trim());
  });

  it("the observation is read", async () => {
    const stages = [{ name: "kernel", requirements: [kernelModule("no_such_module")] }];
    const question = `stage kernel\n${encodeRequirements(stages[0]?.requirements ?? [])}`;
    expect(parseObservation(await said(["observe", "--as", "o/p/s/n"], question), stages)).toMatchObject({
      differences: [{ name: "module:no_such_module" }],
    });
  });
});
