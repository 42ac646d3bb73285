"use strict";
const { spawn } = require("node:child_process");
const fs = require("node:fs");

/**
 * Runs a program, its output into the set-up log. Resolves to `{ code, tail }`, where tail is the end of its output,
 * because set-up prints one line a part and the log has the rest. While it runs it is one of the context's `children`.
 * @example const { code } = await run(context, "npm", ["ci"])
 */
function run(context, command, args, options = {}) {
  return new Promise((resolve) => {
    let tail = "";
    const log = fs.openSync(context.logFile, "a");
    fs.writeSync(log, `\n$ ${[command, ...args].join(" ")}\n`);
    const child = spawn(command, args, {
      cwd: options.cwd ?? context.root,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      shell: options.shell ?? false,
    });
    context.children.add(child);
    const take = (chunk) => {
      fs.writeSync(log, chunk);
      tail = (tail + chunk.toString()).slice(-8000);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => {
      tail += error.message;
    });
    child.on("close", (code) => {
      fs.closeSync(log);
      context.children.delete(child);
      resolve({ code: code ?? 1, tail });
    });
  });
}

const NOISE = /^(code |errno |syscall |A complete log|Run "npm|gyp (info|verb)|gyp ERR! (stack|System|cwd|node|command|not ok))|^$/;

/**
 * The line of a program's output that says what went wrong: the first error, since those after it only follow from it.
 * @example reason("npm error code EUSAGE\nnpm error the lock file does not match") // "the lock file does not match"
 */
function reason(tail) {
  const lines = tail.split(/\r?\n/);
  const errors = lines.filter((line) => /\berror\b|ERR!|could not|cannot|not found|denied|refused/i.test(line)).map(bare).filter((line) => !NOISE.test(line));
  const last = lines.map(bare).filter(Boolean).pop();
  return (errors[0] ?? last ?? "no output").slice(0, 200);
}

/** A line without the programs' own prefixes. */
function bare(line) {
  return line.trim().replace(/^(npm (error|ERR!)|ERROR:|error:)\s*/, "").trim();
}

module.exports = { run, reason };
