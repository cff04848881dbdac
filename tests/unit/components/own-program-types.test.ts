import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { ROOT } from "../../../offline/paths";

/*
 * A program of another repository compiles nodeprep's sources with its own options, and has nodeprep's dependencies
 * without those for its development.
 */
test("nodeprep compiles with the options that docs/own-programs.md asks for, and with its own dependencies", () => {
  const { options, errors } = ts.convertCompilerOptionsFromJson(
    {
      ...{ target: "ES2022", lib: ["ES2023"], module: "commonjs", moduleResolution: "node10" },
      ...{ strict: true, skipLibCheck: true, noImplicitReturns: true, noEmit: true, types: [] },
      ...{ ignoreDeprecations: "6.0", esModuleInterop: false },
    },
    ROOT,
  );
  expect(errors).toEqual([]);
  const program = ts.createProgram(
    ["components/index.ts", "components/join-token.ts", "plan/kinds.ts", nodeTypes.found].map((file) =>
      join(ROOT, file),
    ),
    options,
    hostWith(options),
  );
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const own = program
    .getSourceFiles()
    .filter((file) => !program.isSourceFileFromExternalLibrary(file) && !file.isDeclarationFile);
  expect(
    own.flatMap((file) =>
      program
        .getSemanticDiagnostics(file)
        .map(
          ({ messageText }) =>
            `${relative(ROOT, file.fileName)}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`,
        ),
    ),
  ).toEqual([]);
  // A default import compiles only with esModuleInterop before TypeScript 6, which no longer knows how to go without.
  expect(
    own
      .filter(({ text }) => /^import (?!type )\w+,? (?:\{.*\} )?from "[^.]/m.test(text))
      .map(({ fileName }) => relative(ROOT, fileName)),
  ).toEqual([]);
  const packages = own
    .flatMap((file) => importsOf(file, program))
    .map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1])
    .filter((name) => name !== undefined && name !== "@types/node");
  expect([...new Set(packages)].filter((name) => !Object.hasOwn(dependencies, name ?? ""))).toEqual([]);
  expect(packages).toContain("@types/ssh2");
}, 120_000);

/** What npm gives a program that asks for no types of Node.js: those that ssh2's ask for. */
const nodeTypes = {
  found: "node_modules/@types/ssh2/node_modules/@types/node/index.d.ts",
  hidden: join(ROOT, "node_modules/@types/node/"),
};

function hostWith(options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options);
  return {
    ...host,
    fileExists: (path) => !path.startsWith(nodeTypes.hidden) && host.fileExists(path),
  };
}

/** The files that a file's imports lead to. */
const importsOf = (file: ts.SourceFile, program: ts.Program): readonly string[] =>
  ts
    .preProcessFile(file.text)
    .importedFiles.map(
      ({ fileName }) =>
        ts.resolveModuleName(fileName, file.fileName, program.getCompilerOptions(), ts.sys).resolvedModule
          ?.resolvedFileName ?? fileName,
    );
