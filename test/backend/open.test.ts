import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterEach, describe, it } from "node:test";
import { openBackend, tf } from "../../src/backend/tf";
import { projectRoot } from "../../src/core/files";

const { buildFused, builtFused } = require("../../src/backend/build-fused.cjs") as {
  buildFused(options?: { depsDir?: string; outFile?: string }): { ok: boolean; why: string };
  builtFused(options?: { depsDir?: string; outFile?: string }): { ok: boolean; why: string; file: string };
};

/** Opens the backend in a process of its own, after `prelude`, and reads back what it printed. */
function openInChild(prelude: string, env: Record<string, string>): { report: { backend: string; kernel: string; why: string[] }; stdout: string; stderr: string } {
  const tfPath = JSON.stringify(path.join(projectRoot(), "src", "backend", "tf"));
  const script = `${prelude}
    const { openBackend, tf } = require(${tfPath});
    openBackend().then((report) => { tf.tidy(() => tf.tensor1d([1, 2]).add(1).dataSync()); process.stdout.write(JSON.stringify(report)); });`;
  const child = spawnSync(process.execPath, ["--import", "tsx", "-e", script], { encoding: "utf8", cwd: projectRoot(), env: { ...process.env, ...env } });
  return { report: JSON.parse(child.stdout), stdout: child.stdout, stderr: child.stderr };
}

/** A prelude after which requiring a module whose name ends in `ending` gives `value`. */
const replaced = (ending: string, value: string): string => `{ const M = require("node:module"), load = M._load;
  M._load = function (name, ...rest) { return name.endsWith(${JSON.stringify(ending)}) ? ${value} : load.call(this, name, ...rest); }; }`;

describe("openBackend", () => {
  afterEach(() => {
    delete process.env["TAMRL_BACKEND"];
    delete process.env["TAMRL_LSTM"];
    delete process.env["TAMRL_THREADS"];
  });

  it("follows the environment, and an option before it", async () => {
    process.env["TAMRL_BACKEND"] = "wasm";
    const wasm = await openBackend();
    assert.deepEqual([wasm.backend, wasm.kernel, tf.getBackend()], ["wasm", "wasm", "wasm"]);
    process.env["TAMRL_THREADS"] = "1";
    assert.equal((await openBackend()).device, "CPU, 1 thread");
    process.env["TAMRL_THREADS"] = "3";
    assert.equal((await openBackend()).device, "CPU, 3 threads");
    assert.deepEqual(tf.tensor1d([1, 2]).add(1).dataSync(), Float32Array.of(2, 3));
    const cpu = await openBackend({ backend: "cpu" });
    assert.deepEqual([cpu.backend, tf.getBackend()], ["cpu", "cpu"]);
    assert.ok(cpu.why.some((line) => line.startsWith("backend cpu: asked for")), cpu.why.join("\n"));
    assert.equal(cpu.versions["tfjs"], tf.version_core);
  });

  it("fails with the cure when a forced kernel cannot run, also where it alone is named", async () => {
    await assert.rejects(openBackend({ backend: "cpu", kernel: "hybrid" }), { name: "WorkbookError", tag: "MissingPart", message: /hybrid was asked for, .*npm run setup/ });
    process.env["TAMRL_LSTM"] = "fused";
    await assert.rejects(openBackend({ backend: "wasm" }), { tag: "MissingPart", message: /fused was asked for, it needs the backend tensorflow/ });
    process.env["TAMRL_LSTM"] = "cuda";
    await assert.rejects(openBackend({ backend: "cpu" }), { tag: "MissingPart", message: /cuda was asked for, it needs the backend tensorflow.*npm run setup -- --gpu/ });
  });

  it("refuses names and thread counts that do not exist", async () => {
    process.env["TAMRL_BACKEND"] = "tensorflw";
    await assert.rejects(openBackend(), { tag: "BadConfig", message: /TAMRL_BACKEND must be .*got "tensorflw"/ });
    delete process.env["TAMRL_BACKEND"];
    process.env["TAMRL_LSTM"] = "fast";
    await assert.rejects(openBackend({ backend: "cpu" }), { tag: "BadConfig", message: /TAMRL_LSTM must be/ });
    delete process.env["TAMRL_LSTM"];
    for (const threads of ["0", "two", "1.5"]) {
      process.env["TAMRL_THREADS"] = threads;
      await assert.rejects(openBackend({ backend: "cpu" }), { tag: "BadConfig", message: /TAMRL_THREADS must be a whole number/ });
    }
  });

  it("prints nothing of its own while it opens and computes, on any backend", () => {
    for (const backend of ["auto", "wasm", "cpu"]) {
      const { stdout, stderr } = openInChild("", { TAMRL_BACKEND: backend });
      assert.equal(stderr, "", backend);
      assert.ok(stdout.startsWith("{") && stdout.endsWith("}"), stdout);
    }
  });

  it("moves on to the next kernel where the fused one is not built, and says why", (t) => {
    const { report } = openInChild(replaced("../build-fused.cjs", "{ builtFused: () => ({ ok: false, why: 'it is not built', file: '' }) }"), {});
    if (report.backend !== "tensorflow") return t.skip("needs the backend tensorflow; run npm run setup");
    assert.equal(report.kernel, "hybrid");
    assert.ok(report.why.some((line) => /^kernel fused: not used, it is not built; run npm run setup \(it needs a C\+\+ compiler/.test(line)), report.why.join("\n"));
    assert.ok(report.why.some((line) => /^backend webgpu: not used, ./.test(line)), "the GPU was looked for first");
  });

  it("says which libtensorflow the native code was built for, and goes on without it, when another one runs", (t) => {
    const { report } = openInChild(replaced("tamlstm.node", "{ error: 'it was built for libtensorflow 2.16.2, this is 2.19.1' }"), {});
    if (report.backend !== "tensorflow") return t.skip("needs the backend tensorflow; run npm run setup");
    assert.equal(report.kernel, "hybrid");
    assert.ok(report.why.includes("kernel fused: not used, it was built for libtensorflow 2.16.2, this is 2.19.1; run npm run setup"), report.why.join("\n"));
  });

  it("moves on to wasm, and from there to cpu, when a part does not load, and says why", () => {
    const hide = (names: string): string => `const M = require("node:module"), load = M._load;
      M._load = function (name, ...rest) { if (${names}.includes(name)) throw new Error(name + " is not here"); return load.call(this, name, ...rest); };`;
    const first = openInChild(hide(`["@tensorflow/tfjs-node-gpu"]`), {}).report;
    assert.equal(first.backend, "wasm");
    assert.match(first.why[0]!, /^backend tensorflow: not used, it does not load \(@tensorflow\/tfjs-node-gpu is not here\); run npm run setup$/);
    const second = openInChild(hide(`["@tensorflow/tfjs-node-gpu", "@tensorflow/tfjs-backend-wasm"]`), {}).report;
    assert.deepEqual([second.backend, second.kernel], ["cpu", "reference"]);
  });
});

describe("buildFused", () => {
  const path0 = process.env["PATH"];
  const cxx = process.env["CXX"];
  afterEach(() => {
    process.env["PATH"] = path0;
    if (cxx !== undefined) process.env["CXX"] = cxx;
  });

  it("says what is missing instead of throwing: the headers, the compiler", (t) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "fused-"));
    t.after(() => fs.rmSync(folder, { recursive: true }));
    const outFile = path.join(folder, "tamlstm.node");
    if (process.platform !== "linux") return t.skip("the fused LSTM is built on Linux only");
    assert.match(buildFused({ depsDir: folder, outFile }).why, /headers are not in .*npm run setup/);
    fs.mkdirSync(path.join(folder, "include", "tensorflow", "c"), { recursive: true });
    fs.writeFileSync(path.join(folder, "include", "tensorflow", "c", "kernels.h"), "");
    process.env["PATH"] = folder;
    delete process.env["CXX"];
    const { ok, why } = buildFused({ depsDir: folder, outFile });
    assert.equal(ok, false);
    assert.match(why, /no C\+\+ compiler .*g\+\+/);
    assert.deepEqual(builtFused({ depsDir: folder, outFile }).ok, false);
  });

  it("counts an object of other sources as not built", (t) => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "fused-"));
    t.after(() => fs.rmSync(folder, { recursive: true }));
    const outFile = path.join(folder, "tamlstm.node");
    fs.writeFileSync(outFile, "");
    assert.match(builtFused({ outFile }).why, /not built/);
    fs.writeFileSync(`${outFile}.stamp`, "0123456789abcdef\n");
    assert.match(builtFused({ outFile }).why, /other sources/);
  });
});
