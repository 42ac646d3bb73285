"use strict";
// Builds the scanner of half-hourly files (scan.ts, AssemblyScript) into .cache. Plain CommonJS: set-up runs it.
const fs = require("node:fs");
const path = require("node:path");
const { compile, stampOf } = require("../../core/assemblyscript.cjs");

const ROOT = path.resolve(__dirname, "..", "..", "..");
const SOURCE = path.join(__dirname, "scan.ts");
const OUT = path.join(ROOT, ".cache", "scan");
const FLAGS = ["--runtime", "minimal", "--importMemory", "--noExportMemory", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536", "--enable", "threads", "-O3", "--noAssert"];
/** What a thread that scans is started from. */
const worker = path.join(__dirname, "scan-worker.cjs");

function target() {
  return path.join(OUT, `${stampOf([__filename, SOURCE])}.wasm`);
}

/** The built file, or null where there is none of today's source: the name carries the stamp. Builds nothing. */
function builtScan() {
  try {
    const file = target();
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
    const file = target();
    const work = `${file}.${process.pid}`;
    const failed = compile(SOURCE, work, FLAGS);
    if (failed === null) fs.renameSync(work, file);
    return failed;
  } catch (error) {
    return error.message;
  }
}

module.exports = { builtScan, buildScan, worker };

if (require.main === module) {
  const failed = buildScan();
  process.stderr.write(failed === null ? "the scanner of half-hourly files is built\n" : `AssemblyScript could not build the scanner of half-hourly files: ${failed}\n`);
  process.exit(failed === null ? 0 : 1);
}
