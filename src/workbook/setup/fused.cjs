"use strict";
const path = require("node:path");
const { builtFused } = require("../../backend/build-fused.cjs");
const { Missing } = require("./parts.cjs");
const { run } = require("./run.cjs");

/** The fused LSTM operation, built over the same libtensorflow; its builder knows when it is current. */
function fusedOp(context) {
  return {
    what: "fused LSTM operation",
    inPlace: () => builtFused().ok,
    async make() {
      const builder = path.join(context.root, "src", "backend", "build-fused.cjs");
      const { code, tail } = await run(context, process.execPath, [builder]);
      if (code !== 0) throw new Missing(tail.trim().split("\n").pop(), "until then TensorFlow's own LSTM operations are used, about half as fast");
    },
  };
}

module.exports = { fusedOp };
