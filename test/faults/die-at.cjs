"use strict";
// Preloaded into a process under test. It kills the process at its N-th change of files below a folder: before the change, in the middle of
// it or after it. With `at` 0 it only counts, and leaves the count in `told`. A process dies once: then `told` is there.
const fs = require("node:fs");
const path = require("node:path");

const { root, at, moment, worker, told } = JSON.parse(process.env.TAMRL_FAULT);
const own = { exists: fs.existsSync, write: fs.writeFileSync, writeSync: fs.writeSync };

if (/worker\.cjs$/.test(process.argv[1] ?? "") === worker && !own.exists(told)) {
  const open = new Set();
  let count = 0;
  const inside = (file) => typeof file === "string" && path.resolve(file).startsWith(root + path.sep);
  const writes = (flags) => (typeof flags === "string" ? /[wa+]/.test(flags) : (Number(flags) & 3) !== 0);
  const die = () => {
    own.write(told, String(at));
    process.kill(process.pid, "SIGKILL");
    for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
  };
  /** Lets a change through, or dies at it; `half` does half of it. */
  const change = (apply, half) => {
    if (++count !== at) return apply();
    if (moment === "before") die();
    if (moment === "middle" && half) {
      half();
      die();
    }
    const made = apply();
    return made instanceof Promise ? made.then(die) : die();
  };
  const wrap = (holder, name, concerns, half) => {
    const original = holder[name];
    holder[name] = function (...args) {
      const apply = () => original.apply(this, args);
      return concerns(args) ? change(apply, half && (() => half(args))) : apply();
    };
    return original;
  };
  const paths = ([from, to]) => inside(from) || inside(to);
  for (const name of ["renameSync", "rmSync", "mkdirSync", "unlinkSync", "copyFileSync", "cpSync"]) wrap(fs, name, paths);
  for (const name of ["rename", "rm", "mkdir", "unlink"]) wrap(fs.promises, name, paths);
  wrap(fs.promises, "writeFile", paths, ([file, data]) => own.write(file, data.slice(0, data.length >> 1)));
  const openSync = fs.openSync;
  fs.openSync = function (file, flags, ...more) {
    if (!inside(file) || !writes(flags ?? "r")) return openSync.call(this, file, flags, ...more);
    return change(() => {
      const fd = openSync.call(this, file, flags, ...more);
      open.add(fd);
      return fd;
    });
  };
  const closeSync = fs.closeSync;
  fs.closeSync = function (fd) {
    open.delete(fd);
    return closeSync.call(this, fd);
  };
  wrap(fs, "writeSync", ([fd]) => open.has(fd), ([fd, data, ...more]) => own.writeSync(fd, typeof data === "string" ? data.slice(0, data.length >> 1) : data.subarray(0, data.length >> 1), ...(typeof data === "string" ? more : [])));
  if (at === 0) process.on("exit", () => own.write(told, String(count)));
}
