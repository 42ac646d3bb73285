"use strict";
const path = require("node:path");
const { builtWasm } = require("../../backend/build-wasm.cjs");
const { builtScan } = require("../../data/wasm/build.cjs");
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

/** The scanner of half-hourly files, in wasm too; without it they are read by the plain one. */
function wasmScanner(context) {
  return {
    what: "scanner of half-hourly files",
    inPlace: () => builtScan() !== null,
    async make() {
      const { code, tail } = await run(context, process.execPath, [path.join(context.root, "src", "data", "wasm", "build.cjs")]);
      if (code !== 0) throw new Missing(tail.trim().split("\n").pop(), "until then half-hourly files are read more slowly");
    },
  };
}

module.exports = { wasmOperations, wasmScanner };
