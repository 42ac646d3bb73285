"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { Missing, onPath } = require("./parts.cjs");
const { run, reason } = require("./run.cjs");

/** Whether every package of the lock file lies in node_modules at its version, by npm's own record of what it laid there. */
function npmInPlace(root) {
  try {
    const wanted = JSON.parse(fs.readFileSync(path.join(root, "package-lock.json"), "utf8")).packages;
    const have = JSON.parse(fs.readFileSync(path.join(root, "node_modules", ".package-lock.json"), "utf8")).packages;
    return Object.entries(wanted).every(([where, entry]) =>
      where === "" || (have[where] ? have[where].version === entry.version && have[where].integrity === entry.integrity : entry.optional === true));
  } catch {
    return false;
  }
}

/** How npm is called: through the npm that runs us, else the one on PATH (a script with a shell on Windows). */
function npmCommand() {
  const script = process.env.npm_execpath;
  if (script && /npm-cli\.js$/.test(script) && fs.existsSync(script)) return { command: process.execPath, first: [script], shell: false };
  if (!onPath(["npm"])) throw new Missing("npm is not on the PATH", "install Node.js 20 or 22 with npm");
  return { command: "npm", first: [], shell: process.platform === "win32" };
}

/** npm packages by the lock file, install scripts off. */
function npmPackages(context) {
  return {
    what: "npm packages",
    required: true,
    inPlace: () => npmInPlace(context.root),
    async make() {
      const { command, first, shell } = npmCommand();
      const { code, tail } = await run(context, command, [...first, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], { shell });
      if (code !== 0) throw new Missing(`npm ci failed (${reason(tail)})`, "check that the npm registry can be reached, then run npm run setup");
    },
  };
}

module.exports = { npmPackages, npmInPlace };
