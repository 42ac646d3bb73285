"use strict";
const { spawn } = require("node:child_process");
const fs = require("node:fs");

/**
 * Runs a program, its output into the set-up log. Resolves to `{ code, tail }`, where tail is the end of its output,
 * because set-up prints one line a part and the log has the rest.
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
    const take = (chunk) => {
      fs.writeSync(log, chunk);
      tail = (tail + chunk.toString()).slice(-4000);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => {
      tail += error.message;
    });
    child.on("close", (code) => {
      fs.closeSync(log);
      resolve({ code: code ?? 1, tail });
    });
  });
}

/** The line of a program's output that says what went wrong: the last with "error" in it, else the last. */
function reason(tail) {
  const lines = tail.split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
  const errors = lines.filter((line) => /error|could not|cannot|not found|denied|refused/i.test(line) && !/complete log|gyp ERR! (stack|System|cwd|node|command)/.test(line));
  return (errors[errors.length - 1] ?? lines[lines.length - 1] ?? "no output").slice(0, 200);
}

module.exports = { run, reason };
