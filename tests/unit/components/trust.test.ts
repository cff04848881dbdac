import type { ConnectionSpec } from "../../../config/types";
import { surveyNode } from "../../../components/survey-cluster";
import { Toolkit } from "../../../components/toolkit";
import { closedPort } from "../survey/machines";
import { mockEngine, warnings } from "./engine";
import { connection, context } from "./fixtures";

beforeAll(mockEngine);

/** Any machine without a key, at an address where nothing answers. */
async function unknown(): Promise<ConnectionSpec> {
  const { host: _host, hostKey: _key, bastion: _bastion, auth: _auth, ...rest } = connection;
  return {
    ...rest,
    host: "127.0.0.1",
    port: await closedPort(),
    auth: { method: "agent", socket: "/nowhere" },
  };
}

const stages = [Toolkit.stage({})];
const survey = (machine: ConnectionSpec) => surveyNode({ context, connection: machine, stages });

describe("a node surveyed by itself", () => {
  it("is refused where nothing says which machine it is", async () => {
    const machine = await unknown();
    await expect(survey(machine)).rejects.toThrow(
      `node node-0: connection.hostKey is missing for 127.0.0.1:${machine.port}: set it`,
    );
    const bastion = { ...machine, insecureIgnoreHostKey: true, bastion: machine };
    await expect(survey(bastion)).rejects.toThrow("node node-0: connection.bastion.hostKey is missing");
    warnings();
  });

  it("does without where that is said, with a warning", async () => {
    const machine = { ...(await unknown()), insecureIgnoreHostKey: true };
    expect((await survey(machine)).survey).toMatchObject({ error: { reason: "refused" } });
    expect(warnings()).toEqual([
      `node node-0: connection: insecureIgnoreHostKey is set: whoever answers at 127.0.0.1:${machine.port} is taken for the machine. Set hostKey instead.`,
    ]);
  });
});
