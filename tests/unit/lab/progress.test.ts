import { waitFor } from "../../../lab/progress";

const quiet = (): void => undefined;

describe("waiting", () => {
  test("ends with what was found", async () => {
    let looks = 0;
    const look = (): Promise<string | undefined> => Promise.resolve(++looks === 3 ? "there" : undefined);
    await expect(waitFor(look, { what: "it", limit: 5, say: quiet, every: 1 })).resolves.toBe("there");
    expect(looks).toBe(3);
  });

  test("ends in an error that names what was waited for, and for how long", async () => {
    const look = (): Promise<undefined> => Promise.resolve(undefined);
    const waiting = waitFor(look, { what: "node-0: waiting for SSH", limit: 0, say: quiet, every: 1 });
    await expect(waiting).rejects.toThrow("node-0: waiting for SSH: nothing within 0 s");
  });

  test("says every ten seconds what for and how long", async () => {
    jest.useFakeTimers();
    const said: string[] = [];
    const look = (): Promise<true | undefined> => Promise.resolve(Date.now() >= end ? true : undefined);
    const end = Date.now() + 25_000;
    const waiting = waitFor(look, {
      what: "node-0: booting",
      limit: 60,
      say: (line) => said.push(line),
      every: 1000,
    });
    await jest.advanceTimersByTimeAsync(26_000);
    await waiting;
    jest.useRealTimers();
    expect(said).toEqual(["node-0: booting, 10 s of 60 s", "node-0: booting, 20 s of 60 s"]);
  });
});
