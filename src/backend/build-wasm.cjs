"use strict";
// Builds the wasm operations (wasm/*.ts, AssemblyScript) and a copy of TensorFlow.js's own wasm whose heap threads may share.
// Plain CommonJS: set-up runs it. `node src/backend/build-wasm.cjs` does the same by hand, byte for byte the same each time.
const fs = require("node:fs");
const path = require("node:path");
const assemblyscript = require("../core/assemblyscript.cjs");

const ROOT = path.resolve(__dirname, "..", "..");
const SOURCES = path.join(__dirname, "wasm");
const BACKEND = "tfjs-backend-wasm-simd.wasm";
const FLAGS = ["--runtime", "minimal", "--importMemory", "--noExportMemory", "--sharedMemory", "--initialMemory", "1", "--maximumMemory", "65536", "--enable", "simd,threads", "-O3", "--noAssert"];
/** With and without relaxed SIMD (a fused multiply-add), for engines that have it and those that have not. */
const MODULES = [{ file: "relaxed.wasm", flags: ["--enable", "relaxed-simd"] }, { file: "plain.wasm", flags: [] }];

/** Where the built files are kept; never in git. */
function defaultOutDir() {
  return path.join(ROOT, ".cache", "wasm");
}

function packageFolder(name) {
  return path.join(ROOT, "node_modules", ...name.split("/"));
}

/** What a build depends on, short. */
function stampOf() {
  const sources = fs.readdirSync(SOURCES).sort().map((file) => path.join(SOURCES, file));
  return assemblyscript.stampOf([__filename, ...sources, path.join(packageFolder("@tensorflow/tfjs-backend-wasm"), "package.json")]);
}

/** Whether the files are there and made from today's sources: { ok, why, relaxed, plain, backend }. Builds nothing. */
function builtWasm({ outDir = defaultOutDir() } = {}) {
  const files = { relaxed: path.join(outDir, "relaxed.wasm"), plain: path.join(outDir, "plain.wasm"), backend: path.join(outDir, BACKEND) };
  try {
    const ok = Object.values(files).every((file) => fs.existsSync(file)) && fs.readFileSync(path.join(outDir, "stamp"), "utf8").trim() === stampOf();
    return { ok, why: ok ? "" : "they were built from other sources", ...files };
  } catch {
    return { ok: false, why: "they are not built", ...files };
  }
}

/**
 * A wasm binary whose one memory is shared between threads, or not: one bit of the memory's type, in its import or its definition.
 * @throws Error when there is no memory with a maximum, which sharing needs
 */
function withMemory(bytes, shared) {
  const out = Uint8Array.from(bytes);
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = out[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  while (at < out.length) {
    const section = out[at++];
    const end = number() + at;
    if (section === 2) {
      for (let left = number(); left > 0; left--) {
        for (let name = 0; name < 2; name++) at = number() + at;
        const kind = out[at++];
        if (kind === 2) return flagged(out, at, shared);
        if (kind !== 0) break; // tables and globals do not come before the memory here
        number();
      }
    }
    if (section === 5 && number() === 1) return flagged(out, at, shared);
    at = end;
  }
  throw new Error("it has no memory");
}

function flagged(out, at, shared) {
  if ((out[at] & 1) === 0) throw new Error("its memory has no maximum");
  out[at] = shared ? 3 : 1;
  return out;
}

function build(outDir, stamp) {
  const work = fs.mkdtempSync(path.join(path.dirname(outDir), "wasm-"));
  try {
    for (const { file, flags } of MODULES) {
      const failed = assemblyscript.compile(path.join(SOURCES, "index.ts"), path.join(work, file), [...FLAGS, ...flags]);
      if (failed !== null) return failed;
    }
    const shipped = fs.readFileSync(path.join(packageFolder("@tensorflow/tfjs-backend-wasm"), "dist", BACKEND));
    fs.writeFileSync(path.join(work, BACKEND), withMemory(shipped, true));
    fs.writeFileSync(path.join(work, "stamp"), `${stamp}\n`);
    fs.rmSync(outDir, { recursive: true, force: true });
    fs.renameSync(work, outDir);
    return null;
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Builds what is not there; does nothing when it is current. Returns { ok, why }; never throws. Without it the wasm backend computes
 * with TensorFlow.js's own operations on one thread.
 * @example const { ok, why } = buildWasm({ log: console.error })
 */
function buildWasm({ outDir = defaultOutDir(), log = () => undefined } = {}) {
  try {
    if (builtWasm({ outDir }).ok) return { ok: true, why: "the wasm operations are built and current" };
    log("building the wasm operations (about 5 s) …");
    fs.mkdirSync(path.dirname(outDir), { recursive: true });
    const failed = build(outDir, stampOf());
    return failed === null ? { ok: true, why: "the wasm operations were built" } : { ok: false, why: `AssemblyScript could not build the wasm operations: ${failed}` };
  } catch (error) {
    return { ok: false, why: `the wasm operations could not be built: ${error.message}` };
  }
}

module.exports = { buildWasm, builtWasm, withMemory, defaultOutDir, worker: path.join(__dirname, "wasm-worker.cjs") };

if (require.main === module) {
  const { ok, why } = buildWasm({ log: (line) => process.stderr.write(`${line}\n`) });
  process.stderr.write(`${why}\n`);
  process.exit(ok ? 0 : 1);
}
