import { createHash } from "node:crypto";
import { dialErrorLimits } from "../../components/connection";
import { openSession } from "../../survey/connection";
import { SurveyError } from "../../survey/errors";
import type { NodeConnection } from "../../survey/types";
import { describeProviders } from "./support/providers";
import { startShaper, type Shape, type Shaper } from "./support/shaper";
import { read, startSshd, type Sshd } from "./support/sshd";
import { World } from "./support/world";

/*
 * Networks as they are between an operator and a data centre, in front of a real sshd: for the survey and the provider
 * alike.
 */
describeProviders("bad networks", (provider) => {
  let world: World;
  let shaper: Shaper | undefined;
  beforeEach(async () => {
    world = await World.open(provider);
  }, 120_000);
  afterEach(async () => {
    await shaper?.stop();
    shaper = undefined;
    await world.close();
  });

  const through = async (shape: Shape): Promise<number> => {
    shaper = await startShaper(world.sshd.port, shape);
    return shaper.port;
  };
  const toSurvey = (port: number, more: Partial<NodeConnection> = {}): NodeConnection => ({
    host: "127.0.0.1",
    port,
    user: world.sshd.user,
    auth: { privateKey: read(world.keyFile) },
    hostKey: world.sshd.hostKeys.ed25519,
    dialTimeoutSeconds: 20,
    ...more,
  });
  /** What the survey's way to run a command gives. */
  const survey = async (connection: NodeConnection, command: string, stdin = ""): Promise<string> => {
    const session = await openSession("node-1", connection);
    try {
      return (await session.run(command, stdin, { what: "testing" })).stdout.trim();
    } finally {
      await session.close();
    }
  };
  /** What the provider's way gives. */
  const apply = async (port: number, command: string, stdin = "", more = {}): Promise<unknown> => {
    const connection = world.connection({
      port,
      dialErrorLimit: dialErrorLimits.node,
      perDialTimeout: 20,
      ...more,
    });
    const inputs = { connection, create: command, stdin, addPreviousOutputInEnv: false };
    return (await world.plugin.create(inputs)).properties["stdout"];
  };

  it("carries everything, byte for byte, at a latency of 100 ms with 5 ms of jitter", async () => {
    const port = await through({ latency: 100, jitter: 5 });
    const stdin = "0123456789abcdef\n".repeat(20_000);
    const sum = createHash("sha256").update(stdin).digest("hex");
    expect(await survey(toSurvey(port), "sha256sum", stdin)).toContain(sum);
    expect(await apply(port, "sha256sum", stdin)).toContain(sum);
  }, 120_000);

  it.each([
    ["before the greeting", 1],
    ["during the handshake", 500],
    ["during the command", 6000],
  ])(
    "says so when the connection dies %s, after as many dials as are allowed",
    async (_, dieAfter) => {
      const port = await through({ dieAfter });
      const command = "head -c 100000 /dev/zero; sleep 30";
      await expect(survey(toSurvey(port), command)).rejects.toBeInstanceOf(SurveyError);
      expect(shaper?.connections()).toBe(1);
      await expect(apply(port, command)).rejects.toThrow(/failed attempts: |running "head /);
      // One more for the survey; a command that has begun is never begun again.
      expect(shaper?.connections()).toBe(dieAfter > 5000 ? 2 : 2 + dialErrorLimits.node);
    },
    180_000,
  );

  it("outlives a stall of a minute in an apply; a survey gives the node up in words", async () => {
    const port = await through({ stallAfter: 6000, stallFor: 60_000 });
    const command = "head -c 20000 /dev/zero | tr '\\0' x; echo; echo done";
    const [surveyed, applied] = await Promise.allSettled([
      survey(toSurvey(port), command),
      apply(port, command),
    ]);
    expect(applied).toMatchObject({ status: "fulfilled" });
    expect((applied as PromiseFulfilledResult<string>).value).toMatch(/^x{20000}\ndone$/);
    expect(surveyed).toMatchObject({ status: "rejected", reason: expect.any(SurveyError) as SurveyError });
  }, 150_000);

  describe("through a bastion that lets three log in at a time", () => {
    let bastion: Sshd;
    beforeEach(async () => {
      bastion = await startSshd(world.path("bastion"), [world.keyFile], { maxStartups: 3 });
    }, 120_000);
    afterEach(() => bastion.stop());
    const many = Array.from({ length: 12 }, (_, n) => n);

    it("the survey of a dozen nodes at a time reaches all of them", async () => {
      const connection = toSurvey(world.sshd.port, {
        bastion: toSurvey(bastion.port, { hostKey: bastion.hostKeys.ed25519 }),
      });
      const answers = await Promise.all(many.map((n) => survey(connection, `echo ${n}`)));
      expect(answers).toEqual(many.map(String));
      expect(bastion.log()).toMatch(/drop connection|MaxStartups/);
    }, 180_000);

    it("so do a dozen applies at a time", async () => {
      const proxy = {
        ...world.connection({ port: bastion.port, hostKey: bastion.hostKeys.ed25519 }),
        dialErrorLimit: dialErrorLimits.bastion,
      };
      const answers = await Promise.all(many.map((n) => apply(world.sshd.port, `echo ${n}`, "", { proxy })));
      expect(answers).toEqual(many.map(String));
      expect(bastion.log()).toMatch(/drop connection|MaxStartups/);
    }, 180_000);
  });
});
