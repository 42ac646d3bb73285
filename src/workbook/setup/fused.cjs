"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { Missing, fingerprint, stamp, stamped } = require("./parts.cjs");
const { addonPackage, WHEEL } = require("./libtensorflow.cjs");

/** Files under `folder` that the operation is built from: everything but TypeScript. */
function sourcesOf(folder) {
  const entries = fs.readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((e) => (e.isDirectory() ? sourcesOf(path.join(folder, e.name)) : /\.(cc|cpp|h|cjs)$/.test(e.name) ? [path.join(folder, e.name)] : [])).sort();
}

/** The fused LSTM operation, built over the same libtensorflow. */
function fusedOp(context) {
  const backend = path.join(context.root, "src", "backend");
  const builder = path.join(backend, "build-fused.cjs");
  const stampFile = path.join(addonPackage(context.root), ".setup-fused");
  const made = () => fingerprint([WHEEL.sha256, process.arch], sourcesOf(backend));
  return {
    what: "fused LSTM operation",
    inPlace: () => !fs.existsSync(builder) || stamped(stampFile, made()),
    async make() {
      const depsDir = path.join(addonPackage(context.root), "deps");
      const log = (line) => fs.appendFileSync(context.logFile, `${line}\n`);
      const { ok, why } = await require(builder).buildFused({ depsDir, log });
      if (!ok) throw new Missing(why, "install a C++ compiler (Debian: apt-get install g++), then run npm run setup; without it TensorFlow's own LSTM operations are used, about half as fast");
      stamp(stampFile, made());
    },
  };
}

module.exports = { fusedOp };
