"use strict";
// What tslab does for every file that a cell imports, from the type check to JavaScript, it does anew in each kernel: for all of src/ that
// takes many seconds. Files of src/ that were there when the kernel started are checked by `npm test`, so here they are only translated,
// by esbuild, and what a translation came to is kept in .cache/kernel/ by the hash of the text. A file that changes while the kernel runs is
// checked and translated by tslab's own TypeScript, as are cells.
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const esbuild = require("esbuild");

/**
 * Puts a TypeScript that is quick for the files below `root`/src in the place of tslab's own; called before tslab loads.
 * @example quicken(root)
 */
function quicken(root) {
  const place = require.resolve("@tslab/typescript-for-tslab", { paths: [path.join(root, "node_modules", "tslab")] });
  const ts = { ...require(place) };
  const started = Date.now();
  const source = `${path.join(root, "src").split(path.sep).join("/")}/`;
  const settled = (file) => file.fileName.startsWith(source) && fs.statSync(file.fileName, { throwIfNoEntry: false })?.mtimeMs < started;
  const kept = keeper(path.join(root, ".cache", "kernel"), esbuild.version);
  const translated = new Set();

  const diagnosticsOf = ts.getPreEmitDiagnosticsOfFiles;
  ts.getPreEmitDiagnosticsOfFiles = (program, files) => [...files.filter(settled).flatMap((file) => program.getSyntacticDiagnostics(file)), ...diagnosticsOf(program, files.filter((file) => !settled(file)))];

  const transpile = ts.transpileModule;
  // tslab asks this of JavaScript that it has emitted already; cells pass here too, but their exports must stay as TypeScript makes them
  ts.transpileModule = (text, options) => (translated.has(text) ? { outputText: kept("cjs", text, () => esbuild.transformSync(text, { loader: "js", format: "cjs", target: "es2022" }).code) } : transpile(text, options));

  const hostOf = ts.createWatchCompilerHost;
  ts.createWatchCompilerHost = (...args) => {
    const host = hostOf(...args);
    let taken = () => undefined;
    // tslab takes each new program here, and emits its files one by one
    Object.defineProperty(host, "afterProgramCreate", { get: () => (builder) => taken(emittingSettled(builder)), set: (wanted) => (taken = wanted) });
    return host;
  };

  function emittingSettled(builder) {
    const emit = builder.emit.bind(builder);
    builder.emit = (file, write, ...rest) => {
      if (file === undefined || !settled(file)) return emit(file, write, ...rest);
      const text = kept("esm", file.text, () => esbuild.transformSync(file.text, { loader: "ts", format: "esm", target: "es2022" }).code);
      translated.add(text);
      write(`${builder.getCompilerOptions().outDir}/${path.posix.relative(root.split(path.sep).join("/"), file.fileName).replace(/\.ts$/, ".js")}`, text);
      return { emitSkipped: false, diagnostics: [] };
    };
    return builder;
  }

  require.cache[place].exports = ts;
}

/** Keeps what `make` came to by the hash of its text; a folder that cannot be written only costs time. */
function keeper(folder, version) {
  return (what, text, make) => {
    const file = path.join(folder, `${crypto.createHash("sha256").update(`${version} ${what}\n${text}`).digest("hex")}.js`);
    try {
      return fs.readFileSync(file, "utf8");
    } catch {
      const made = make();
      try {
        fs.mkdirSync(folder, { recursive: true });
        fs.writeFileSync(`${file}.${process.pid}`, made);
        fs.renameSync(`${file}.${process.pid}`, file);
      } catch {
        // read-only or full
      }
      return made;
    }
  };
}

module.exports = { quicken };
