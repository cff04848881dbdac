import { service } from "../../plan/kinds";
import { Sandbox, shells } from "./sandbox";

const unit = "nptest.service";

/*
 * A stand-in for systemctl that has one unit: how it is enabled, whether it runs, and how it would be enabled behind a
 * mask. Where systemd is particular, it is too: a runtime link counts only where there is no other, each mask is taken
 * away by its own word, and what failed too often does not start.
 */
const systemctl = `#!/bin/sh
cd /run/unit
file=$(cat file) active=$(cat active)
put() { echo "$2" >"$1"; }
case $1 in
  show)
    case $file in masked*) load=masked ;; *) load=loaded ;; esac
    printf 'MainPID=271\\nResult=success\\nLoadState=%s\\nActiveState=%s\\nSubState=running\\n' "$load" "$active"
    printf 'UnitFileState=%s\\nNeedDaemonReload=no\\n' "$file"
    exit
    ;;
esac
case "$1 $file" in 'enable masked'* | 'start masked'* | 'restart masked'*) exit 1 ;; esac
case "$*" in
  'enable --runtime '*) [ "$file" = enabled ] || put file enabled-runtime ;;
  'enable '*) put file enabled; put links enabled ;;
  'disable '*) put file disabled; put links disabled ;;
  'mask --runtime '*) put file masked-runtime ;;
  'mask '*) put file masked ;;
  'unmask --runtime '*) [ "$file" != masked-runtime ] || put file "$(cat links)" ;;
  'unmask '*) [ "$file" != masked ] || put file "$(cat links)" ;;
  'start '* | 'restart '*) [ "$active" != failed ] && put active active ;;
  'stop '*) [ "$active" = failed ] || put active inactive ;;
  'reset-failed '*) put active inactive ;;
esac
`;

describe.each(shells)("a unit's state that was found, under %s", (shell) => {
  let sandbox: Sandbox;
  beforeEach(async () => {
    sandbox = await Sandbox.open();
    await sandbox.sh(
      "cat >/usr/local/sbin/systemctl; chmod 0755 /usr/local/sbin/systemctl; mkdir /run/unit",
      systemctl,
    );
  });
  afterEach(() => sandbox.close());

  const found = (file: string, active: string, links = "disabled") =>
    sandbox.sh(`cd /run/unit; echo ${file} >file; echo ${active} >active; echo ${links} >links
      link=/etc/systemd/system/multi-user.target.requires/${unit}; mkdir -p "\${link%/*}"
      [ ${links} != enabled ] || ln -s /usr/lib/systemd/system/${unit} $link`);
  const state = async () => (await sandbox.sh("cd /run/unit; cat file active links")).trim().split("\n");
  const apply = async () => {
    const { code, stderr } = await sandbox.apply(shell, [service(unit)]);
    expect({ code, errors: stderr.match(/error.*/g) }).toEqual({ code: 0, errors: null });
    expect(await state()).toEqual(["enabled", "active", "enabled"]);
  };

  it.each([
    ["disabled", "inactive", "disabled"],
    ["enabled", "inactive", "enabled"],
    ["enabled", "active", "enabled"],
    ["enabled-runtime", "inactive", "disabled"],
    ["masked", "inactive", "disabled"],
    ["masked", "inactive", "enabled"],
    ["masked-runtime", "inactive", "disabled"],
    ["masked-runtime", "inactive", "enabled"],
  ])("%s and %s, with the links of a unit that is %s, comes back", async (...before) => {
    await found(...before);
    await apply();
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await state()).toEqual(before);
  });

  it("failed too often is no hindrance, neither before nor after", async () => {
    await found("disabled", "failed");
    await apply();
    await sandbox.sh("echo failed >/run/unit/active");
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await state()).toEqual(["disabled", "inactive", "disabled"]);
  });

  it("on its way up is one that ran", async () => {
    await found("disabled", "activating");
    await apply();
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await state()).toEqual(["disabled", "active", "disabled"]);
  });

  it("does not come back over what somebody has made of it since", async () => {
    await found("disabled", "inactive");
    await apply();
    await sandbox.sh("echo masked >/run/unit/file");
    expect((await sandbox.undo(shell)).code).toBe(0);
    expect(await state()).toEqual(["masked", "inactive", "enabled"]);
  });
});
