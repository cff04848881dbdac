import { existsSync } from "node:fs";
import { secret, UNKNOWN, type Properties } from "../../offline/command-provider/properties";
import { describeProviders } from "./support/providers";
import { read } from "./support/sshd";
import { World } from "./support/world";

/* The life of a Command, from inputs to outputs, as the engine asks for it. */
describeProviders("the life of a command", (provider) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(provider);
  }, 120_000);
  afterAll(() => world.close());

  const create = (inputs: Properties, preview = false) =>
    world.plugin.create(
      { connection: world.connection(), addPreviousOutputInEnv: false, ...inputs },
      preview,
    );
  const outputs = ({ properties }: { properties: Properties }) => [
    properties["stdout"],
    properties["stderr"],
  ];

  const said = (severity: string) =>
    world.plugin.logged.flatMap((one) => (one.severity === severity ? [one.message] : [])).join("\n");

  describe("inputs", () => {
    it("fills in the connection's defaults and makes it a secret", async () => {
      const { inputs, failures } = await world.plugin.check({
        create: "true",
        connection: { host: "192.0.2.1", proxy: { host: "192.0.2.2" } },
      });
      expect(failures).toEqual([]);
      const defaults = { port: 22, user: "root", dialErrorLimit: 10, perDialTimeout: 15 };
      const proxy = { host: "192.0.2.2", ...defaults };
      expect(inputs["connection"]).toEqual(secret({ host: "192.0.2.1", ...defaults, proxy }));
    });

    it.each([
      ["a connection is missing", { create: "true" }],
      ["a host is missing", { connection: { user: "root" } }],
      ["a command is no text", { connection: { host: "a" }, create: 7 }],
    ])("names what is wrong when %s", async (_what, news: Properties) => {
      expect((await world.plugin.check(news)).failures).not.toEqual([]);
    });

    it("lets pass what is not known yet", async () => {
      const { failures } = await world.plugin.check({ create: UNKNOWN, connection: { host: UNKNOWN } });
      expect(failures).toEqual([]);
    });
  });

  describe("differences", () => {
    const olds = { create: "a", connection: secret({ host: "a" }), triggers: ["1"], environment: { A: "1" } };

    it("finds none between equal inputs", async () => {
      expect(await world.plugin.diff(olds, olds)).toEqual({ paths: [], replaces: false });
    });

    it("names each, and updates", async () => {
      const news = {
        ...olds,
        create: "b",
        update: "c",
        environment: { A: "2" },
        connection: secret({ host: "b" }),
      };
      expect(await world.plugin.diff(olds, news)).toEqual({
        paths: ["connection.host", "create", "environment.A", "update"],
        replaces: false,
      });
    });
  });

  describe("create", () => {
    it("runs the command with its stdin and keeps what it wrote", async () => {
      const created = await create({ create: 'read a; echo "got $a"; echo oops >&2', stdin: "hello\n" });
      expect(outputs(created)).toEqual(["got hello", "oops"]);
      expect(created.id).toMatch(/^probe[0-9a-f]{8}$/);
    });

    it("gives an empty stdin where there is none", async () => {
      expect(outputs(await create({ create: "wc -c" }))).toEqual(["0", ""]);
    });

    it("takes off one newline, no more", async () => {
      expect(outputs(await create({ create: "printf 'a\\n\\n'" }))).toEqual(["a\n", ""]);
    });

    it("carries a large stdin and a large output whole", async () => {
      const stdin = "0123456789abcdef".repeat(64 * 1024);
      expect(outputs(await create({ create: "cat", stdin, logging: "none" }))).toEqual([stdin, ""]);
    });

    it("keeps secrets secret in what it returns", async () => {
      const { properties } = await create({ create: "cat", stdin: secret("hush"), logging: "none" });
      expect(properties["stdin"]).toEqual(secret("hush"));
      expect(properties["connection"]).toEqual(secret({ ...world.connection(), perDialTimeout: 15 }));
    });

    it("runs nothing where there is no command, and nothing in a preview", async () => {
      expect(outputs(await create({ delete: "true" }))).toEqual(["", ""]);
      const marker = world.path("previewed");
      expect(outputs(await create({ create: `touch '${marker}'` }, true))).toEqual([UNKNOWN, UNKNOWN]);
      expect(existsSync(marker)).toBe(false);
    });
  });

  describe("update and delete", () => {
    it("runs update, or create where there is none", async () => {
      const connection = world.connection();
      const { properties } = await create({ create: "echo made" });
      const updated = await world.plugin.update(properties, {
        connection,
        create: "echo c",
        update: "echo u",
      });
      expect(updated["stdout"]).toBe("u");
      const again = await world.plugin.update(updated, { connection, create: "echo c" });
      expect(again["stdout"]).toBe("c");
    });

    it("keeps the outputs where there is nothing to run", async () => {
      const { properties } = await create({ create: "echo made" });
      const updated = await world.plugin.update(properties, {
        connection: world.connection(),
        delete: "true",
      });
      expect(updated["stdout"]).toBe("made");
    });

    it("does not know the outputs of an update before it", async () => {
      const { properties } = await create({ create: "echo made" });
      const news = { connection: world.connection(), create: "echo other" };
      expect((await world.plugin.update(properties, news, true))["stdout"]).toBe(UNKNOWN);
    });

    it("runs delete, and is content without one", async () => {
      const marker = world.path("deleted");
      const { properties } = await create({ create: "true", delete: `cat > '${marker}'`, stdin: "bye" });
      await world.plugin.delete(properties);
      expect(read(marker)).toBe("bye");
      await world.plugin.delete((await create({ create: "true" })).properties);
    });
  });

  describe("environment", () => {
    it("passes what the server takes", async () => {
      const created = await create({ create: 'echo "$NODEPREP_A"', environment: { NODEPREP_A: "b c" } });
      expect(outputs(created)).toEqual(["b c", ""]);
    });

    it("fails where the server does not take it", async () => {
      await expect(create({ create: "true", environment: { OTHER: "x" } })).rejects.toThrow(
        'could not set environment variable "OTHER": ssh: setenv failed',
      );
      expect(said("error")).toMatch(/Unable to set 'OTHER'/);
    });

    it("passes the previous output unless told not to, and only warns where the server refuses", async () => {
      const command = 'echo "[$PULUMI_COMMAND_STDOUT]"';
      const { properties } = await create({ create: "echo before; echo err >&2" });
      const inputs = { connection: world.connection(), create: command };
      expect((await world.plugin.update(properties, inputs))["stdout"]).toBe("[before]");
      expect(said("warning")).toMatch(/Unable to set 'PULUMI_COMMAND_STDERR'/);
      const without = { ...inputs, addPreviousOutputInEnv: false };
      expect((await world.plugin.update(properties, without))["stdout"]).toBe("[]");
    });
  });

  it.each([
    [undefined, ["out", "err"]],
    ["stdoutAndStderr", ["out", "err"]],
    ["stdout", ["out"]],
    ["stderr", ["err"]],
    ["none", []],
  ])("shows the lines of a command as they come: logging %s", async (logging, lines) => {
    const before = world.plugin.shown().length;
    const command = "echo out; sleep 0.2; echo err >&2";
    await create({ create: command, ...(logging === undefined ? {} : { logging }) });
    expect(world.plugin.shown().slice(before)).toEqual(lines);
  });

  describe("errors", () => {
    it("give the status, the command and all that it wrote", async () => {
      await expect(create({ create: 'echo "a"; sleep 0.2; echo b >&2; exit 3' })).rejects.toThrow(
        'Process exited with status 3: running "echo \\"a\\"; sleep 0.2; echo b >&2; exit 3":\na\nb\n',
      );
    });

    it("give the signal that ended it", async () => {
      await expect(create({ create: "kill -TERM $$" })).rejects.toThrow(
        'Process exited with status 143 from signal TERM: running "kill -TERM $$":\n',
      );
    });

    it("come from delete as well, whose resource then stays", async () => {
      const { properties } = await create({ create: "true", delete: "echo no; false" });
      await expect(world.plugin.delete(properties)).rejects.toThrow(
        'Process exited with status 1: running "echo no; false":\nno\n',
      );
    });
  });
});
