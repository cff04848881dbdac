import { existsSync } from "node:fs";
import type { Server } from "node:net";
import { describeProviders } from "./support/providers";
import { listener, read } from "./support/sshd";
import { until } from "./support/wait";
import { World } from "./support/world";

/* Where nodeprep's provider differs by name: faults of Pulumi's own that it does not have. */
describeProviders("what must not go wrong", (provider) => {
  const ours = provider.ours ? it : it.skip;
  let world: World;
  beforeEach(async () => {
    world = await World.open(provider);
  }, 120_000);
  afterEach(() => world.close());

  const create = (inputs: object) =>
    world.plugin.create({ connection: world.connection(), addPreviousOutputInEnv: false, ...inputs });

  it("uses a connection of its own for every command", async () => {
    const { properties } = await create({ create: "true", delete: "true" });
    await world.plugin.delete(properties);
    expect(world.sshd.log().match(/Accepted publickey/g)).toHaveLength(2);
  });

  it("fails when the connection is cut under a running command", async () => {
    await expect(create({ create: "kill -9 $PPID; sleep 600" })).rejects.toThrow(/: running "kill -9/);
  });

  ours("closes the connection when the command has ended, well or not", async () => {
    await create({ create: "true" });
    await create({ create: "false" }).catch(() => undefined);
    await until(
      "both to be closed",
      () => (world.sshd.log().match(/Disconnected from user/g) ?? []).length === 2,
    );
  });

  ours("says at the start, once, that it is in use", async () => {
    await create({ create: "true" });
    const notices = world.plugin.logged.filter(({ message }) => message.includes("nodeprep's own provider"));
    expect(notices).toEqual([expect.objectContaining({ severity: "info", ephemeral: false, urn: "" })]);
  });

  describe("a listener that never speaks", () => {
    let silent: { server: Server; port: number };
    beforeEach(async () => {
      silent = await listener();
    });
    afterEach(() => silent.server.close());

    ours("is given up after perDialTimeout", async () => {
      const started = Date.now();
      const connection = world.connection({ port: silent.port, perDialTimeout: 1 });
      await expect(create({ create: "true", connection })).rejects.toThrow(
        `ssh: handshake failed: 127.0.0.1:${silent.port} did not complete it within 1 s`,
      );
      expect(Date.now() - started).toBeLessThan(10_000);
    });

    ours("is given up at once when the update is cancelled", async () => {
      const connection = world.connection({ port: silent.port, perDialTimeout: 0 });
      const waiting = expect(create({ create: "true", connection })).rejects.toThrow("context canceled");
      await until(
        "the dial",
        () => new Promise((resolve) => silent.server.getConnections((_e, n) => resolve(n > 0))),
      );
      await world.plugin.cancel();
      await waiting;
    });
  });

  ours("ends the command on the machine when the update is cancelled", async () => {
    const marker = world.path("pid");
    const running = expect(create({ create: `echo $$ > '${marker}'; exec sleep 600` })).rejects.toThrow(
      /^context canceled \(Process exited with status 143 from signal TERM\): running/,
    );
    await until("the command to start", () => existsSync(marker) && read(marker).endsWith("\n"));
    await world.plugin.cancel();
    await running;
    const pid = read(marker).trim();
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  });

  ours(
    "makes a command end that does not listen",
    async () => {
      const marker = world.path("pid");
      const stubborn = `trap '' TERM; echo $$ > '${marker}'; while :; do sleep 0.1; done`;
      const running = expect(create({ create: stubborn })).rejects.toThrow(/^context canceled/);
      await until("the command to start", () => existsSync(marker) && read(marker).endsWith("\n"));
      await world.plugin.cancel();
      await running;
      const pid = read(marker).trim();
      await until("the command to end", () => !existsSync(`/proc/${pid}`));
    },
    120_000,
  );
});
