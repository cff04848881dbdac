import { fateOf, isOfTheMachine } from "../../../components/found-things";
import { StageComponent } from "../../../components/stage-component";
import { Toolkit } from "../../../components/toolkit";
import { WorkerNode } from "../../../components/worker-node";
import { file, mergedFile, service } from "../../../plan/kinds";
import type { StageDefinition } from "../../../plan/stage";
import type { Difference } from "../../../survey/types";
import { declaredBy, mockEngine, warnings } from "./engine";
import { differs, reached, surveyed } from "./fixtures";

const seen = (phrase: string, name = "file:/etc/a") => ({
  ...{ stage: "container-runtime", name, phrase },
  unrecorded: false,
});

describe("what a machine has already", () => {
  // The toolkit's own words, as its tests have them.
  it.each([
    'has other content (line 1 is "version = 3", must be "version = 2") and has mode 600, must be 644',
    "is a symbolic link to /srv/config.toml, must be a file",
    "is absent, must be a file, and names the same repository as /etc/apt/sources.list.d/docker.list, which must not",
    "is installed in version 1.31.2-1.1, must be 1.34.2-1.1",
    "differs: /usr/local/bin/containerd has other content",
    "will be 0 after the next boot (/etc/sysctl.d/99-theirs.conf:3), must be 1",
    "is masked, must be enabled and active",
    "has shell /bin/sh, must have /bin/bash, and has a password that works, must be locked",
    "is not running, must be; that flushes the rules of kube-proxy and of the CNI plugin, which must put theirs back",
    "is not running, must be; that flushes all rules of iptables (of Docker, of fail2ban, your own), and whoever made them must put them back",
    "is open to everybody (port 22/tcp), must be open to its sources only",
    "is cgroupfs, must be systemd",
    "will be cgroupfs after containerd's next start, must be systemd",
    "must be confirmed by a restart, /etc/containerd/config.toml has changed since containerd was started",
    "is to take the place of 10-calico.conflist, from which Pods get their network now",
    "is not what the runtime takes, 05-cilium.conflist comes first; must be the first",
  ])("is told by: %s", (phrase) => {
    expect(isOfTheMachine(seen(phrase))).toBe(true);
    expect(isOfTheMachine({ ...seen(phrase), unrecorded: true })).toBe(false);
  });

  it.each([
    "is absent, must be a file",
    "is not installed, must be in version 1.34.2-1.1",
    "is 0, must be 1",
    "is closed, must be open",
    "is unknown, containerd is not installed; must be systemd",
    "does not exist, must be enabled and active",
  ])("is not told by: %s", (phrase) => expect(isOfTheMachine(seen(phrase))).toBe(false));

  it("is replaced, or merged into", () => {
    const whole = file("/etc/a", "ours");
    const merged = mergedFile("/etc/a", { files: {} }, () => "ours");
    expect(fateOf(seen("has other content (…)"), [whole])).toMatch(/replaces it as a whole/);
    expect(fateOf(seen("is a symbolic link to /b, must be a file"), [whole])).toMatch(/replaces it/);
    expect(fateOf(seen("has other content (…)"), [merged])).toMatch(/merges/);
    expect(fateOf(seen("is installed in version 1, must be 2", "package:a"), [whole])).toBe("");
  });
});

describe("the warnings of a stage that a node never had", () => {
  beforeAll(mockEngine);
  beforeEach(() => void warnings());

  const withService: StageDefinition<Record<string, never>> = {
    name: "with-service",
    requirements: () => [
      file("/etc/a.toml", "a"),
      service("a.service", { restartAfter: ["file:/etc/a.toml"] }),
    ],
  };
  class WithService extends StageComponent(withService, "WithService") {}
  const stages = [Toolkit.stage({}), WithService.stage({})];

  it.each([
    ["nothing is on record yet", { applyId: undefined }],
    ["the stage is new", { newStages: ["with-service"] }],
  ])("are of the machine's own that it would change, where %s", async (_title, more) => {
    const look = (...seen: Difference[]) => {
      const node = surveyed(stages, { survey: { ...reached(stages, seen), ...more } });
      return declaredBy((opts) => new WorkerNode("node-0", { node }, opts));
    };
    const own = differs("with-service", "file:/etc/a.toml");
    const phrase = 'has other content (line 1 is "theirs", must be "a")';
    await look({ ...own, phrase });
    expect(warnings()).toEqual([
      `node-0: file:/etc/a.toml ${phrase}; an update replaces it as a whole (undo gives it back); an update restarts a.service`,
    ]);
    await look(own, {
      ...differs("with-service", "service:a.service"),
      phrase: "is disabled, must be enabled",
    });
    expect(warnings()).toEqual([]);
  });
});
