import { partsOf, reachable } from "../../../toolkit/parts";
import { factsScript, observeScript, toolkitScript } from "../../../toolkit/script";

describe("the parts of a script", () => {
  it("are functions, variables and what every script needs", () => {
    const script = `# comment
export PATH
IFS=
one() { two; }
# another
two() {
  # inside
  echo "$text"
}
text='a
b'
`;
    expect(partsOf(script)).toEqual([
      { name: undefined, text: "export PATH" },
      { name: undefined, text: "IFS=" },
      { name: "one", text: "one() { two; }" },
      { name: "two", text: 'two() {\n  echo "$text"\n}' },
      { name: "text", text: "text='a\nb'" },
    ]);
  });

  it("are the same of a clone with Windows' line endings", () => {
    const script = "umask 022\none() {\n  :\n}\ntext='a\nb'\n";
    expect(partsOf(script.replaceAll("\n", "\r\n"))).toEqual(partsOf(script));
  });

  it.each(["one() (\n  cd /\n)", "one() {\n  a\n}\nfor x in y; do", "echo hello", "}"])(
    "are not what begins otherwise: %j",
    (script) => expect(() => partsOf(script)).toThrow(/^cannot tell what begins with ".*write it as one of/),
  );

  it("go with those that name them alone", () => {
    const parts = partsOf("umask 022\none() { two; }\ntwo() { :; }\nthree() { :; }");
    const names = reachable(parts, (name) => name === "one").map(({ name }) => name);
    expect(names).toEqual([undefined, "one", "two"]);
  });

  it("that change an account are in no survey", () => {
    expect(toolkitScript().text).toContain("user_in() {");
    for (const { text } of [observeScript(), factsScript()]) expect(text).not.toContain("cd -P");
  });
});
