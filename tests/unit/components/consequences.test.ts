import { consequence } from "../../../components/consequences";
import { file, service } from "../../../plan/kinds";
import { requirementName } from "../../../plan/requirement";

const [config, dropIn, other] = [file("/etc/a b.toml", "a"), file("/etc/drop-in", "b"), file("/etc/c", "c")];
const [configName, dropInName] = [requirementName(config), requirementName(dropIn)];
const stage = [
  config,
  dropIn,
  other,
  service("a.service", { restartAfter: [configName, dropInName] }),
  service("b.service", { restartAfter: [configName], reloadAfter: [dropInName] }),
  service("c.service", { runs: "when something starts it", restartAfter: [configName] }),
];
const effect = (name: string, ...more: string[]): string =>
  consequence(name, stage, new Set([name, ...more]));

describe("what follows from a change", () => {
  it("is the restart or the reload of services that run", () => {
    expect(effect(configName)).toBe("; an update restarts a.service and b.service");
    expect(effect(dropInName)).toBe("; an update restarts a.service and reloads b.service");
  });

  it("is nothing where no service depends on it", () => expect(effect(requirementName(other))).toBe(""));

  it("is not said of services that are mended themselves", () =>
    expect(effect(configName, "service:a.service")).toBe("; an update restarts b.service"));
});
