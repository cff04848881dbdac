import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeRequirements } from "../../plan/requirement";
import { AptRepository } from "./apt-repository";
import { frozenMachines, type FrozenMachine } from "./frozen-machines";
import { Sandbox, shells } from "./sandbox";
import { debs } from "./test-packages";

/*
 * What nodeprep wrote on machines, frozen: records and files as 0.1.0 left them. Whatever the record becomes, every
 * later version has to undo these. A machine that is new to frozen-machines.ts is frozen by
 * `NODEPREP_FREEZE=fixtures/NAME.json npx jest --selectProjects=toolkit frozen-record`.
 */
const toFreeze = process.env["NODEPREP_FREEZE"];

interface Entry {
  readonly path: string;
  readonly type: "f" | "d" | "l";
  readonly mode: string;
  readonly owner: string;
  readonly seconds: string;
  /** Of a file the text, of a link where it leads. */
  readonly content: string;
}

const owner = "org/project/stack/node";
const look = `
  find /etc /home /opt/nptest* /var/lib/nodeprep /usr/local/lib -printf '%p %y %m %u:%g %l\\n' 2>/dev/null |
    grep -Ev '^/etc/[a-z]*- |^/etc/(.pwd.lock|ld.so.cache) ' | sort
  find /etc -xdev -type f ! -name '*-' ! -name ld.so.cache -exec sha256sum {} + | sort`;

let repository: AptRepository;
const withApt = existsSync("/usr/bin/apt-get") ? describe : describe.skip;
beforeAll(async () => {
  if (!existsSync("/usr/bin/dpkg-deb")) return;
  repository = await AptRepository.build(debs);
});

withApt.each(shells)("a record that an earlier version wrote, under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await repository.serve(sandbox);
  });
  afterEach(() => sandbox.close());

  it.each(frozenMachines)("$fixture is undone: the machine is as it was found", async (machine) => {
    await machine.begin(sandbox);
    const looked = () => sandbox.sh(`${look}\n${machine.look}`);
    const found = await looked();
    if (toFreeze === machine.fixture) await freeze(machine);
    else await thaw(machine);
    expect(await looked()).not.toBe(found);
    for (const [stage, requirements] of Object.entries(machine.stages)) {
      const input = `stage ${stage}\n${encodeRequirements(requirements)}`;
      const { stdout } = await sandbox.toolkit(shell, ["observe", "--as", owner], input);
      // It holds, and is on record: what is thawed is what was frozen.
      const meta = { format: "1", owner, apply: "\\w+", runtime: machine.runtime ?? "none" };
      const lines = Object.entries(meta).map(([name, value]) => `meta\t${name}\t${value}\n`);
      expect(stdout).toMatch(new RegExp(`^\\n${lines.join("")}end\t\\d+\n$`));
    }
    const { code, stderr } = await sandbox.toolkit(shell, ["undo", "--all", "--as", owner]);
    expect({ code, warnings: stderr.match(/(warning|error): .*/g) }).toEqual({ code: 0, warnings: null });
    expect(await looked()).toBe(found);
  });

  /** The files as they were, by plain commands; what is in databases (an account, a package) too. */
  async function thaw(machine: FrozenMachine): Promise<void> {
    await sandbox.sh(machine.thaw);
    const entries = JSON.parse(readFileSync(join(__dirname, machine.fixture), "utf8")) as Entry[];
    const script = entries.map(({ path, type, mode, owner, seconds, content }) => {
      const text = Buffer.from(content).toString("base64");
      const make = {
        d: `mkdir -p '${path}'`,
        f: `echo ${text} | base64 -d >'${path}'`,
        l: `ln -sf '${content}' '${path}'`,
      }[type];
      return `${make}; chown -h ${owner} '${path}'; ${type === "l" ? "" : `chmod ${mode} '${path}'; touch -d @${seconds} '${path}'`}\n`;
    });
    await sandbox.sh(`set -e\n${script.join("")}`);
  }

  /** Has today's toolkit write it. */
  async function freeze({ fixture, stages, places }: FrozenMachine): Promise<void> {
    for (const [stage, requirements] of Object.entries(stages)) {
      const words = ["apply", stage, "--as", owner];
      const { code, stderr } = await sandbox.toolkit(shell, words, encodeRequirements(requirements));
      if (code !== 0) throw new Error(stderr);
    }
    const list = await sandbox.sh(`[ ! -e /var/lib/nodeprep/package.log ] || : >/var/lib/nodeprep/package.log
      find /var/lib/nodeprep ${places} -printf '%p\\t%y\\t%m\\t%u:%g\\t%Ts\\t%l\\n'`);
    const entries: Entry[] = [];
    for (const line of list.trim().split("\n")) {
      const [path = "", type = "", mode = "", owner = "", seconds = "", target = ""] = line.split("\t");
      const content = type === "f" ? await sandbox.sh(`cat '${path}'`) : target;
      entries.push({ path, type: type as Entry["type"], mode, owner, seconds, content });
    }
    writeFileSync(join(__dirname, fixture), `${JSON.stringify(entries, undefined, 2)}\n`);
  }
});
