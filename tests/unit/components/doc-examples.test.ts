import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { ROOT } from "../../../offline/paths";

/* Examples in doc comments are what people copy: each of them passes the compiler, with what is there before it begins. */

const folder = join(ROOT, "components");

/** The examples of a file, without their stars. */
const examplesIn = (file: string): readonly string[] =>
  [...readFileSync(join(folder, file), "utf8").matchAll(/^ \* @example\n((?: \*(?! @|\/).*\n)+)/gm)].map(
    ([, lines = ""]) => lines.replaceAll(/^ \* ?/gm, ""),
  );

// The types of Pulumi's kubernetes SDK alone take longer than all the rest.
const sources = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
  (name) => name.endsWith(".ts") && name !== "kubelet-api-access.ts",
);

const before = `
import * as nodeprep from "./index";
import type { KubeletArgs, ConnectionSpec, GivenNode, NodeContext } from "./index";
import { JoinToken } from "./join-token";
declare const machine: Pick<GivenNode, "context" | "connection">;
declare const network: Pick<NodeContext, "kubernetesVersion" | "podCidrs" | "podSubnets">;
declare const first: ConnectionSpec, second: ConnectionSpec;
declare const settings: Omit<KubeletArgs, "secrets">, secrets: KubeletArgs["secrets"];
declare const privateKey: string, publicKey: string, url: string, key: KeySpec;
type KeySpec = nodeprep.KubernetesPackagesArgs["repository"]["key"];
`;

test("the examples of components are programs", () => {
  const { options } = ts.convertCompilerOptionsFromJson(
    {
      ...{
        lib: ["ES2023"],
        target: "ES2022",
        module: "commonjs",
        moduleResolution: "node10",
        types: ["node"],
      },
      ...{ ignoreDeprecations: "6.0", strict: true, exactOptionalPropertyTypes: true, esModuleInterop: true },
      ...{ skipLibCheck: true, noEmit: true },
    },
    ROOT,
  );
  const examples = sources.flatMap(examplesIn);
  expect(examples.length).toBeGreaterThan(15);
  const names = Object.keys(jest.requireActual<object>("../../../components"));
  const text = [
    before,
    `const { ${names.join(", ")} } = nodeprep;`,
    ...examples.map((example) => `void (async () => { await null;\n${example}});`),
  ].join("\n");
  const path = join(folder, "examples-of-doc-comments.ts");
  const files = ts.createCompilerHost(options);
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022);
  const host: ts.CompilerHost = {
    ...files,
    fileExists: (name) => name === path || files.fileExists(name),
    getSourceFile: (name, ...rest) => (name === path ? source : files.getSourceFile(name, ...rest)),
  };
  const program = ts.createProgram([path], options, host);
  const wrong = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  const lines = text.split("\n");
  const lineOf = ({ start = 0 }: ts.Diagnostic): string =>
    lines[source.getLineAndCharacterOfPosition(start).line] ?? "";
  expect(
    wrong.map((one) => `${lineOf(one)}: ${ts.flattenDiagnosticMessageText(one.messageText, " ")}`),
  ).toEqual([]);
}, 120_000);
