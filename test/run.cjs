"use strict";
// node test/run.cjs ENDING [node --test options]: every file under test/ with that ending, in Node's test runner.
// Node 20 takes no patterns after --test, and a shell's patterns differ between systems.
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");

const [ending, ...options] = process.argv.slice(2);
const files = fs.readdirSync(__dirname, { recursive: true }).filter((file) => file.endsWith(ending ?? "")).sort();
if (!ending || files.length === 0) {
  process.stderr.write(`run: the ending of at least one test file is required, got ${ending ?? "nothing"}; try .test.ts\n`);
  process.exit(2);
}
const root = path.resolve(__dirname, "..");
const { status } = spawnSync(process.execPath, ["--import", "tsx", "--test", ...options, ...files.map((file) => path.join("test", file))], { cwd: root, stdio: "inherit" });
process.exit(status ?? 1);
