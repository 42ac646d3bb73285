"use strict";
const path = require("node:path");
const { builtWasm } = require("../../backend/build-wasm.cjs");
const { Missing } = require("./parts.cjs");
const { run } = require("./run.cjs");

/** The wasm operations: what a machine without compiler or libtensorflow computes with. Built by AssemblyScript, out of npm. */
function wasmOperations(context) {
  return {
    what: "wasm operations",
    inPlace: () => builtWasm().ok,
    async make() {
      const builder = path.join(context.root, "src", "backend", "build-wasm.cjs");
      const { code, tail } = await run(context, process.execPath, [builder]);
      if (code !== 0) throw new Missing(tail.trim().split("\n").pop(), "until then the backend wasm computes on one thread, many times slower");
    },
  };
}

module.exports = { wasmOperations };
