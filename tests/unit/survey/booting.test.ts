import { onceBooted } from "../../../survey/booting";
import { SurveyError, type SurveyReason } from "../../../survey/errors";

const failure = (reason: SurveyReason): SurveyError =>
  new SurveyError("node-0", reason, `is ${reason}`, "Wait.");

/** A look that fails for these reasons, one after the other, and then succeeds. */
function looks(...reasons: readonly SurveyReason[]) {
  const left = [...reasons];
  return jest.fn(() => {
    const reason = left.shift();
    return reason === undefined ? Promise.resolve("booted") : Promise.reject(failure(reason));
  });
}

describe("a machine that may be booting", () => {
  it("is looked at until it answers, with a word about the wait", async () => {
    const look = looks("timeout", "refused", "dropped", "no-ssh", "unreachable");
    const said = jest.fn();
    expect(await onceBooted(60, look, said, 1)).toBe("booted");
    expect(look).toHaveBeenCalledTimes(6);
    expect(said.mock.calls).toEqual([["is timeout"]]);
  });

  it("is not waited for longer than it may take", async () => {
    await expect(onceBooted(0, looks("refused"), undefined, 1)).rejects.toThrow("is refused");
    const look = looks(...Array<SurveyReason>(1000).fill("refused"));
    await expect(onceBooted(0.02, look, undefined, 5)).rejects.toThrow("is refused");
    expect(look.mock.calls.length).toBeGreaterThan(1);
    expect(look.mock.calls.length).toBeLessThan(10);
  });

  it.each(["host-key-mismatch", "auth", "unsupported", "owner"] as const)(
    "is not asked again where it answers: %s",
    async (reason) => {
      const look = looks(reason);
      await expect(onceBooted(60, look, undefined, 1)).rejects.toThrow(`is ${reason}`);
      expect(look).toHaveBeenCalledTimes(1);
    },
  );
});
