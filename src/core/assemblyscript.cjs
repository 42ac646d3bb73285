"use strict";
// AssemblyScript, out of npm: what the builds of our WebAssembly share. Plain CommonJS: set-up runs it.
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { spawnSync } = require("node:child_process");

const ROOT = path.resolve(__dirname, "..", "..");
const PACKAGE = path.join(ROOT, "node_modules", "assemblyscript");

/** What a build depends on: this file, the compiler's version, and the files that the build names; short. */
function stampOf(files) {
  const hash = crypto.createHash("sha256").update(JSON.parse(fs.readFileSync(path.join(PACKAGE, "package.json"), "utf8")).version);
  for (const file of [__filename, ...files]) hash.update(path.basename(file)).update(fs.readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

/** Compiles a source to a file; null, or why it could not. @example compile("src/data/wasm/scan.ts", "/tmp/scan.wasm", ["-O3"]) */
function compile(source, out, flags) {
  const asc = path.join(PACKAGE, "bin", "asc.js");
  const done = spawnSync(process.execPath, [asc, path.relative(ROOT, source), ...flags, "-o", path.relative(ROOT, out)], { cwd: ROOT, encoding: "utf8" });
  return done.status === 0 ? null : (`${done.stderr ?? ""}${done.error ?? ""}`.split("\n").find((line) => /error/i.test(line)) ?? `exit ${done.status}`);
}

module.exports = { compile, stampOf };
