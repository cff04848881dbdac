import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Qmp } from "../../../lab/qmp";

describe("QEMU's control socket", () => {
  const folder = mkdtempSync(join(tmpdir(), "nodeprep-qmp-"));
  const path = join(folder, "qmp");
  let server: Server;
  beforeAll(async () => {
    // Answers without reading, and ends with what was said to it unread, as a QEMU does that is told to quit.
    server = createServer({ pauseOnConnect: true }, (socket) => {
      socket.on("error", () => undefined).write('{"return": {}}\n');
      setTimeout(() => socket.destroy(), 200);
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  it("that is reset fails the command, and nothing else", async () => {
    const qmp = await Qmp.open(path);
    await expect(qmp.run("quit")).rejects.toThrow("ECONNRESET");
    qmp.close();
  });

  it("that has ended fails the next command too", async () => {
    const qmp = await Qmp.open(path);
    await expect(qmp.run("quit")).rejects.toThrow();
    // The socket closes within a turn of the event loop, and says nothing any more.
    for (let turn = 0; turn < 3; turn++) await new Promise(setImmediate);
    await expect(qmp.run("query-status")).rejects.toThrow("QEMU closed its control socket");
  });
});
