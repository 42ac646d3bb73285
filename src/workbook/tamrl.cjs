"use strict";
// Starts the command line: src/cli.ts through tsx, in this process, so that arguments, exit code and signals are its own.
const fs = require("node:fs");
const { Module } = require("node:module");
const path = require("node:path");

const root = path.resolve(__dirname, "..", "..");
if (!fs.existsSync(path.join(root, "node_modules", "tsx"))) {
  process.stderr.write("tamrl: the npm packages are required, node_modules is not there; run npm run setup\n");
  process.exit(1);
}
require("tsx/cjs");
process.argv[1] = path.join(root, "src", "cli.ts");
Module.runMain(process.argv[1]);
