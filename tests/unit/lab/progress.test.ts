import { during, waitFor } from "../../../lab/progress";

const quiet = (): void => undefined;

describe("waiting", () => {
  test("ends with what was found", async () => {
    let looks = 0;
    const look = (): Promise<string | undefined> => Promise.resolve(++looks === 3 ? "there" : undefined);
    await expect(waitFor(look, { what: "it", limit: 5, say: quiet, every: 1 })).resolves.toBe("there");
    expect(looks).toBe(3);
  });

  test("ends when it is so", async () => {
    let looks = 0;
    const look = (): Promise<boolean> => Promise.resolve(++looks === 3);
    await expect(waitFor(look, { what: "it", limit: 5, say: quiet, every: 1 })).resolves.toBe(true);
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

describe("work that takes long", () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  test("says twice a minute what it is at, until it ends", async () => {
    const said: string[] = [];
    let step = "begins";
    let end: (result: string) => void = quiet;
    const work = new Promise<string>((resolve) => (end = resolve));
    const done = during(
      work,
      () => `pulumi up: ${step}`,
      (line) => said.push(line),
    );
    jest.advanceTimersByTime(31_000);
    step = "installs";
    jest.advanceTimersByTime(30_000);
    end("it is done");
    expect(await done).toBe("it is done");
    jest.advanceTimersByTime(90_000);
    expect(said).toEqual(["pulumi up: begins, 30 s", "pulumi up: installs, 60 s"]);
  });
});
