import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { before, describe, it } from "node:test";
import { openBackend, tf } from "../../src/backend/tf";
import { adapterName, isSoftware, webgpuBackend } from "../../src/backend/webgpu";
import { projectRoot } from "../../src/core/files";
import { useSoftwareGpu } from "../helpers/software-gpu";

const NVIDIA = { vendor: "nvidia", architecture: "ampere", device: "NVIDIA RTX A4000", description: "NVIDIA: 570.86.15" };

describe("a WebGPU adapter", () => {
  it("is software where it says so, or where its name does", () => {
    assert.ok(!isSoftware(NVIDIA));
    assert.ok(isSoftware({ ...NVIDIA, isFallbackAdapter: true }));
    for (const device of ["SwiftShader Device (Subzero)", "llvmpipe (LLVM 15.0.6, 256 bits)", "Microsoft Basic Render Driver"]) assert.ok(isSoftware({ vendor: "", architecture: "", device, description: "" }), device);
  });

  it("is named with its driver", () => {
    assert.equal(adapterName(NVIDIA), "GPU over WebGPU, NVIDIA RTX A4000 (NVIDIA: 570.86.15)");
    assert.match(adapterName({ vendor: "google", architecture: "swiftshader", device: "", description: "" }), /^software device over WebGPU, swiftshader$/);
  });
});

/** Runs a script on TensorFlow.js in a process of its own and gives what it printed as JSON; a process that does not end fails. */
function inChild(script: string, env: Record<string, string>): unknown {
  const tfPath = JSON.stringify(path.join(projectRoot(), "src", "backend", "tf"));
  const child = spawnSync(process.execPath, ["--import", "tsx", "-e", `const { openBackend, tf } = require(${tfPath}); (async () => { ${script} })();`],
    { encoding: "utf8", cwd: projectRoot(), env: { ...process.env, TAMRL_BACKEND: "", TAMRL_LSTM: "", ...env }, timeout: 120_000 });
  assert.equal(child.status, 0, `status ${child.status}, signal ${child.signal}: ${child.stderr}`);
  return JSON.parse(child.stdout);
}

describe("the backend webgpu on a software device", () => {
  let skip = "";
  before(async () => {
    const missing = useSoftwareGpu();
    if (missing !== null) {
      skip = missing;
      return;
    }
    try {
      const { why, device } = await openBackend({ backend: "webgpu" });
      if (!isSoftware(webgpuBackend()!.gpu)) skip = `a real GPU is here: ${device}`;
      else assert.ok(why.some((line) => /^backend webgpu: asked for; its device is software, for tests only/.test(line)), why.join("\n"));
    } catch (error) {
      skip = (error as Error).message;
    }
  });

  it("gives values at once and later, of every type, and again after a later operation", async (t) => {
    if (skip !== "") return t.skip(skip);
    // small sums would be done on the processor
    const n = 5000;
    const x = tf.range(0, n);
    const y = x.mul(2);
    const expected = (f: (k: number) => number): Float32Array => Float32Array.from({ length: n }, (_, k) => f(k));
    assert.deepEqual(y.dataSync(), expected((k) => 2 * k));
    assert.deepEqual(await y.add(1).data(), expected((k) => 2 * k + 1));
    assert.deepEqual(y.dataSync(), expected((k) => 2 * k));
    assert.deepEqual(tf.cast(y, "int32").add(tf.scalar(1, "int32")).dataSync(), Int32Array.from({ length: n }, (_, k) => 2 * k + 1));
    assert.deepEqual([...y.greater(9).dataSync()].indexOf(1), 5);
    assert.equal(tf.zeros([0, 3]).dataSync().length, 0);
    tf.dispose([x, y]);
  });

  it("leaves setImmediate and navigator as they were", (t) => {
    if (skip !== "") return t.skip(skip);
    const before = globalThis.setImmediate;
    tf.tidy(() => tf.ones([3000]).mul(2).dataSync());
    assert.equal(globalThis.setImmediate, before);
    assert.equal((globalThis as { navigator?: { gpu?: unknown } }).navigator?.gpu, undefined);
  });

  it("refuses a tensor beyond the device's memory with the cure, and works on", (t) => {
    if (skip !== "") return t.skip(skip);
    assert.throws(() => tf.tidy(() => tf.fill([40_000, 40_000], 1).add(1).dataSync()), { tag: "OutOfMemory", message: /out of memory: the device allows \d+ MiB in one; lower batch or window/ });
    assert.equal(tf.tidy(() => tf.ones([3000]).add(1).dataSync()).at(-1), 2);
  });

  it("lets the process end by itself, with work done and with work still waiting", (t) => {
    if (skip !== "") return t.skip(skip);
    const report = inChild(`const { backend, kernel, device } = await openBackend();
      const sum = tf.tidy(() => tf.ones([4000]).sum().dataSync()[0]);
      tf.ones([64, 64]).matMul(tf.ones([64, 64]));
      process.stdout.write(JSON.stringify({ backend, kernel, device, sum }));`, { TAMRL_BACKEND: "webgpu" }) as { backend: string; kernel: string; device: string; sum: number };
    assert.deepEqual([report.backend, report.kernel, report.sum], ["webgpu", "webgpu", 4000]);
    assert.match(report.device, /^software device/);
  });

  it("is never chosen by itself: without libtensorflow the choice says why and falls to wasm", (t) => {
    if (skip !== "") return t.skip(skip);
    const { backend, why } = inChild(`const M = require("node:module"), load = M._load;
      M._load = function (name, ...rest) { if (name === "@tensorflow/tfjs-node-gpu") throw new Error("not here"); return load.call(this, name, ...rest); };
      process.stdout.write(JSON.stringify(await openBackend()));`, {}) as { backend: string; why: string[] };
    assert.equal(backend, "wasm");
    assert.ok(why.some((line) => /^backend webgpu: not used, the only WebGPU device here is software/.test(line)), why.join("\n"));
  });

  it("a device that reports a fault stops the next read with its reason", (t) => {
    if (skip !== "") return t.skip(skip);
    const message = inChild(`await openBackend();
      const b = tf.backend();
      b.device.createShaderModule({ code: "this is no shader" });
      try { tf.ones([3000]).add(1).dataSync(); } catch (error) { process.stdout.write(JSON.stringify({ tag: error.tag, message: error.message })); }`, { TAMRL_BACKEND: "webgpu" }) as { tag: string; message: string };
    assert.equal(message.tag, "MissingPart");
    assert.match(message.message, /^webgpu: a working device is required, .*WGSL.*update the GPU's driver/);
  });
});
