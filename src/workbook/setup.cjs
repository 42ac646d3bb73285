"use strict";
// Makes a fresh clone ready. Plain CommonJS without packages: it runs before any is installed, on any Node that parses it.
const fs = require("node:fs");
const path = require("node:path");

const USAGE = `usage: npm run setup [-- --quiet] [--gpu | --cpu] [--partition] [--plan]
  --quiet      say only what is being done, and only when something is
  --gpu        libtensorflow for an NVIDIA GPU with CUDA and cuDNN (2.2 GB to fetch, 6 GB on disk); kept by later set-ups
  --cpu        libtensorflow for the CPU again
  --partition  also what fills and partitions half-hours: hesseflux, scipy (50 MB to fetch, 190 MB on disk); kept by later set-ups
  --plan       say what of libtensorflow would be fetched, and do nothing
  --help       this text`;
const FLAGS = ["--quiet", "--gpu", "--cpu", "--partition", "--plan", "--help"];

/** Whether this Node is one that the packages run on. @example supportedNode("20.19.0") // true */
function supportedNode(version) {
  const [major, minor] = version.split(".").map(Number);
  return (major === 20 && minor >= 19) || (major > 20 && major < 23);
}

/** What to do with these arguments. @returns {{ quiet: boolean, gpu: boolean, cpu: boolean, partition: boolean, plan: boolean, help: boolean, unknown?: string }} */
function readArguments(args) {
  const unknown = args.find((arg) => !FLAGS.includes(arg)) ?? (args.includes("--gpu") && args.includes("--cpu") ? "--cpu beside --gpu" : undefined);
  const [quiet, gpu, cpu, partition, plan, help] = FLAGS.map((flag) => args.includes(flag));
  return { quiet, gpu, cpu, partition, plan, help, ...(unknown === undefined ? {} : { unknown }) };
}

/** The parts of a working copy, each with the parts it needs first. */
function parts(context) {
  const { npmPackages } = require("./setup/npm-packages.cjs");
  const { daskPackages, partitionPackages, pythonPackages, xarrayPackages } = require("./setup/python.cjs");
  const { kernelspec } = require("./setup/kernelspec.cjs");
  const { wheel } = require("./setup/libtensorflow.cjs");
  const { addon } = require("./setup/addon.cjs");
  const { fusedOp } = require("./setup/fused.cjs");
  const { wasmOperations, wasmScanner } = require("./setup/wasm.cjs");
  const { xgboostLibrary } = require("./setup/xgboost.cjs");
  const tensorflow = addon(context);
  const archive = wheel(context);
  return [
    { ...npmPackages(context), needs: [] },
    { ...pythonPackages(context), needs: [] },
    { ...daskPackages(context), needs: ["Python packages for notebooks"] },
    // one pip at a time in one environment
    { ...xarrayPackages(context), needs: ["Python packages for notebooks", "Python packages for Dask"] },
    ...(context.partition ? [{ ...partitionPackages(context), needs: ["Python packages for gridded data (xarray)"] }] : []),
    { ...kernelspec(context), needs: ["Python packages for notebooks"] },
    { ...archive, inPlace: () => tensorflow.inPlace() || archive.inPlace(), needs: [] },
    { ...tensorflow, needs: ["npm packages", "libtensorflow"] },
    { ...wasmOperations(context), needs: ["npm packages"] },
    { ...wasmScanner(context), needs: ["npm packages"] },
    { ...fusedOp(context), needs: ["npm packages", "TensorFlow addon"] },
    { ...xgboostLibrary(context), needs: ["npm packages"] },
  ];
}

/**
 * Makes what is not in place, independent parts side by side. A part whose need is missing is left out: its need's
 * line already names the cure.
 * @returns the missing parts `[{ what, why, cure, at }]`
 */
async function makeAll(all, { quiet, record, say, knownMissing }) {
  const outcome = new Map();
  const missing = [];
  const start = (part) => {
    const running = (async () => {
      const needs = await Promise.all(part.needs.map((what) => outcome.get(what)));
      if (needs.includes(false)) return false;
      if (part.inPlace()) return true;
      const known = part.required ? null : knownMissing(record, part.what, quiet);
      if (known) {
        missing.push(known);
        return false;
      }
      say(`${part.what} …`);
      const began = Date.now();
      try {
        await part.make(outcome);
      } catch (error) {
        if (error.name !== "Missing") throw error;
        missing.push({ what: part.what, why: error.why, cure: error.cure, at: Date.now() });
        return false;
      }
      say(`${part.what}: done in ${((Date.now() - began) / 1000).toFixed(1)} s`);
      return true;
    })();
    outcome.set(part.what, running);
    return running;
  };
  await Promise.all(all.map(start));
  return missing;
}

async function main(args) {
  const options = readArguments(args);
  if (options.unknown !== undefined || options.help) {
    (options.help ? process.stdout : process.stderr).write(`${options.help ? "" : `setup: known flags only, got ${options.unknown}\n`}${USAGE}\n`);
    return options.help ? 0 : 2;
  }
  const say = (line) => process.stderr.write(`setup: ${line}\n`);
  if (!supportedNode(process.versions.node)) {
    say(`Node.js of at least 20.19 and below 23 is required, this is ${process.versions.node}; install Node.js 20 or 22`);
    return 1;
  }
  const root = path.resolve(__dirname, "..", "..");
  const context = { root, cache: path.join(root, ".cache"), logFile: path.join(root, ".cache", "setup.log"), children: new Set() };
  const { partitionWanted } = require("./setup/python.cjs");
  const { flavourOf, hasNvidiaDriver, planLines } = require("./setup/flavours.cjs");
  context.flavour = flavourOf(context.cache, options);
  if (options.plan) {
    process.stdout.write(`${planLines(context.flavour, context.cache).join("\n")}\n`);
    return 0;
  }
  if (options.gpu && !hasNvidiaDriver()) say("no NVIDIA driver is seen here; the GPU's libraries are fetched as asked and compute on the CPU until there is one");
  fs.mkdirSync(context.cache, { recursive: true });
  context.partition = partitionWanted(context.cache, options.partition);
  const { takeLock } = require("./setup/lock.cjs");
  const { readRecord, writeRecord, knownMissing } = require("./setup/record.cjs");
  const all = parts(context);
  const began = Date.now();
  if (all.every((part) => part.inPlace())) {
    if (readRecord(context.cache).missing.length > 0) writeRecord(context.cache, []);
    if (!options.quiet) say("everything is in place");
    return 0;
  }
  const release = await takeLock(path.join(context.cache, "setup.lock"), say);
  const stop = (signal) => {
    for (const child of context.children) child.kill("SIGTERM");
    release();
    process.exit(signal === "SIGINT" ? 130 : 143);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    const missing = await makeAll(all, { quiet: options.quiet, record: readRecord(context.cache), say, knownMissing });
    writeRecord(context.cache, missing);
    for (const { what, why, cure } of missing) say(`not had: ${what}: ${why}; ${cure}`);
    if (missing.length === 0) say(`ready in ${((Date.now() - began) / 1000).toFixed(1)} s`);
    return missing.some((m) => m.what === "npm packages") ? 1 : 0;
  } finally {
    release();
  }
}

module.exports = { supportedNode, readArguments, makeAll };

if (require.main === module) {
  main(process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      process.stderr.write(`setup: ${error.stack}\n`);
      process.exitCode = 1;
    },
  );
}
