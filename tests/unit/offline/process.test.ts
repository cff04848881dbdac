import { run } from "../../../offline/process";

describe("running a program", () => {
  it("returns what it wrote and its code, and hands on each line", async () => {
    const lines: string[] = [];
    const result = await run("sh", ["-c", "cat; echo b >&2; exit 3"], {
      input: "a\nlast",
      onLine: (line, stream) => lines.push(`${stream} ${line}`),
    });
    expect(result).toEqual({ code: 3, stdout: "a\nlast", stderr: "b\n" });
    expect(lines.sort()).toEqual(["stderr b", "stdout a", "stdout last"]);
  });

  it("does not mind a program that leaves its input unread", async () => {
    expect((await run("true", [], { input: "x".repeat(1_000_000) })).code).toBe(0);
  });

  it("says which program could not be started", async () => {
    await expect(run("/no/such/program", [])).rejects.toThrow("/no/such/program cannot be started");
  });

  it("interrupts one that takes too long, or is not wanted any more", async () => {
    expect((await run("sleep", ["60"], { timeout: 100 })).code).toBe(-1);
    const abort = new AbortController();
    const running = run("sleep", ["60"], { signal: abort.signal });
    abort.abort();
    expect((await running).code).toBe(-1);
    expect((await run("sleep", ["60"], { signal: abort.signal })).code).toBe(-1);
  });
});
