"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { Missing, fingerprint, onPath, stamp, stamped } = require("./parts.cjs");
const { FLAVOURS } = require("./flavours.cjs");
const { addonPackage, unpack, unsupported, verify } = require("./libtensorflow.cjs");
const { run, reason } = require("./run.cjs");

const COMPILER_CURE = "install a C++ compiler and make (Debian: apt-get install g++ make), then run npm run setup; without it the slower wasm backend is used";
const SMOKE = `const tf = require("@tensorflow/tfjs-node-gpu"); if (tf.tensor1d([1, 2]).sum().dataSync()[0] !== 3) process.exit(1);`;

/** The folder to hand to node-gyp as --nodedir, or null where it must fetch the headers itself. */
function nodeHeaders(execPath = process.execPath, exists = fs.existsSync) {
  const candidates = [path.resolve(path.dirname(fs.realpathSync(execPath)), ".."), "/usr"];
  return candidates.find((folder) => exists(path.join(folder, "include", "node", "node.h"))) ?? null;
}

/** node-gyp as npm ships it: beside the npm that runs us, else beside the npm on PATH, else null. */
function nodeGyp() {
  const npm = process.env.npm_execpath ?? onPath(["npm"]);
  if (!npm || !fs.existsSync(npm)) return null;
  const gyp = path.join(path.dirname(fs.realpathSync(npm)), "..", "node_modules", "node-gyp", "bin", "node-gyp.js");
  return fs.existsSync(gyp) ? gyp : null;
}

/** The TensorFlow addon: libtensorflow unpacked, the package's own sources built over it, and one sum computed with it. */
function addon(context) {
  const folder = addonPackage(context.root);
  const stampFile = path.join(folder, ".setup-stamp");
  const sources = ["binding/tfjs_backend.cc", "binding/tfjs_binding.cc", "binding.gyp", "package.json"].map((f) => path.join(folder, f));
  const made = () => fingerprint([FLAVOURS[context.flavour][0].sha256, process.platform, process.arch], sources);
  const binary = path.join(folder, "lib", "napi-v8", "tfjs_binding.node");
  const works = async () => (await run(context, process.execPath, ["-e", SMOKE], { env: { TF_CPP_MIN_LOG_LEVEL: "2" } })).code === 0;
  return {
    what: "TensorFlow addon",
    inPlace: () => stamped(stampFile, made()) && fs.existsSync(binary),
    async make() {
      const why = unsupported();
      if (why) throw new Missing(why, "use Linux on x86-64 for the fast backend; here the slower wasm backend is used");
      await unpack(context, verify);
      if (!fs.existsSync(binary) || !(await works())) {
        await build(context, folder);
        if (!(await works())) throw new Missing("it was built but does not run (see .cache/setup.log)", "report that log; the slower wasm backend is used");
      }
      stamp(stampFile, made());
    },
  };
}

async function build(context, folder) {
  const compiler = process.env.CXX ?? onPath(["c++", "g++", "clang++"]);
  const missing = [compiler ? null : "a C++ compiler", onPath(["make"]) ? null : "make", onPath(["python3", "python"]) ? null : "python3"].filter(Boolean);
  if (missing.length > 0) throw new Missing(`${missing.join(" and ")} not found on the PATH`, COMPILER_CURE);
  const preGyp = path.join(context.root, "node_modules", "@mapbox", "node-pre-gyp", "bin", "node-pre-gyp");
  const headers = nodeHeaders();
  const gyp = nodeGyp();
  const env = { CXXFLAGS: "-std=c++17", CXX: compiler, JOBS: "max", ...(gyp ? { npm_config_node_gyp: gyp } : {}) };
  const { code, tail } = await run(context, process.execPath, [preGyp, "install", "--build-from-source", ...(headers ? [`--nodedir=${headers}`] : [])], { cwd: folder, env });
  if (code !== 0) {
    const cure = headers ? COMPILER_CURE : "install the Node.js headers (Debian: apt-get install libnode-dev), then run npm run setup; without it the slower wasm backend is used";
    throw new Missing(`the build failed (${reason(tail)}; all of it in .cache/setup.log)`, cure);
  }
}

module.exports = { addon, nodeHeaders };
