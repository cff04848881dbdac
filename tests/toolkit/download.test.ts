import { binary } from "../../plan/downloads";
import { DownloadWorld, at, makeServed, removeServed, served, sha256, source } from "./download-world";
import { type Sandbox, shells } from "./sandbox";

const path = "/opt/nodeprep-test/bin/app";
const wanted = (fault = "ok", name = "app") => binary(path, source(name, fault));
const theirs = `mkdir -p /opt/nodeprep-test/bin; echo theirs >${path}; chmod 0700 ${path}; chown daemon ${path}`;

beforeAll(makeServed);
afterAll(removeServed);

describe.each(shells)("a program under %s", (shell) => {
  let world: DownloadWorld;
  let sandbox: Sandbox;
  beforeEach(async () => {
    world = await DownloadWorld.open(shell);
    sandbox = world.sandbox;
  });
  afterEach(() => world.close());

  it("brings a program, and takes it away again", async () => {
    expect(await world.phrases(wanted())).toEqual(["differs is absent, must be a file"]);
    await world.applied(wanted());
    expect(await world.look()).toMatch(new RegExp(`app f 755 root:root \\n${source("app").sha256}  `));
    expect(await world.look()).not.toContain(".nodeprep");
    await world.undone();
    expect(await world.look()).toBe("");
  });

  it("takes the program from elsewhere without downloading it again", async () => {
    await world.applied(wanted());
    await world.applied(wanted("dies"));
    expect(world.asked()).toHaveLength(1);
  });

  it.each([
    ["echo more >>FILE", "has other content"],
    ["chmod 0775 FILE", "has mode 775, must have 755"],
    ["chown daemon:bin FILE", "belongs to daemon:bin, must belong to root:root"],
    ["rm FILE", "is absent, must be a file"],
    ["mv FILE /opt/else; ln -s /opt/else FILE", "is a symbolic link to /opt/else, must be a file"],
    ["printf X | dd of=FILE conv=notrunc status=none; touch -d @1 FILE", "has other content"],
  ])("sees and repairs: %s", async (tampering, phrase) => {
    await world.applied(wanted());
    await sandbox.sh(tampering.replaceAll("FILE", path));
    expect(await world.phrases(wanted())).toEqual([`differs ${phrase}`]);
    await world.applied(wanted());
    expect(world.asked()).toHaveLength(/^ch/.test(tampering) ? 1 : 2);
    await world.undone();
    expect(await sandbox.sh("ls -d /opt/nodeprep-test 2>&1 || :")).toContain("No such file");
  });

  it("gives back what was found, over several versions, unless somebody changed it since", async () => {
    await sandbox.sh(theirs);
    const found = await world.look();
    await world.applied(wanted());
    await world.applied(wanted("ok", "app2"));
    await world.undone();
    expect(await world.look()).toBe(found);
    await world.applied(wanted());
    await sandbox.sh(`echo mine >${path}`);
    expect(await world.undone()).toContain("was changed since nodeprep put it there");
    expect(await sandbox.sh(`cat ${path}`)).toBe("mine\n");
  });

  it("leaves a program that was there already", async () => {
    await world.applied(wanted());
    await sandbox.sh("rm -rf /var/lib/nodeprep");
    expect(await world.phrases(wanted())).toEqual(["unrecorded holds, but is not on record here"]);
    await world.applied(wanted());
    await world.undone();
    expect(await world.look()).toContain(source("app").sha256);
    expect(world.asked()).toHaveLength(1);
  });

  it("replaces nothing when the SHA-256 is another, and names both", async () => {
    await sandbox.sh(theirs);
    const found = await world.look();
    const said = await world.failed(wanted("wrong"));
    const other = sha256(Buffer.alloc(300_000, "x"));
    expect(said).toContain(
      `has SHA-256 ${other} (300000 bytes), must have ${source("app").sha256}; nothing was replaced`,
    );
    expect(await world.look()).toBe(found);
    expect(world.asked()).toHaveLength(1);
  });

  it.each([["curl"], ["wget"]])("goes on where a dying server left it, with %s", async (client) => {
    if (client === "wget") await world.remove("curl");
    expect(await world.applied(wanted("dies"))).toContain("broke off after 100000 bytes");
    expect(world.asked()).toEqual(["/dies/app -", "/dies/app bytes=100000-", "/dies/app bytes=200000-"]);
  });

  it.each([["curl"], ["wget"]])("begins again where a server knows no ranges, with %s", async (client) => {
    if (client === "wget") await world.remove("curl");
    await world.applied(wanted("first"));
  });

  it("waits for a server that is busy", async () => {
    expect(await world.applied(wanted("busy"))).toContain("503");
  });

  it("does not take a truncated file that looks whole", async () => {
    expect(await world.failed(wanted("cut"))).toMatch(/has SHA-256 [0-9a-f]{64} \(150000 bytes\), must have/);
    expect(await world.look()).not.toContain("app");
  });

  it("gives up on a server that always dies, keeps what came, and goes on with the next apply", async () => {
    const said = await world.failed(wanted("short"));
    expect(said).toMatch(
      /cannot be fetched from http\S+: curl: .*; nothing was replaced: can the node reach/,
    );
    expect(await world.look()).not.toMatch(/app f/);
    await world.applied(wanted("ok"));
    expect(world.asked().at(-1)).toBe("/ok/app bytes=150000-");
    expect(await world.look()).not.toContain(".nodeprep");
  });

  it("says what curl says of a certificate, and not the advice that follows it", async () => {
    // As curl ends, word by word.
    await sandbox.sh(`cat >/usr/local/sbin/curl <<'END'
#!/bin/sh
echo 'curl: (60) SSL certificate problem: self-signed certificate
More details here: https://curl.se/docs/sslcerts.html

curl failed to verify the legitimacy of the server and therefore could not
establish a secure connection to it. To learn more about this situation and
how to fix it, please visit the web page mentioned above.' >&2
exit 60
END
chmod 755 /usr/local/sbin/curl`);
    expect(await world.failed(wanted())).toMatch(
      /: curl: \(60\) SSL certificate problem: self-signed certificate; nothing was replaced: does this node trust .*update-ca-certificates/,
    );
    expect(world.asked()).toEqual([]);
  });

  it.each([["curl"], ["wget"]])("says at once that there is no such file, with %s", async (client) => {
    if (client === "wget") await world.remove("curl");
    expect(await world.failed(binary(path, { url: at("ok", "none"), sha256: source("app").sha256 }))).toMatch(
      /404.*; nothing was replaced: are the version, the architecture and the address right\?/,
    );
    expect(world.asked()).toHaveLength(1);
    await world.undone();
    expect(await world.look()).toBe("");
  });

  it("says that nobody answers", async () => {
    const url = "http://127.0.0.1:9/app";
    expect(await world.failed(binary(path, { url, sha256: source("app").sha256 }))).toMatch(
      /connect.*can the node reach the server/s,
    );
  });

  it.each([["curl"], ["wget"]])("names a full disk, with %s", async (client) => {
    if (client === "wget") await world.remove("curl");
    await sandbox.sh(
      "mkdir -p /opt/nodeprep-test/bin; mount -t tmpfs -o size=100k tmpfs /opt/nodeprep-test/bin",
    );
    expect(await world.failed(wanted())).toMatch(/is the file system of \S+\/bin full or read-only \(0 MiB/);
    expect(await sandbox.sh("ls -A /opt/nodeprep-test/bin")).toBe("");
  });

  it("takes a file that is on the node already", async () => {
    await sandbox.sh("cat >/srv/app.b64; base64 -d /srv/app.b64 >/srv/app", served("app").toString("base64"));
    await world.applied(binary(path, { url: "file:///srv/app", sha256: source("app").sha256 }));
    expect(
      await world.failed(binary(`${path}2`, { url: "file:///srv/none", sha256: source("app2").sha256 })),
    ).toContain("No such file");
  });

  it("says what to install where there is nothing to fetch with", async () => {
    await world.remove("curl");
    await sandbox.sh("rm -f /usr/bin/wget");
    expect(await world.failed(wanted())).toContain("neither curl nor wget is here");
  });

  it("leaves everything as it is when its record is damaged", async () => {
    await sandbox.sh(theirs);
    await world.applied(wanted());
    await sandbox.sh("sed -i 's|app$|passwd|' /var/lib/nodeprep/req/download:*/origin");
    expect(await world.undone()).toContain("damaged in the record");
    expect(await world.look()).toContain(source("app").sha256);
  });

  it("is completed after a cut at the worst moment", async () => {
    await sandbox.sh(theirs);
    const found = await world.look();
    await sandbox.sh(
      `mkdir -p /opt/nodeprep-test/bin; echo garbage >/opt/nodeprep-test/bin/.nodeprep-app.${source("app").sha256.slice(0, 12)}`,
    );
    await world.applied(wanted());
    await world.undone();
    expect(await world.look()).toBe(found);
  });
});

it("a download gives up on a server that says no more", async () => {
  const world = await DownloadWorld.open("dash");
  try {
    await world.sandbox.sh("sed -i 's/^download_stall=30/download_stall=2/' /run/toolkit-under-test.sh");
    expect(await world.failed(wanted("stalls"))).toContain("can the node reach the server");
  } finally {
    await world.close();
  }
});
