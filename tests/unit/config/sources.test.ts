import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { operatorSources } from "../../../config/sources";

describe("a file of the operator's machine", () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "nodeprep-sources-"))));
  afterAll(() => rmSync(folder, { recursive: true }));

  const text = "192.0.2.10 ssh-ed25519 AAAA\r\nüber\n";
  test.each([
    ["UTF-8", Buffer.from(text)],
    ["UTF-8 with a byte order mark, as editors of Windows write it", Buffer.from(`\uFEFF${text}`)],
    ["UTF-16, as PowerShell's > writes it", Buffer.from(`\uFEFF${text}`, "utf16le")],
  ])("is read in %s", (name, bytes) => {
    const path = join(folder, name.replaceAll(/\W/g, ""));
    writeFileSync(path, bytes);
    expect(operatorSources().readFile(path)).toEqual({ text });
  });
});

describe("the SSH agent", () => {
  const { platform } = process;
  const { SSH_AUTH_SOCK: socket } = process.env;
  afterEach(() => {
    Object.defineProperty(process, "platform", { value: platform });
    if (socket === undefined) delete process.env["SSH_AUTH_SOCK"];
    else process.env["SSH_AUTH_SOCK"] = socket;
  });

  test.each([undefined, "/tmp/ssh-XXXX/agent.1"])(
    "on Windows is the one that Pulumi's provider takes, with SSH_AUTH_SOCK %s",
    (given) => {
      Object.defineProperty(process, "platform", { value: "win32" });
      if (given === undefined) delete process.env["SSH_AUTH_SOCK"];
      else process.env["SSH_AUTH_SOCK"] = given;
      const { agentSocket, agentFault } = operatorSources();
      expect({ agentSocket, agentFault }).toEqual({
        agentSocket: "\\\\.\\pipe\\openssh-ssh-agent",
        agentFault: undefined,
      });
    },
  );
});
