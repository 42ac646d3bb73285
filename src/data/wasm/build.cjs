"use strict";
// Builds the scanner of half-hourly files (scan.ts, AssemblyScript) into .cache. Plain CommonJS: set-up runs it.
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { spawnSync } = require("node:child_process");

const ROOT = path.resolve(__dirname, "..", "..", "..");
const SOURCE = path.join(__dirname, "scan.ts");
const OUT = path.join(ROOT, ".cache", "scan");
const FLAGS = ["--runtime", "minimal", "-O3", "--noAssert"];

/** Of what a build is made, short. */
function stampOf() {
  const version = JSON.parse(fs.readFileSync(path.join(ROOT, "node_modules", "assemblyscript", "package.json"), "utf8")).version;
  return crypto.createHash("sha256").update(fs.readFileSync(__filename)).update(fs.readFileSync(SOURCE)).update(version).digest("hex").slice(0, 16);
}

/** The built file, or null where there is none of today's source: the name carries the stamp. Builds nothing. */
function builtScan() {
  try {
    const file = path.join(OUT, `${stampOf()}.wasm`);
    return fs.existsSync(file) ? file : null;
  } catch {
    return null;
  }
}

/** Builds what is not there. Returns null, or why it could not. */
function buildScan() {
  if (builtScan() !== null) return null;
  try {
    fs.mkdirSync(OUT, { recursive: true });
    const file = path.join(OUT, `${stampOf()}.wasm`);
    const work = `${file}.${process.pid}`;
    const asc = path.join(ROOT, "node_modules", "assemblyscript", "bin", "asc.js");
    const done = spawnSync(process.execPath, [asc, path.relative(ROOT, SOURCE), ...FLAGS, "-o", path.relative(ROOT, work)], { cwd: ROOT, encoding: "utf8" });
    if (done.status !== 0) return `${done.stderr ?? ""}${done.error ?? ""}`.split("\n").find((line) => /error/i.test(line)) ?? `exit ${done.status}`;
    fs.renameSync(work, file);
    return null;
  } catch (error) {
    return error.message;
  }
}

module.exports = { builtScan, buildScan };

if (require.main === module) {
  const failed = buildScan();
  process.stderr.write(failed === null ? "the scanner of half-hourly files is built\n" : `AssemblyScript could not build the scanner of half-hourly files: ${failed}\n`);
  process.exit(failed === null ? 0 : 1);
}
