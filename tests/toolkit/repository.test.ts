import { pkg } from "../../plan/kinds";
import { repository } from "../../plan/repository";
import { signedAptRepository } from "../support/apt-repository";
import type { SignedRepository } from "../support/packages";
import { facts } from "../unit/components/fixtures";
import { noAptSources } from "./apt-repository";
import { Sandbox, shells, type Shell } from "./sandbox";

/* The real apt, on local signed repositories. dnf's side is in package-dnf.test.ts. */
const folder = "/srv/nodeprep-signed";

let signed: SignedRepository;
let other: SignedRepository;
beforeAll(async () => {
  const packages = [{ name: "nptest-runtime", version: "1.0", files: { "/etc/nptest-runtime.conf": "x\n" } }];
  [signed, other] = await Promise.all([signedAptRepository(packages), signedAptRepository(packages)]);
});

let sandbox: Sandbox;
let shell: Shell = "dash";
beforeEach(async () => {
  sandbox = await Sandbox.open();
  await sandbox.sh(
    `${noAptSources}; mkdir -p ${folder}
     base64 -d | tar -C ${folder} -xz; chmod -R a+rX ${folder}`,
    signed.archive,
  );
});
afterEach(() => sandbox.close());

const wanted = (key = signed.key) => [
  ...repository("runtime", { url: `file:${folder}`, suite: "./", key }, facts),
  pkg("nptest-runtime", { version: "1.0", hold: true }),
];
const state = () =>
  sandbox.sh(
    `dpkg-query -W -f '\${Package} \${Version} \${Status}\n' 'nptest-*' 2>/dev/null
     find /etc/apt/keyrings /etc/apt/sources.list.d -type f 2>/dev/null | sort; ls -d /etc/nptest-* 2>/dev/null || :`,
  );

describe.each(shells)("a signed repository under %s", (each) => {
  beforeEach(() => {
    shell = each;
  });

  it("is added, used, repaired and taken away", async () => {
    const before = await state();
    expect((await sandbox.observe(shell, wanted())).map(({ name }) => name)).toEqual([
      "file:/etc/apt/keyrings/nodeprep-runtime.asc",
      "file:/etc/apt/sources.list.d/nodeprep-runtime.sources",
      "package:nptest-runtime",
    ]);
    expect((await sandbox.apply(shell, wanted())).code).toBe(0);
    expect(await state()).toContain("nptest-runtime 1.0 hold ok installed");
    await sandbox.sh("echo 'Trusted: yes' >>/etc/apt/sources.list.d/nodeprep-runtime.sources");
    expect((await sandbox.observe(shell, wanted())).map(({ phrase }) => phrase)).toEqual([
      expect.stringContaining('"Trusted: yes", must not be there'),
    ]);
    expect((await sandbox.apply(shell, wanted())).code).toBe(0);
    expect(await sandbox.observe(shell, wanted())).toEqual([]);
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await state()).toBe(before);
  });

  it("is all whose lists are fetched, where there are others", async () => {
    const lists = "/var/lib/apt/lists";
    await sandbox.sh(
      `echo 'deb file:/nowhere ./' >/etc/apt/sources.list; echo 'deb file:/nowhere-else ./' >/etc/apt/sources.list.d/old.list
       echo kept >${lists}/theirs_Packages; touch -d '1 hour ago' /etc/apt/sources.list.d/old.list
       touch -d '1 minute ago' ${lists}; echo 'deb file:/nowhere ./' >'/etc/apt/sources.list.d/by hand.list'`,
    );
    const { code, stderr } = await sandbox.apply(shell, wanted());
    expect(code).toBe(0);
    // apt itself reads no file with such a name.
    expect(stderr.match(/fetching the package lists of .*/g)).toEqual([
      "fetching the package lists of /etc/apt/sources.list.d/nodeprep-runtime.sources (apt-get update)",
    ]);
    expect(await state()).toContain("nptest-runtime 1.0 hold ok installed");
    expect(await sandbox.sh(`cat ${lists}/theirs_Packages; rm ${lists}/theirs_Packages`)).toBe("kept\n");
    expect((await sandbox.undo(shell)).code).toBe(0);
  });
});

describe("a repository that cannot be trusted", () => {
  beforeEach(() => {
    shell = "dash";
  });

  it.each([
    ["is signed with another key", "true", () => other.key, /signature of the repository/],
    [
      "is not signed",
      `rm ${folder}/InRelease; rm -f ${folder}/Release`,
      () => signed.key,
      /is not signed|no longer signed|does not have a Release file/,
    ],
    [
      "was changed after signing",
      `sed -i s/SHA256/SHA256x/ ${folder}/InRelease`,
      () => signed.key,
      /signature of the repository|BADSIG/,
    ],
  ])("%s: nothing is installed, and the reason is said", async (_title, spoil, key, reason) => {
    await sandbox.sh(spoil);
    const result = await sandbox.apply(shell, wanted(key()));
    expect([result.code, result.stderr]).toEqual([1, expect.stringMatching(reason)]);
    await sandbox.undo(shell);
    expect(await state()).toBe("");
  });
});

describe("a repository that the node knows already", () => {
  const theirs = "/etc/apt/sources.list.d/theirs.list";
  const name = "file:/etc/apt/sources.list.d/nodeprep-runtime.sources";
  beforeEach(async () => {
    shell = "dash";
    await sandbox.sh(`echo 'deb [signed-by=/etc/apt/keyrings/theirs.gpg] file:${folder} ./' >${theirs}`);
  });

  it("is not stated a second time with another key: apt would read no source any more", async () => {
    const seen = await sandbox.observe(shell, wanted());
    expect(seen.find((one) => one.name === name)?.phrase).toMatch(
      /names the same repository as \/etc\/apt\/sources\.list\.d\/theirs\.list, which must not/,
    );
    const { code, stderr } = await sandbox.apply(shell, wanted());
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(
        /Conflicting values .*take the repository out of \/etc\/apt\/sources\.list\.d\/theirs\.list, then apply again; nothing was written/,
      ),
    ]);
    await sandbox.sh("apt-get indextargets");
    await sandbox.sh(`rm ${theirs}`);
    expect((await sandbox.apply(shell, wanted())).code).toBe(0);
    expect((await sandbox.undo(shell)).code).toBe(0);
  });

  it("is no matter with the same key", async () => {
    await sandbox.sh(
      `echo 'deb [signed-by=/etc/apt/keyrings/nodeprep-runtime.asc] file:${folder} ./' >${theirs}`,
    );
    expect((await sandbox.apply(shell, wanted())).code).toBe(0);
    expect((await sandbox.undo(shell)).code).toBe(0);
  });
});
