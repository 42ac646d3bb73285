"use strict";
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { Missing, fingerprint, onPath, stamp, stamped } = require("./parts.cjs");
const { run, reason } = require("./run.cjs");

const PYTHON_CURE = "install Python 3.10 or newer with its venv module (Debian: apt-get install python3-venv), then run npm run setup";

/** Where a program of the virtual environment lies. @example venvProgram(root, "python") */
function venvProgram(root, name) {
  return process.platform === "win32" ? path.join(root, ".venv", "Scripts", `${name}.exe`) : path.join(root, ".venv", "bin", name);
}

/** The first Python of at least 3.10 on PATH, or null. */
function findPython() {
  for (const name of ["python3", "python", "python3.13", "python3.12", "python3.11", "python3.10"]) {
    if (!onPath([name])) continue;
    const asked = spawnSync(name, ["-c", "import sys; print(sys.version_info >= (3, 10))"], { encoding: "utf8" });
    if (asked.status === 0 && asked.stdout.trim() === "True") return name;
  }
  return null;
}

/** The virtual environment with JupyterLab and nbconvert, exact versions, hashes checked. */
function pythonPackages(context) {
  const requirements = path.join(context.root, "src", "workbook", "requirements.txt");
  const stampFile = path.join(context.root, ".venv", ".setup-stamp");
  const python = venvProgram(context.root, "python");
  // the folder is part of the stamp: programs of a virtual environment hold its absolute path
  const made = () => fingerprint([context.root], [requirements]);
  return {
    what: "Python packages for notebooks",
    inPlace: () => stamped(stampFile, made()) && fs.existsSync(python),
    async make() {
      const fail = (why, cure) => {
        throw new Missing(why, cure);
      };
      const base = findPython();
      if (!base) fail("no Python of 3.10 or newer is on the PATH", PYTHON_CURE);
      if (fs.lstatSync(path.join(context.root, ".venv"), { throwIfNoEntry: false })?.isSymbolicLink()) fail(".venv is a link, and what it leads to would be emptied", "remove the link, then run npm run setup");
      const venv = await run(context, base, ["-m", "venv", "--clear", ".venv"]);
      if (venv.code !== 0) fail(`${base} -m venv failed (${reason(venv.tail)})`, PYTHON_CURE);
      await pipInstall(context, requirements);
      stamp(stampFile, made());
    },
  };
}

/** What the engine needs on Dask, into the same virtual environment: 7 s and 40 MB, so it is always had. */
const daskPackages = (context) => furtherPackages(context, "Dask", "dask");

/** What reads gridded results in Python, into the same virtual environment: 15 s and 220 MB while other parts are made. */
const xarrayPackages = (context) => furtherPackages(context, "gridded data (xarray)", "xarray");

/** What fills and partitions half-hours, into the same virtual environment; had only where it was asked for once. */
const partitionPackages = (context) => furtherPackages(context, "half-hours (hesseflux)", "partition");

/** Whether this set-up has the packages for half-hours: asked for now, or by an earlier one. */
function partitionWanted(cache, asked) {
  const file = path.join(cache, "partition-wanted");
  if (asked) stamp(file, "yes");
  return stamped(file, "yes");
}

/** Packages beside those for notebooks, of the list `requirements-NAME.txt`. */
function furtherPackages(context, of, name) {
  const requirements = path.join(context.root, "src", "workbook", `requirements-${name}.txt`);
  // inside .venv, so that a new environment is not taken for a complete one
  const stampFile = path.join(context.root, ".venv", `.${name}-stamp`);
  const made = () => fingerprint([], [requirements]);
  return {
    what: `Python packages for ${of}`,
    inPlace: () => stamped(stampFile, made()),
    async make() {
      await pipInstall(context, requirements);
      stamp(stampFile, made());
    },
  };
}

/** Installs pinned packages into the virtual environment, hashes checked. */
async function pipInstall(context, requirements) {
  const python = venvProgram(context.root, "python");
  const { code, tail } = await run(context, python, ["-m", "pip", "install", "--no-deps", "--require-hashes", "--disable-pip-version-check", "--no-input", "-r", requirements]);
  if (code !== 0) throw new Missing(`pip failed (${reason(tail)})`, "check that the Python package registry can be reached, then run npm run setup");
}

module.exports = { pythonPackages, daskPackages, xarrayPackages, partitionPackages, partitionWanted, findPython, venvProgram, PYTHON_CURE };
