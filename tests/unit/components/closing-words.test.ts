import { closingWords } from "../../../components/closing-words";

const node = (name: string, done: boolean, surveyed = true) => ({ name, done, surveyed });

describe("the last words of an update", () => {
  it("are none where all nodes are done", () => {
    expect(closingWords([node("a", true), node("b", true)])).toBeUndefined();
    expect(closingWords([])).toBeUndefined();
  });

  it("name who is done, who was left alone, and who failed", () => {
    const nodes = [node("a", true), node("b", false, false), node("c", false), node("d", true)];
    expect(closingWords(nodes)).toBe(
      "nodeprep: 2 of 4 nodes are done: a, d. Left alone, each with a warning that says why: b. " +
        "Not come to their end (see the errors), or no targets of this update: c.",
    );
    expect(closingWords([node("a", false)])).toBe(
      "nodeprep: 0 of 1 nodes are done. Not come to their end (see the errors), or no targets of this update: a.",
    );
  });

  it("count what is too long to name", () => {
    const many = Array.from({ length: 100 }, (_, n) => node(`n${n}`, n > 0));
    expect(closingWords(many)).toMatch(/99 of 100 nodes are done: n1, .*, n20, and 79 more\. .*: n0\.$/);
  });
});
