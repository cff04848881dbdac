"use strict";
/*
 * A provider that has any resource made at once, and notes it in a file: `node stand-in-provider.js LOG ADDRESS`, as the
 * engine starts it. A resource with a `length` gets a `result` of so many letters.
 */
const { appendFileSync } = require("node:fs");
const { randomBytes } = require("node:crypto");
const { main } = require("@pulumi/pulumi/provider");

const [log, ...words] = process.argv.slice(2);
const note = (verb, urn) => appendFileSync(log, `${verb} ${urn.slice(urn.lastIndexOf("::") + 2)}\n`);

void main(
  {
    create: (urn, inputs) => {
      note("create", urn);
      const result = inputs.length && { result: randomBytes(16).toString("hex").slice(0, inputs.length) };
      return Promise.resolve({ id: urn, outs: { ...inputs, ...result } });
    },
    delete: (_id, urn) => Promise.resolve(note("delete", urn)),
  },
  words,
);
