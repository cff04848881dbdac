import { pkg } from "../../plan/kinds";
import { encodeRequirements } from "../../plan/requirement";
import { AptRepository, withApt } from "./apt-repository";
import type { Sandbox } from "./sandbox";
import { debs } from "./test-packages";

/* Units are masked while their package comes; here the run is killed right then. */
withApt("units that were masked for an install that was cut off", () => {
  let sandbox: Sandbox;
  const units = "/run/systemd/system";
  const scripts = {
    systemctl: `#!/bin/sh
verb=$1
echo "$*" >>/run/asked
[ "$verb" != show ] || echo LoadState=not-found
for unit in "$@"; do
  case $verb:$unit in
    mask:*.service) [ -e ${units}/$unit ] || ln -s /dev/null ${units}/$unit ;;
    unmask:*.service) rm -f ${units}/$unit ;;
  esac
done
`,
    "apt-get": `#!/bin/sh
case $* in
  *' install '*) ls ${units} >/run/masked; [ ! -e /run/cut ] || kill -9 $PPID ;;
esac
exec /usr/bin/apt-get "$@"
`,
  };
  beforeEach(async () => {
    sandbox = await (await AptRepository.build(debs)).machine();
    await sandbox.sh(`mkdir -p ${units}; ln -s /dev/null ${units}/theirs.service; touch /run/cut`);
    for (const [name, script] of Object.entries(scripts))
      await sandbox.sh(`cat >/usr/local/sbin/${name}; chmod 0755 /usr/local/sbin/${name}`, script);
  });
  afterEach(() => sandbox.close());

  it.each(["apply", "undo"] as const)("are so no longer after the next %s; others' are", async (next) => {
    const quiet = pkg("nptest-app", { quietUnits: ["ours.service", "theirs.service"] });
    expect((await sandbox.apply("dash", [quiet])).code).not.toBe(0);
    expect(await sandbox.sh(`cat /run/masked; ls ${units}; rm /run/cut`)).toBe(
      "ours.service\ntheirs.service\nours.service\ntheirs.service\n",
    );
    const result = await (next === "apply" ? sandbox.apply("dash", [quiet]) : sandbox.undo("dash"));
    expect(result).toMatchObject({ code: 0 });
    expect(await sandbox.sh(`ls ${units}`)).toBe("theirs.service\n");
    if (next === "apply") expect(await sandbox.sh("cat /run/masked")).toContain("ours.service");
  });

  it("are so no longer after an apply that finds the package there", async () => {
    const quiet = pkg("nptest-app", { quietUnits: ["ours.service"] });
    expect((await sandbox.apply("dash", [quiet])).code).not.toBe(0);
    await sandbox.sh("rm /run/cut; apt-get -qq update; apt-get -qqy install nptest-app >/dev/null 2>&1");
    expect(await sandbox.apply("dash", [quiet])).toMatchObject({ code: 0 });
    expect(await sandbox.sh(`ls ${units}`)).toBe("theirs.service\n");
  });

  it("are so for systemd until the guard of a firewall lets it look again, once for all of them", async () => {
    await sandbox.sh("rm /run/cut");
    const quiet = encodeRequirements([pkg("nptest-app", { quietUnits: ["ours.service"] })]);
    const asked = async (stage: string) => {
      const { code } = await sandbox.toolkit(
        "dash",
        ["apply", stage, "--as", "org/project/stack/node"],
        quiet,
      );
      const said = await sandbox.sh("grep -E 'mask|disable' /run/asked; rm /run/asked");
      return [code, ...said.trimEnd().split("\n")];
    };
    expect(await asked("firewall-guard")).toEqual([
      0,
      "--quiet --no-reload mask firewalld.service",
      "mask --no-reload --runtime --quiet -- ours.service",
      "unmask --runtime --quiet --no-reload -- ours.service",
      "--quiet --no-reload unmask firewalld.service",
      "--quiet disable firewalld.service",
    ]);
    await sandbox.sh("apt-get -qqy purge nptest-app >/dev/null 2>&1");
    expect((await asked("other")).slice(0, 3)).toEqual([
      0,
      "mask --no-reload --runtime --quiet -- ours.service",
      "unmask --runtime --quiet -- ours.service",
    ]);
  });
});
