import { prepareHost } from "../../../lab/host";

/** Runs with other values of `process`, as another machine or account has them. */
async function where<T>(values: Readonly<Record<string, unknown>>, work: () => Promise<T>): Promise<T> {
  const own = Object.keys(values).map(
    (name) => [name, Object.getOwnPropertyDescriptor(process, name)] as const,
  );
  for (const [name, value] of Object.entries(values))
    Object.defineProperty(process, name, { value, configurable: true });
  try {
    return await work();
  } finally {
    for (const [name, before] of own) if (before) Object.defineProperty(process, name, before);
  }
}

describe("a machine that cannot run the lab", () => {
  const elsewhere = { platform: "darwin", arch: "arm64", getuid: () => 1000 };

  it("says all that is in the way at once, and installs nothing", async () => {
    const said: string[] = [];
    const missing = await where(elsewhere, () => prepareHost({ say: (line) => void said.push(line) }));
    expect(missing).toEqual([
      "this system is darwin, the lab needs Linux",
      "this machine is arm64, the lab's guests are x86-64",
      "the lab builds its guest image as root, and this user is another",
    ]);
    expect(said).toEqual([]);
  });

  it("counts an unknown user as another than root", async () => {
    expect(await where({ platform: "linux", arch: "x64", getuid: undefined }, () => prepareHost())).toEqual([
      "the lab builds its guest image as root, and this user is another",
    ]);
  });
});
