// jest loads its reporters as they are, so this one is translated here. What jest tells a reporter at its
// beginning is not wanted.
const { require: load } = require("tsx/cjs/api");
const { Progress } = load("./progress.ts", __filename);

module.exports = class extends Progress {
  constructor() {
    super();
  }
};
