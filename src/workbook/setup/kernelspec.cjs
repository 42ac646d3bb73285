"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { Missing } = require("./parts.cjs");

/**
 * The kernelspec. Its paths start at the folder Jupyter found it in, so nothing in it depends on the machine.
 * `--conditions=import` lets the kernel load packages whose exports name no other condition. A type check leaves much behind that is soon
 * garbage: in a wide nursery it costs a tenth less of the time to the first cell.
 */
const KERNEL = {
  argv: ["node", "--conditions=import", "--max-semi-space-size=64", "{resource_dir}/../../../../../src/workbook/kernel.cjs", "{connection_file}"],
  display_name: "TypeScript (TAM-RL workbook)",
  language: "typescript",
  interrupt_mode: "signal",
};

/** Our tslab kernel, known to the Jupyter of the virtual environment. */
function kernelspec(context) {
  const venv = path.join(context.root, ".venv");
  const file = path.join(venv, "share", "jupyter", "kernels", "tslab", "kernel.json");
  const text = `${JSON.stringify(KERNEL, null, 2)}\n`;
  return {
    what: "notebook kernel",
    inPlace: () => fs.existsSync(file) && fs.readFileSync(file, "utf8") === text,
    make() {
      if (!fs.existsSync(venv)) throw new Missing("there is no .venv to put it in", "cure the Python packages above, then run npm run setup");
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(`${file}.tmp`, text);
      fs.renameSync(`${file}.tmp`, file);
    },
  };
}

module.exports = { kernelspec, KERNEL };
