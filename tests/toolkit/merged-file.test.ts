import { mergedFile } from "../../plan/kinds";
import type { Requirement } from "../../plan/requirement";
import { parseFacts } from "../../survey/facts";
import { Sandbox, shells, shellWords } from "./sandbox";

const path = "/etc/nodeprep-test.json";

/** From the facts of a node to its file and back, as a stage and the survey do it. */
describe.each(shells)("a user's file with ours merged in, under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
  });
  afterEach(() => sandbox.close());

  const merge = (found: string | undefined): string => {
    const user = JSON.parse(found ?? "{}") as { ours?: number };
    return user.ours === 1 ? (found ?? "") : `${JSON.stringify({ ...user, ours: 1 })}\n`;
  };

  async function planned(): Promise<Requirement> {
    const command = `${shellWords[shell].join(" ")} /run/facts-under-test.sh facts --file ${path} </dev/null`;
    const now = Date.now() / 1000;
    const question = { packages: [], files: [path], sent: now, received: now + 60 };
    return mergedFile(path, parseFacts(await sandbox.sh(command), question), merge);
  }

  const content = () => sandbox.sh(`cat ${path}`);
  const put = (text: string) => sandbox.sh(`echo '${text}' >${path}`);
  const applied = async (requirement: Requirement) => {
    expect(await sandbox.apply(shell, [requirement])).toMatchObject({ code: 0 });
    expect(await sandbox.observe(shell, [requirement])).toEqual([]);
  };

  it.each([
    ["with a user's file", `echo '{"theirs":2}' >${path}`, '{"theirs":2}\n', '{"theirs":2,"ours":1}\n'],
    ["without one", "true", "", '{"ours":1}\n'],
    ["with one that has everything", `echo '{ "ours": 1 }' >${path}`, '{ "ours": 1 }\n', '{ "ours": 1 }\n'],
  ])("is planned alike before and after, and undone, %s", async (_title, begin, before, after) => {
    await sandbox.sh(begin);
    const first = await planned();
    await applied(first);
    expect(await content()).toBe(after);
    expect(await planned()).toEqual(first);
    await sandbox.undo(shell);
    expect(await sandbox.sh(`cat ${path} 2>/dev/null || :`)).toBe(before);
  });

  it("stays for no more eyes than it was", async () => {
    await put('{"theirs":2}');
    await sandbox.sh(`chmod 0600 ${path}`);
    await applied(await planned());
    const look = () => sandbox.sh(`stat -c %a ${path}; cat ${path}`);
    expect(await look()).toBe('600\n{"theirs":2,"ours":1}\n');
    await sandbox.sh(`chmod 0666 ${path}`);
    const [seen] = await sandbox.observe(shell, [await planned()]);
    expect(seen?.phrase).toBe("has mode 666, must have 644");
    await sandbox.sh(`chmod 0600 ${path}`);
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await look()).toBe('600\n{"theirs":2}\n');
  });

  it("is not written over what somebody has changed since it was read", async () => {
    await put('{"theirs":2}');
    const stale = await planned();
    await put('{"theirs":3}');
    const result = await sandbox.apply(shell, [stale]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("was changed after it was read for merging");
    expect(await content()).toBe('{"theirs":3}\n');
    await applied(await planned());
    expect(await content()).toBe('{"theirs":3,"ours":1}\n');
  });

  it("gets ours back where somebody took them away, and keeps theirs", async () => {
    await put('{"theirs":2}');
    const first = await planned();
    await applied(first);
    await put('{"theirs":2,"new":3}');
    const second = await planned();
    expect(second.body).toBe('{"theirs":2,"new":3,"ours":1}');
    await applied(second);
    expect(await planned()).toEqual(second);
  });
});
