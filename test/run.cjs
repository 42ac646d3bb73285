"use strict";
// node test/run.cjs ENDING [node --test options]: every file under test/ with that ending, in Node's test runner.
// Node 20 takes no patterns after --test, and a shell's patterns differ between systems.
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");

/** A killed run cannot tidy up; the next one does so after this long, for no run takes a day. */
const DAY_MS = 86_400_000;
/** Short, because a socket's path may have about a hundred characters. */
const PREFIX = "tamrl-test-";

/** A folder for everything temporary of this run. tsx keeps its translations where they were: made anew they would cost every process seconds. */
function privateFolder() {
  const shared = os.tmpdir();
  for (const name of fs.readdirSync(shared).filter((n) => n.startsWith(PREFIX))) {
    const old = path.join(shared, name);
    if (Date.now() - (fs.statSync(old, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > DAY_MS) remove(old);
  }
  const folder = fs.mkdtempSync(path.join(shared, PREFIX));
  fs.chmodSync(folder, 0o711); // as under /tmp itself: another user, whom tests of permissions call, reaches what a test opens to them
  const translations = `tsx-${process.geteuid ? process.geteuid() : os.userInfo().username}`;
  fs.mkdirSync(path.join(shared, translations), { recursive: true });
  fs.symlinkSync(path.join(shared, translations), path.join(folder, translations), "junction");
  return folder;
}

/** Removes a folder, whatever permissions tests took from those in it. */
function remove(folder) {
  try {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    permit(folder);
    try {
      fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    } catch (error) {
      process.stderr.write(`run: ${folder}: cannot be removed (${error.code}); remove it\n`);
    }
  }
}

function permit(folder) {
  try {
    fs.chmodSync(folder, 0o700);
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) if (entry.isDirectory()) permit(path.join(folder, entry.name));
  } catch {
    // another's: the removal says so
  }
}

const [ending, ...options] = process.argv.slice(2);
const files = fs.readdirSync(__dirname, { recursive: true }).filter((file) => file.endsWith(ending ?? "")).sort();
if (!ending || files.length === 0) {
  process.stderr.write(`run: the ending of at least one test file is required, got ${ending ?? "nothing"}; try .test.ts\n`);
  process.exit(2);
}
const temporary = privateFolder();
const env = { ...process.env, TMPDIR: temporary, TMP: temporary, TEMP: temporary };
const child = spawn(process.execPath, ["--import", "tsx", "--test", ...options, ...files.map((file) => path.join("test", file))], { cwd: path.resolve(__dirname, ".."), env, stdio: "inherit" });
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    interrupted = true;
    child.kill(signal);
  });
}
child.on("close", async (code, signal) => {
  remove(temporary);
  // what tests had started ends a little after them, and may write once more
  for (let round = 0; interrupted && round < 6; round++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    remove(temporary);
  }
  process.exit(signal === null ? code : 128 + os.constants.signals[signal]);
});
