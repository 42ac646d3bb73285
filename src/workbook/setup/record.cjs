"use strict";
const fs = require("node:fs");
const path = require("node:path");
const { fingerprint, onPath } = require("./parts.cjs");

const RETRY_AFTER_MS = 3_600_000;

/** What of the machine decides whether a part can be had; a change of it makes set-up try again. */
function conditions() {
  return fingerprint([process.version, ...["c++", "g++", "clang++", "make", "python3", "npm"].map((name) => onPath([name]) ?? "none")]);
}

/** What the last set-up could not do, `{ missing: [{ what, why, cure, at }], conditions }`; empty when there was none. */
function readRecord(cache) {
  try {
    return JSON.parse(fs.readFileSync(path.join(cache, "setup.json"), "utf8"));
  } catch {
    return { missing: [], conditions: "" };
  }
}

/** Keeps what is missing for `doctor` and for the next call. */
function writeRecord(cache, missing) {
  const file = path.join(cache, "setup.json");
  fs.writeFileSync(`${file}.tmp-${process.pid}`, `${JSON.stringify({ missing, conditions: conditions() }, null, 2)}\n`);
  fs.renameSync(`${file}.tmp-${process.pid}`, file);
}

/**
 * Whether a part that failed before is left alone now: on a quiet call (before every test run) within the hour, on an
 * unchanged machine. `npm run setup` always tries.
 */
function knownMissing(record, what, quiet, now = Date.now()) {
  const entry = record.missing.find((m) => m.what === what);
  return quiet && entry && now - entry.at < RETRY_AFTER_MS && record.conditions === conditions() ? entry : null;
}

module.exports = { conditions, readRecord, writeRecord, knownMissing };
