"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { sha256 } = require("./parts.cjs");
const { findPython, venvProgram, PYTHON_CURE } = require("./python.cjs");
const { run, reason } = require("./run.cjs");

/**
 * Fetches a wheel with pip as an archive, whatever Python is at hand, and checks its checksum. `others` are the parts
 * under way: a Python without pip waits for the one of the virtual environment. `fail(why, cure)` must throw.
 * @param spec `{ project, version, file, sha256, platform, python? }`
 * @example await fetchWheel(context, WHEEL, file, others, fail)
 */
async function fetchWheel(context, spec, file, others, fail) {
  const good = () => fs.existsSync(file) && sha256(file) === spec.sha256;
  if (good()) return;
  let python = findPython();
  if (!python) fail("pip is needed to download it and no Python of 3.10 or newer is on the PATH", PYTHON_CURE);
  if ((await run(context, python, ["-m", "pip", "--version"])).code !== 0) {
    await others.get("Python packages for notebooks");
    python = venvProgram(context.root, "python");
    if (!fs.existsSync(python)) fail("pip is needed to download it and this Python has none", PYTHON_CURE);
  }
  const into = `${file}.tmp-${process.pid}`;
  const asked = ["-m", "pip", "download", "--quiet", "--no-deps", "--no-input", "--disable-pip-version-check", "--no-cache-dir", "--only-binary=:all:",
    ...(spec.python ? ["--python-version", spec.python] : []), "--platform", spec.platform, "--dest", into, `${spec.project}==${spec.version}`];
  const { code, tail } = await run(context, python, asked);
  try {
    if (code !== 0) fail(`pip download failed (${reason(tail)})`, "check that pip works and that the Python package registry can be reached, then run npm run setup");
    fs.renameSync(path.join(into, spec.file), file);
  } finally {
    fs.rmSync(into, { recursive: true, force: true });
  }
  if (good()) return;
  fs.rmSync(file, { force: true });
  fail("the downloaded archive has another checksum", "run npm run setup again; if it stays so, the registry serves another file");
}

module.exports = { fetchWheel };
