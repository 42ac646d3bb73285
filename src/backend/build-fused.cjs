"use strict";
// Builds the fused LSTM (native/*.cc) with the machine's own compiler. Plain CommonJS without dependencies: set-up runs it
// before anything else exists. `node src/backend/build-fused.cjs` does the same by hand.
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { spawnSync } = require("node:child_process");

const ROOT = path.resolve(__dirname, "..", "..");
const SOURCES = path.join(__dirname, "native");
const COMPILERS = ["g++", "clang++", "c++"];
const FLAGS = ["-std=c++17", "-O3", "-fPIC", "-fvisibility=hidden", "-fno-math-errno", "-fno-trapping-math", "-pthread", "-Wall", "-Wextra"];

/** Instruction sets of this architecture: the kernels are compiled once for each, and the processor is asked at load. */
function instructionSets(arch) {
  const portable = { name: "portable", flags: [] };
  if (arch !== "x64") return [portable];
  const avx2 = ["-mavx2", "-mfma"];
  return [portable, { name: "avx2", flags: avx2 }, { name: "avx512", flags: [...avx2, "-mavx512f", "-mavx512vl", "-mavx512dq", "-mavx512bw"] }];
}

/** Where libtensorflow's headers and libraries lie: include/ and lib/ in the addon's package. */
function defaultDepsDir() {
  return path.join(ROOT, "node_modules", "@tensorflow", "tfjs-node-gpu", "deps");
}

/** Where the built object is kept; never in git. */
function defaultOutFile() {
  return path.join(ROOT, ".cache", "fused", "tamlstm.node");
}

/** Version of the libtensorflow whose headers are in `depsDir`, "" where they do not tell. */
function tensorflowVersion(depsDir) {
  for (const header of ["version.h", "release_version.h"]) {
    try {
      const text = fs.readFileSync(path.join(depsDir, "include", "tensorflow", "core", "public", header), "utf8");
      const part = (name) => new RegExp(`#define TF_${name} "?([^"\\s]*)"?`).exec(text)?.[1] ?? "";
      if (part("MAJOR_VERSION") !== "") return `${part("MAJOR_VERSION")}.${part("MINOR_VERSION")}.${part("PATCH_VERSION")}${part("VERSION_SUFFIX")}`;
    } catch {
      // the next header, or none
    }
  }
  return "";
}

/** What a build depends on, short. */
function stampOf(depsDir) {
  const hash = crypto.createHash("sha256");
  for (const file of fs.readdirSync(SOURCES).sort()) hash.update(file).update(fs.readFileSync(path.join(SOURCES, file)));
  hash.update(JSON.stringify([FLAGS, instructionSets(process.arch), process.platform, tensorflowVersion(depsDir)]));
  return hash.digest("hex").slice(0, 16);
}

const stampFile = (outFile) => `${outFile}.stamp`;

/**
 * Whether the object in `outFile` is there and made from today's sources: { ok, why, file }. Builds nothing.
 */
function builtFused({ depsDir = defaultDepsDir(), outFile = defaultOutFile() } = {}) {
  try {
    const ok = fs.existsSync(outFile) && fs.readFileSync(stampFile(outFile), "utf8").trim() === stampOf(depsDir);
    return { ok, why: ok ? "" : "it was built from other sources or another libtensorflow", file: outFile };
  } catch {
    return { ok: false, why: "it is not built", file: outFile };
  }
}

function findCompiler() {
  const asked = process.env.CXX;
  const names = asked ? [asked, ...COMPILERS] : COMPILERS;
  return names.find((name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0) ?? null;
}

/** Runs the compiler; its last error line on failure, else null. */
function run(compiler, args) {
  const done = spawnSync(compiler, args, { encoding: "utf8" });
  if (done.status === 0) return null;
  const lines = `${done.stderr ?? ""}${done.error ?? ""}`.split("\n");
  return (lines.find((line) => /error|cannot|not found/i.test(line)) ?? lines[0] ?? `exit ${done.status}`).trim();
}

function compile(compiler, depsDir, outFile, stamp) {
  const work = fs.mkdtempSync(path.join(path.dirname(outFile), "build-"));
  try {
    const lib = path.join(depsDir, "lib");
    const defines = [`-DTAM_OP="TamLstm${stamp}"`, `-DTAM_TF_VERSION="${tensorflowVersion(depsDir)}"`];
    const units = [
      ...["lstm", "days"].flatMap((part) => instructionSets(process.arch).map(({ name, flags }) => ({ object: `${part}_${name}.o`, source: `${part}_kernels.cc`, args: [`-DTAM_KERNELS=${name}`, ...flags] }))),
      ...["lstm_ops", "days_ops", "adam_op", "library"].map((part) => ({ object: `${part}.o`, source: `${part}.cc`, args: [...defines, `-isystem${path.join(depsDir, "include")}`] })),
      { object: "node.o", source: "node_entry.cc", args: defines },
    ];
    for (const { object, source, args } of units) {
      const failed = run(compiler, [...FLAGS, ...args, "-c", path.join(SOURCES, source), "-o", path.join(work, object)]);
      if (failed !== null) return failed;
    }
    const made = path.join(work, "tamlstm.node");
    const link = ["-shared", "-pthread", ...units.map((u) => path.join(work, u.object)), `-L${lib}`, `-Wl,-rpath,${lib}`, "-ltensorflow", "-ltensorflow_framework"];
    const failed = run(compiler, [...link, "-o", made]);
    if (failed !== null) return failed;
    fs.rmSync(stampFile(outFile), { force: true }); // an object without a stamp counts as absent, so a broken-off build is never loaded
    fs.renameSync(made, outFile);
    fs.writeFileSync(path.join(work, "stamp"), `${stamp}\n`);
    fs.renameSync(path.join(work, "stamp"), stampFile(outFile));
    return null;
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/**
 * Builds the fused LSTM over the libtensorflow in `depsDir` into `outFile`; does nothing when it is there and current.
 * Returns { ok, why }; never throws. Without it the workbook runs on the hybrid kernel.
 * @example const { ok, why } = buildFused({ log: console.error })
 */
function buildFused({ depsDir = defaultDepsDir(), outFile = defaultOutFile(), log = () => undefined } = {}) {
  try {
    if (process.platform !== "linux") return { ok: false, why: `the fused LSTM is built on Linux only, this is ${process.platform}; the hybrid kernel is used` };
    if (!fs.existsSync(path.join(depsDir, "include", "tensorflow", "c", "kernels.h"))) {
      return { ok: false, why: `libtensorflow's headers are not in ${depsDir}; run npm run setup` };
    }
    if (builtFused({ depsDir, outFile }).ok) return { ok: true, why: "the fused LSTM is built and current" };
    const compiler = findCompiler();
    if (compiler === null) return { ok: false, why: `no C++ compiler (${COMPILERS.join(", ")}); install one, e.g. the package g++, and run npm run setup` };
    log(`building the fused LSTM with ${compiler} (about 10 s) …`);
    fs.mkdirSync(path.dirname(outFile), { recursive: true });
    const failed = compile(compiler, depsDir, outFile, stampOf(depsDir));
    return failed === null ? { ok: true, why: "the fused LSTM was built" } : { ok: false, why: `${compiler} could not build the fused LSTM: ${failed}` };
  } catch (error) {
    return { ok: false, why: `the fused LSTM could not be built: ${error.message}` };
  }
}

module.exports = { buildFused, builtFused, defaultDepsDir, defaultOutFile };

if (require.main === module) {
  const { ok, why } = buildFused({ log: (line) => process.stderr.write(`${line}\n`) });
  process.stderr.write(`${why}\n`);
  process.exit(ok ? 0 : 1);
}
