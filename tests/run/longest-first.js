// jest begins with the largest files, which are not those that take longest: without this, one suite of many minutes
// runs alone at the end.
const { basename } = require("node:path");
const { default: Sequencer } = require("@jest/test-sequencer");

/** The end-to-end suites, by the time that they take. What is not here comes after them, in jest's own order. */
const order = [
  "cluster dnf docker cut lockout newcomer release undo drift-table",
  "not-bare stand-ins selinux unreachable drift raced examples control-plane",
].flatMap((line) => line.split(" "));

const rank = ({ path }) => {
  const at = order.indexOf(basename(path, ".test.ts"));
  return at < 0 ? order.length : at;
};

module.exports = class extends Sequencer {
  sort(tests) {
    return super.sort(tests).toSorted((one, other) => rank(one) - rank(other));
  }
};
