import { file, service } from "../../plan/kinds";
import { requirementName, type Requirement } from "../../plan/requirement";
import { Sandbox, shells } from "./sandbox";

/*
 * How units are told apart, from what systemd 252 answered for them on a Debian 12 machine: a sandbox has no
 * service manager. Starting, stopping and enabling real ones is tested on lab machines.
 */
interface Answer {
  readonly load?: string;
  readonly active?: string;
  readonly sub?: string;
  readonly file?: string;
  readonly reload?: string;
  readonly result?: string;
}

const block = (answer: Answer): string => {
  const { load, active, sub, file, reload, result } = {
    ...{ load: "loaded", active: "active", sub: "running", file: "enabled", reload: "no", result: "success" },
    ...answer,
  };
  return [
    "MainPID=271",
    `Result=${result}`,
    `LoadState=${load}`,
    `ActiveState=${active}`,
    `SubState=${sub}`,
    `UnitFileState=${file}`,
    `NeedDaemonReload=${reload}`,
  ].join("\n");
};

const down = { active: "inactive", sub: "dead" };
const must = ", must be enabled and active";
const cases: readonly (readonly [unit: string, answer: Answer, phrase: string])[] = [
  ["good", {}, ""],
  ["reloading", { active: "reloading", sub: "reload" }, ""],
  ["static", { file: "static" }, ""],
  ["generated", { file: "generated" }, ""],
  ["indirect", { file: "indirect" }, ""],
  ["alias", { file: "alias" }, ""],
  ["stopped", down, `is inactive${must}`],
  ["disabled", { file: "disabled" }, `is disabled${must}`],
  ["both", { ...down, file: "disabled" }, `is disabled and inactive${must}`],
  ["until", { file: "enabled-runtime" }, `is enabled until the next boot only${must}`],
  ["linked", { file: "linked" }, `is not enabled (linked)${must}`],
  ["transient", { file: "transient" }, `is not enabled (transient)${must}`],
  ["failed", { active: "failed", sub: "failed", result: "exit-code" }, `is failed (exit-code)${must}`],
  [
    "looping",
    { active: "activating", sub: "auto-restart", result: "exit-code" },
    `is restarting over and over (exit-code)${must}`,
  ],
  ["starting", { active: "activating", sub: "start" }, `is activating${must}`],
  ["masked", { load: "masked", file: "masked" }, `is masked${must}`],
  ["masked-now", { ...down, load: "masked", file: "masked-runtime" }, `is masked until the next boot${must}`],
  ["nowhere", { ...down, load: "not-found", file: "" }, `does not exist${must}`],
  ["broken", { ...down, load: "bad-setting" }, `cannot be loaded (bad-setting)${must}`],
  ["changed", { reload: "yes" }, "must be loaded again, its unit files have changed"],
  ["marked", {}, "must be restarted, what it depends on has changed"],
  ["marked-softly", {}, "must be reloaded, what it depends on has changed"],
];

describe.each(shells)("service under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
  });
  afterEach(() => sandbox.close());
  const units = cases.map(([unit]) => service(`${unit}.service`));

  it("tells the states of units apart, with one question for all", async () => {
    await sandbox.sh("cat >/tmp/answer", `${cases.map(([, answer]) => block(answer)).join("\n\n")}\n`);
    await sandbox.sh(
      `printf '#!/bin/sh\\necho "$*" >>/tmp/asked; cat /tmp/answer\\n' >/usr/local/sbin/systemctl
       chmod 0755 /usr/local/sbin/systemctl
       mkdir -p /var/lib/nodeprep/restart; : >/var/lib/nodeprep/restart/marked.service
       echo reload >/var/lib/nodeprep/restart/marked-softly.service`,
    );
    const seen = new Map((await sandbox.observe(shell, units)).map((o) => [o.name, o]));
    for (const [unit, , phrase] of cases)
      expect([unit, seen.get(`service:${unit}.service`)]).toEqual([
        unit,
        expect.objectContaining(phrase === "" ? { state: "unrecorded" } : { state: "differs", phrase }),
      ]);
    expect((await sandbox.sh("cat /tmp/asked")).trim().split("\n")).toHaveLength(1);
  });

  it("says where a socket unit listens, and where it must", async () => {
    await sandbox.sh(
      "cat >/tmp/answer",
      `${block({})}\nListen=/run/theirs.sock (Stream)\nListen=/run/second.sock (Stream)\n`,
    );
    await sandbox.sh(
      `printf '#!/bin/sh\ncat /tmp/answer\n' >/usr/local/sbin/systemctl; chmod 0755 /usr/local/sbin/systemctl`,
    );
    const phrases = async (listens: string) =>
      (await sandbox.observe(shell, [service("it.socket", { listens })])).map(({ state, phrase }) =>
        state === "differs" ? phrase : "",
      );
    expect(await phrases("/run/theirs.sock")).toEqual([""]);
    expect(await phrases("/run/ours.sock")).toEqual([
      expect.stringContaining("listens at /run/theirs.sock, must listen at /run/ours.sock"),
    ]);
  });

  it("undoes what never came to be: the unit of a package that could not be installed", async () => {
    await sandbox.sh("cat >/tmp/answer", `${block({ load: "not-found", file: "" })}\n`);
    await sandbox.sh(
      `printf '#!/bin/sh\ncase $1 in show) cat /tmp/answer ;; *) echo "Unit not found." >&2; exit 5 ;; esac\n' >/usr/local/sbin/systemctl
       chmod 0755 /usr/local/sbin/systemctl`,
    );
    const config = file("/etc/nptest.conf", "x\n");
    const unit = service("absent.service", { restartAfter: [requirementName(config)] });
    expect((await sandbox.apply(shell, [config, unit])).code).toBe(1);
    const undone = await sandbox.undo(shell);
    expect({ code: undone.code, errors: undone.stderr.match(/error.*/g) }).toEqual({ code: 0, errors: null });
  });

  it.each([
    ["restartAfter", "restart"],
    ["reloadAfter", "reload-or-restart"],
  ])(
    "%s: does that once after its files changed, once one leaves, and once they are given back",
    async (when, asked) => {
      await sandbox.sh("cat >/tmp/answer", `${block({})}\n`);
      await sandbox.sh(
        `printf '#!/bin/sh\ncase $1 in show) cat /tmp/answer ;; *) echo "$*" >>/tmp/asked ;; esac\n' >/usr/local/sbin/systemctl
       chmod 0755 /usr/local/sbin/systemctl`,
      );
      const other = file("/etc/nptest-other.conf", "x\n");
      const config = file("/etc/nptest.conf", "x\n");
      const unit = service("good.service", { [when]: [requirementName(config)] });
      for (const times of ["first", "second"]) {
        expect([times, (await sandbox.apply(shell, [config, unit])).code]).toEqual([times, 0]);
        expect(await sandbox.sh("cat /tmp/asked")).toBe(`${asked} -- good.service\n`);
      }
      const both = service("good.service", { [when]: [other, config].map(requirementName) });
      for (const requirements of [
        [config, other, both],
        [config, unit],
      ]) {
        await sandbox.sh("rm /tmp/asked");
        expect((await sandbox.apply(shell, requirements)).code).toBe(0);
        expect(await sandbox.sh("cat /tmp/asked")).toBe(`${asked} -- good.service\n`);
      }
      expect((await sandbox.undo(shell)).code).toBe(0);
      expect(await sandbox.sh("tail -n 1 /tmp/asked; ls /var/lib/nodeprep/restart 2>/dev/null || :")).toBe(
        `try-${asked} -- good.service\n`,
      );
    },
  );

  it("is restarted by the next undo where one was cut off before that", async () => {
    await sandbox.sh("cat >/tmp/answer", `${block({})}\n`);
    await sandbox.sh(
      `cat >/usr/local/sbin/systemctl; chmod 0755 /usr/local/sbin/systemctl`,
      `#!/bin/sh
       case $1 in show) cat /tmp/answer; exit ;; esac
       echo "$*" >>/tmp/asked
       [ "$1$(grep -c try-restart /tmp/asked)" != try-restart1 ] || kill -KILL $PPID\n`,
    );
    const config = file("/etc/nptest.conf", "x\n");
    const unit = service("good.service", { restartAfter: [requirementName(config)] });
    expect((await sandbox.apply(shell, [config, unit])).code).toBe(0);
    expect((await sandbox.undo(shell)).code).not.toBe(0);
    await sandbox.sh("rm /tmp/asked; echo try-restart >/tmp/asked");
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await sandbox.sh("cat /tmp/asked; ls /var/lib/nodeprep/restart")).toBe(
      "try-restart\ndaemon-reload\ntry-restart -- good.service\n",
    );
  });

  it("stops first of all at an undo, and where another unit file takes the place of its own, its socket goes", async () => {
    await sandbox.sh("cat >/tmp/down; cp /tmp/down /tmp/answer", `${block({ ...down, file: "disabled" })}\n`);
    await sandbox.sh("cat >/tmp/up", `${block({})}\nListen=/run/good.sock (Stream)\n`);
    await sandbox.sh(
      `printf '#!/bin/sh
         case $1 in show) cat /tmp/answer; exit ;; start) cp /tmp/up /tmp/answer; : >/run/good.sock ;; stop) cp /tmp/down /tmp/answer ;; esac
         echo "$* $(ls /etc/systemd/system/good.socket /etc/nptest-* /run/good.sock 2>/dev/null | tr "\n" " ")" >>/tmp/asked\n' >/usr/local/sbin/systemctl
       chmod 0755 /usr/local/sbin/systemctl`,
    );
    const asked = async () => (await sandbox.sh("cat /tmp/asked; rm /tmp/asked")).trim().split("\n");
    const [own, later] = [file("/etc/systemd/system/good.socket", "x\n"), file("/etc/nptest-later", "x\n")];
    const unit = (...after: readonly Requirement[]) =>
      service("good.socket", { restartAfter: after.map(requirementName) });
    expect((await sandbox.apply(shell, [own, unit(own)])).code).toBe(0);
    expect(await sandbox.sh("ls /run/good.sock")).toBe("/run/good.sock\n");
    await asked();
    // It is neither stopped nor disabled: whatever needs it would go down with it.
    expect((await sandbox.apply(shell, [later, unit(later)])).code).toBe(0);
    expect(await asked()).toEqual(["restart -- good.socket /etc/nptest-later"]);
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect((await asked())[0]).toBe("stop -- good.socket /etc/nptest-later ");
  });

  it("has systemd read its units again before it starts one that could not be loaded", async () => {
    await sandbox.sh("cat >/tmp/answer", `${block({ ...down, load: "error" })}\n`);
    await sandbox.sh("cat >/tmp/up", `${block({})}\n`);
    await sandbox.sh("cat >/tmp/read", `${block(down)}\n`);
    await sandbox.sh(
      `printf '#!/bin/sh\ncase $1 in show) cat /tmp/answer; exit ;; daemon-reload) cp /tmp/read /tmp/answer ;; start) cp /tmp/up /tmp/answer ;; esac
         echo "$*" >>/tmp/asked\n' >/usr/local/sbin/systemctl; chmod 0755 /usr/local/sbin/systemctl`,
    );
    expect((await sandbox.apply(shell, [service("gone.service")])).code).toBe(0);
    expect(await sandbox.sh("cat /tmp/asked")).toBe("daemon-reload\nstart -- gone.service\n");
  });

  it("has systemd read its units again before it restarts one that has a new file, which systemd need not see", async () => {
    await sandbox.sh("cat >/tmp/answer", `${block({})}\n`);
    await sandbox.sh(
      `printf '#!/bin/sh\ncase $1 in show) cat /tmp/answer; exit ;; esac
         echo "$*" >>/tmp/asked\n' >/usr/local/sbin/systemctl; chmod 0755 /usr/local/sbin/systemctl`,
    );
    const asked = () => sandbox.sh("cat /tmp/asked; rm /tmp/asked");
    const [dropIn, other] = ["/etc/systemd/system/good.service.d/new.conf", "/etc/nptest-other"].map((path) =>
      file(path, "x\n"),
    ) as [Requirement, Requirement];
    const unit = service("good.service", { restartAfter: [other, dropIn].map(requirementName) });
    expect((await sandbox.apply(shell, [other, dropIn, unit])).code).toBe(0);
    expect(await asked()).toBe("daemon-reload\nrestart -- good.service\n");
    const later = service("good.service", { restartAfter: [requirementName(other)] });
    expect((await sandbox.apply(shell, [file("/etc/nptest-other", "y\n"), later])).code).toBe(0);
    expect(await asked()).toBe("restart -- good.service\n");
  });

  it("unmasks all units of a stage before it starts one", async () => {
    const masked = { ...down, load: "masked", file: "masked" };
    const [socket, unit] = [service("good.socket"), service("good.service")];
    await sandbox.sh("cat >/tmp/masked", `${block(masked)}\n\n${block(masked)}\n`);
    await sandbox.sh("cat >/tmp/up", `${block({})}\n\n${block({})}\n`);
    await sandbox.sh("cat >/tmp/down", `${block(down)}\n`);
    await sandbox.sh(
      `printf '#!/bin/sh
         n=$(grep -c start /tmp/asked 2>/dev/null); u=$(grep -c unmask /tmp/asked 2>/dev/null)
         case $1 in show) if [ "\${n:-0}" -gt 1 ]; then cat /tmp/up; elif [ "\${u:-0}" -gt 1 ]; then cat /tmp/down; else cat /tmp/masked; fi; exit ;; esac
         echo "$*" >>/tmp/asked\n' >/usr/local/sbin/systemctl; chmod 0755 /usr/local/sbin/systemctl`,
    );
    expect((await sandbox.apply(shell, [socket, unit])).code).toBe(0);
    expect(await sandbox.sh("cat /tmp/asked")).toBe(
      "unmask -- good.socket\nunmask -- good.service\nstart -- good.socket\nstart -- good.service\n",
    );
  });

  it("says so where no systemd answers", async () => {
    const seen = await sandbox.observe(shell, [service("good.service")]);
    expect(seen.map(({ phrase }) => phrase)).toEqual([`cannot be looked at, systemd does not answer${must}`]);
  });
});
