"use strict";
const fs = require("node:fs");

/** Whether a process of that number lives; one of another user's counts. */
function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** The owner's process number in a lock file, or null when there is no lock (or no number in it). */
function owner(lockFile) {
  try {
    return Number.parseInt(fs.readFileSync(lockFile, "utf8"), 10) || null;
  } catch {
    return null;
  }
}

/**
 * Takes the lock or says who has it. The file appears whole (a link to a written file), and a dead owner's lock is
 * moved aside before it is judged, so that two late-comers cannot both take it.
 * @returns null when taken, else the live owner's process number
 */
function tryLock(lockFile, pid = process.pid) {
  const mine = `${lockFile}.${pid}`;
  fs.writeFileSync(mine, String(pid));
  try {
    for (let attempt = 0; attempt < 3; attempt++) {
      try {
        fs.linkSync(mine, lockFile);
        return null;
      } catch (error) {
        if (error.code !== "EEXIST") throw error;
      }
      const other = owner(lockFile);
      if (other !== null && alive(other)) return other;
      const aside = `${mine}.stale`;
      try {
        fs.renameSync(lockFile, aside);
      } catch {
        continue;
      }
      const moved = owner(aside);
      if (moved !== null && alive(moved)) fs.linkSync(aside, lockFile);
      fs.rmSync(aside, { force: true });
    }
    return owner(lockFile) ?? 0;
  } finally {
    fs.rmSync(mine, { force: true });
  }
}

/** Waits for the lock, telling once whom it waits for. Returns the function that gives it back. */
async function takeLock(lockFile, say) {
  let told = false;
  for (let other = tryLock(lockFile); other !== null; other = tryLock(lockFile)) {
    if (!told) say(`another set-up (process ${other}) is at work here; waiting for it`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return () => {
    if (owner(lockFile) === process.pid) fs.rmSync(lockFile, { force: true });
  };
}

module.exports = { tryLock, takeLock };
