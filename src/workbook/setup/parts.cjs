"use strict";
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

/** A part cannot be had here: why, and its cure. Set-up prints it with the part's name, records it and goes on. */
class Missing extends Error {
  constructor(why, cure) {
    super(`${why}; ${cure}`);
    this.name = "Missing";
    this.why = why;
    this.cure = cure;
  }
}

/** SHA-256 over texts and files, hex: what a part was made from. @example fingerprint(["2.19.1"], ["package-lock.json"]) */
function fingerprint(texts, files = []) {
  const hash = crypto.createHash("sha256");
  for (const text of texts) hash.update(`${text}\0`);
  for (const file of files) hash.update(fs.existsSync(file) ? fs.readFileSync(file) : "absent").update("\0");
  return hash.digest("hex").slice(0, 32);
}

/** SHA-256 of a large file, read in pieces. */
function sha256(file) {
  const hash = crypto.createHash("sha256");
  const fd = fs.openSync(file, "r");
  const buffer = Buffer.allocUnsafe(1 << 20);
  try {
    for (let n = fs.readSync(fd, buffer); n > 0; n = fs.readSync(fd, buffer)) hash.update(buffer.subarray(0, n));
  } finally {
    fs.closeSync(fd);
  }
  return hash.digest("hex");
}

/** Whether the stamp says that a part was made from `expected`. */
function stamped(stampFile, expected) {
  try {
    return fs.readFileSync(stampFile, "utf8").trim() === expected;
  } catch {
    return false;
  }
}

/** Writes a stamp, as the last act of making a part, so that an interrupted part has none. */
function stamp(stampFile, value) {
  fs.writeFileSync(`${stampFile}.tmp-${process.pid}`, `${value}\n`);
  fs.renameSync(`${stampFile}.tmp-${process.pid}`, stampFile);
}

/** The first of `names` that is an executable on PATH, or null. @example onPath(["c++", "g++"]) */
function onPath(names, env = process.env) {
  const endings = process.platform === "win32" ? [".exe", ".cmd", ""] : [""];
  for (const name of names) {
    for (const folder of (env.PATH ?? env.Path ?? "").split(path.delimiter)) {
      for (const ending of endings) {
        const file = path.join(folder, name + ending);
        try {
          fs.accessSync(file, fs.constants.X_OK);
          if (folder && fs.statSync(file).isFile()) return file;
        } catch {
          continue;
        }
      }
    }
  }
  return null;
}

module.exports = { Missing, fingerprint, sha256, stamped, stamp, onPath };
