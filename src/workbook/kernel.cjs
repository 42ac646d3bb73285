"use strict";
// The notebook kernel: tslab, started in the folder that holds package.json, so that notebooks import "./src/…" wherever they lie.
const fs = require("node:fs");
const path = require("node:path");

const root = path.resolve(__dirname, "..", "..");
const connectionFile = process.argv[2];
if (!connectionFile) {
  process.stderr.write("kernel: the connection file Jupyter writes is required as argument; start it from Jupyter (npm run lab)\n");
  process.exit(2);
}
process.chdir(root);
let tslab;
try {
  require("./kernel-quick.cjs").quicken(root);
  require("./kernel-sockets.cjs").answerWhenBound(require(path.join(root, "node_modules", "tslab", "dist", "jupyter.js")).ZmqServer);
  tslab = require(path.join(root, "node_modules", "tslab", "dist", "main.js"));
} catch (error) {
  process.stderr.write(`kernel: tslab does not load (${error.message.split("\n")[0]}); run npm run setup\n`);
  process.exit(1);
}
process.stderr.isTTY = false;
// on an interrupt tslab stops waiting for the cell and no more: what computes asks for this count at its next step, and ends
let interrupts = 0;
globalThis.__workbookInterrupts__ = () => interrupts;
process.on("SIGINT", () => {
  interrupts++;
  console.error("interrupted: the work ends at its next step and keeps what is finished; run the cell again to go on");
});
// tslab reports these between cells, where Jupyter drops them: on the raw stream whoever runs the notebook sees them
process.on("unhandledRejection", (reason) => {
  const text = reason instanceof Error ? reason.stack : String(reason);
  // tslab's own heartbeat, answered while Jupyter closes the kernel: not a promise of the notebook's
  if (/Socket is closed/.test(text) && /tslab.dist.jupyter\.js/.test(text)) return;
  fs.writeSync(2, `UnhandledPromiseRejection: ${text}\n`);
});
process.on("uncaughtException", (error) => fs.writeSync(2, `UncaughtException: ${error.stack ?? error}\n`));
tslab.startKernel({ configPath: connectionFile, enableFindLocal: false, jsKernel: false });
