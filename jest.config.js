// Four kinds of tests: `unit` needs nothing, `toolkit` needs POSIX shells, `conformance` a local sshd and the
// engine, `e2e` lab machines. Pick with `npx jest --selectProjects unit`.

const transform = {
  "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }],
};

/** One jest project for the tests below `tests/<name>/`. */
function project(name) {
  return {
    displayName: name,
    testEnvironment: "node",
    rootDir: __dirname,
    testMatch: [`<rootDir>/tests/${name}/**/*.test.ts`],
    modulePathIgnorePatterns: ["<rootDir>/.lab/"],
    transform,
  };
}

/**
 * What Pulumi's SDK loads for programs that turn functions into texts and packages, as none does here: the TypeScript
 * compiler and npm's tree of packages. Half of the unit tests' files would each load both again.
 */
const nothing = "<rootDir>/tests/run/nothing.js";
const unit = {
  ...project("unit"),
  moduleNameMapper: { "/typescript-shim$": nothing, "^@npmcli/arborist$": nothing },
};

/** @type {import("jest").Config} */
module.exports = {
  projects: [unit, ...["toolkit", "conformance", "e2e"].map(project)],
  // The core: plain functions of plain data, and what of the edges runs without a machine or an engine.
  collectCoverageFrom: [
    "{plan,config,survey,components}/**/*.ts",
    "toolkit/{parts,script}.ts",
    "offline/{versions,language-nodejs/arguments,language-nodejs/words}.ts",
    "offline/command-provider/{diff,inputs,properties,quote}.ts",
    "!config/docs.ts",
  ],
  coverageReporters: ["text-summary", "lcov"],
  coverageThreshold: { global: { lines: 95 } },
};
