import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { before, describe, it } from "node:test";
import { lstm, type LstmWeights } from "../../src/backend/lstm/lstm";
import { openBackend, tf } from "../../src/backend/tf";
import { wasmProduct } from "../../src/backend/wasm-product";
import { openWasmThreads, type WasmThreads } from "../../src/backend/wasm-threads";
import { projectRoot } from "../../src/core/files";
import { random } from "../../src/core/random";
import { joined, needsKernel, runCells } from "../helpers/notebook";

interface Built { readonly ok: boolean; readonly why: string; readonly relaxed: string; readonly plain: string; readonly backend: string }
const { buildWasm, builtWasm, withMemory } = require("../../src/backend/build-wasm.cjs") as {
  buildWasm(options: { outDir: string }): { ok: boolean; why: string };
  builtWasm(options?: { outDir?: string }): Built;
  withMemory(bytes: Uint8Array, shared: boolean): Uint8Array;
};

/** Opens the wasm backend in a process of its own, after `prelude`; what it printed, and how it ended. */
function inChild(prelude: string, env: Record<string, string> = {}): { status: number | null; why: string; sum: number } {
  const script = `${prelude}
    const { openBackend, tf } = require(${JSON.stringify(path.join(projectRoot(), "src", "backend", "tf"))});
    const { product } = require(${JSON.stringify(path.join(projectRoot(), "src", "backend", "dense"))});
    (async () => {
      await before();
      const { why } = await openBackend({ backend: "wasm", threads: 2 });
      const sum = tf.tidy(() => product(tf.ones([600, 90]), tf.ones([90, 80])).sum().dataSync()[0]);
      process.stdout.write(JSON.stringify({ why: why.join("; "), sum }));
    })();`;
  const child = spawnSync(process.execPath, ["--import", "tsx", "-e", script], { encoding: "utf8", cwd: projectRoot(), env: { ...process.env, ...env }, timeout: 120_000 });
  assert.equal(child.stderr, "");
  return { status: child.status, ...(JSON.parse(child.stdout) as { why: string; sum: number }) };
}

const NOTHING_BEFORE = "const before = async () => {};";

describe("the build of the wasm operations", () => {
  it("gives the same bytes from the same sources", (t) => {
    if (!builtWasm().ok) return t.skip(builtWasm().why);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "wasm-"));
    t.after(() => fs.rmSync(folder, { recursive: true }));
    const outDir = path.join(folder, "built");
    assert.equal(builtWasm({ outDir }).ok, false);
    assert.deepEqual(buildWasm({ outDir }), { ok: true, why: "the wasm operations were built" });
    const again = builtWasm({ outDir });
    assert.equal(again.ok, true);
    for (const name of ["relaxed", "plain", "backend"] as const) assert.deepEqual(fs.readFileSync(again[name]), fs.readFileSync(builtWasm()[name]), name);
    fs.writeFileSync(path.join(outDir, "stamp"), "0123456789abcdef\n");
    assert.match(builtWasm({ outDir }).why, /other sources/);
  });

  it("turns the one bit of a binary that says whether its memory is shared, defined or imported", () => {
    const head = [0, 97, 115, 109, 1, 0, 0, 0];
    const defined = Uint8Array.from([...head, 5, 4, 1, 1, 1, 2]);
    assert.deepEqual(withMemory(defined, true), Uint8Array.from([...head, 5, 4, 1, 3, 1, 2]));
    const imported = Uint8Array.from([...head, 2, 9, 1, 1, 97, 1, 98, 2, 1, 1, 2]);
    assert.deepEqual(withMemory(withMemory(imported, true), false), imported);
    assert.equal(WebAssembly.validate(withMemory(imported, true)), true);
    assert.throws(() => withMemory(Uint8Array.from([...head, 5, 3, 1, 0, 1]), true), /no maximum/);
    assert.throws(() => withMemory(Uint8Array.from(head), true), /no memory/);
  });
});

describe("the threads of the wasm operations", () => {
  const skip = builtWasm().ok ? false : builtWasm().why;

  it("end with the process, which nothing keeps alive", { skip }, () => {
    const { status, why, sum } = inChild(NOTHING_BEFORE);
    assert.equal(status, 0);
    assert.match(why, /kernel wasm: .*SIMD, 2 threads\)$/);
    assert.equal(sum, 600 * 90 * 80);
  });

  it("leave what is not caught to the process: a handler that throws would end the kernel", { skip }, () => {
    const { status, sum } = inChild(`${NOTHING_BEFORE} process.on("exit", () => (process.exitCode = process.listenerCount("unhandledRejection") + process.listenerCount("uncaughtException")));`);
    assert.equal(status, 0);
    assert.equal(sum, 600 * 90 * 80);
  });

  it("work in a notebook's kernel, also when its cells open the backend again", needsKernel(), async (t) => {
    if (skip !== false) return t.skip(skip);
    const { result, outputs } = await runCells([
      `import { openBackend, tf } from "./src/backend/tf";\nimport { product } from "./src/backend/dense";`,
      `const { why } = await openBackend({ backend: "wasm", threads: 2 });\nconsole.log(why.join("; "));`,
      `await openBackend({ backend: "wasm", threads: 2 });\nconsole.log(product(tf.ones([600, 90]), tf.ones([90, 80])).sum().dataSync()[0]);`,
    ]);
    assert.equal(result.error?.message, undefined);
    assert.match(joined(outputs[1]![0]?.text), /kernel wasm: .*SIMD, 2 threads\)/);
    assert.equal(joined(outputs[2]![0]?.text).trim(), String(600 * 90 * 80));
  });

  it("give way to one thread, and say why, where none can be started", { skip }, () => {
    const { why, sum } = inChild(`${NOTHING_BEFORE} require("node:worker_threads").Worker = class { constructor() { throw new Error("no threads here"); } };`);
    assert.match(why, /1 thread: no thread can be started: no threads here\)$/);
    assert.equal(sum, 600 * 90 * 80);
  });

  it("give way to one thread, and say why, where the heap is not shared", { skip }, () => {
    const { why, sum } = inChild(`const before = async () => {
      const wasm = require("@tensorflow/tfjs-backend-wasm");
      wasm.setWasmPaths(require("node:path").dirname(require.resolve("@tensorflow/tfjs-backend-wasm")) + "/");
      await require("@tensorflow/tfjs").setBackend("wasm");
    };`);
    assert.match(why, /1 thread: the heap of TensorFlow.js is not shared/);
    assert.equal(sum, 600 * 90 * 80);
  });
});

for (const instructions of ["", "SIMD"] as const) {
  describe(`wasm operations with ${instructions === "" ? "all that the engine has" : "plain SIMD"}`, () => {
    let wasm: WasmThreads | undefined;
    let skip = "";
    before(async () => {
      await openBackend({ backend: "wasm", threads: 2 });
      const opened = openWasmThreads(3, instructions);
      if ("why" in opened) skip = opened.why;
      else wasm = opened;
    });

    it("multiplies matrices of any shape, either transposed, like double precision", (t) => {
      if (wasm === undefined) return t.skip(skip);
      if (instructions === "SIMD") assert.equal(wasm.instructions, "SIMD");
      const stream = random(5, "products");
      for (const [rows, depth, columns] of [[1, 1, 1], [7, 3, 5], [6, 8, 8], [13, 300, 9], [64, 257, 24], [130, 40, 65], [3, 1000, 2]] as const) {
        for (const [turnA, turnB, biased] of [[false, false, false], [false, true, true], [true, false, false], [true, true, true]] as const) {
          const numbers = (n: number): Float32Array => Float32Array.from({ length: n }, () => stream.normal());
          const [a, b, start] = [numbers(rows * depth), numbers(depth * columns), biased ? numbers(columns) : new Float32Array(columns)];
          const got = tf.tidy(() => wasmProduct(wasm!, tf.tensor2d(a, turnA ? [depth, rows] : [rows, depth]), tf.tensor2d(b, turnB ? [columns, depth] : [depth, columns]), turnA, turnB, biased ? tf.tensor1d(start) : null).dataSync());
          got.forEach((value, place) => {
            const [i, j] = [Math.floor(place / columns), place % columns];
            let sum = start[j]!;
            for (let k = 0; k < depth; k++) sum += a[turnA ? k * rows + i : i * depth + k]! * b[turnB ? j * depth + k : k * columns + j]!;
            assert.ok(Math.abs(value - sum) < 1e-5 * Math.sqrt(depth) * 4, `${[rows, depth, columns]}, ${turnA} ${turnB}: ${value} against ${sum}`);
          });
        }
      }
    });

    it("carries NaN and infinity through a product, and only to their row", (t) => {
      if (wasm === undefined) return t.skip(skip);
      const values = tf.tidy(() => wasmProduct(wasm!, tf.tensor2d([1, NaN, 2, 3, Infinity, 1], [3, 2]), tf.tensor2d([1, 2, 3, 4], [2, 2]), false, false).dataSync());
      assert.deepEqual(Array.from(values), [NaN, NaN, 11, 16, Infinity, Infinity]);
    });

    it("follows a gradient back over a year from its last day, as the reference does, though it fades to nothing on the way", (t) => {
      if (wasm === undefined) return t.skip(skip);
      const [batch, time, input, hidden] = [7, 365, 3, 6];
      const stream = random(6, "year");
      const normal = (shape: number[]): tf.Tensor => tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.4 * stream.normal()), shape);
      tf.tidy(() => {
        const given = [[batch, time, input], [4 * hidden, input], [4 * hidden, hidden], [4 * hidden], [4 * hidden]].map(normal);
        const gradients = (kernel: "wasm" | "reference"): tf.Tensor[] => tf.grads((x, wIh, wHh, bIh, bHh) => lstm(x as tf.Tensor3D, { wIh, wHh, bIh, bHh } as LstmWeights, { lastDays: 1, kernel }).sum())(given);
        const truth = gradients("reference");
        gradients("wasm").forEach((g, k) => {
          const [a, b] = [g.dataSync(), truth[k]!.dataSync()];
          b.forEach((v, place) => assert.ok(Math.abs(v - a[place]!) < 1e-5, `input ${k}, place ${place}: ${a[place]} against ${v}`));
        });
        const early = gradients("wasm")[0]!.slice([0, 0, 0], [-1, 30, -1]).dataSync();
        assert.ok(early.every((v) => v === 0), "the first days of the year have no gradient left");
      });
    });

    it("takes a gradient for faded by what came into its own row: rows of a far smaller loss keep theirs", (t) => {
      if (wasm === undefined) return t.skip(skip);
      const [batch, time, input, hidden] = [9, 20, 3, 6]; // three rows a thread
      const stream = random(7, "rows");
      const normal = (shape: number[]): tf.Tensor => tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 0.4 * stream.normal()), shape);
      tf.tidy(() => {
        const [x, ...rest] = [[batch, time, input], [4 * hidden, input], [4 * hidden, hidden], [4 * hidden], [4 * hidden]].map(normal) as [tf.Tensor3D, ...tf.Tensor[]];
        const [wIh, wHh, bIh, bHh] = rest;
        const dx = (kernel: "wasm" | "reference", scale: tf.Tensor): tf.Tensor => tf.grad((x) => tf.mul(lstm(x as tf.Tensor3D, { wIh, wHh, bIh, bHh } as LstmWeights, { lastDays: 1, kernel }), scale).sum())(x);
        const scales = Array.from({ length: batch }, (_, row) => [1, 1e-17, 1e8][row % 3]!);
        const got = dx("wasm", tf.tensor3d(scales, [batch, 1, 1])).dataSync();
        dx("reference", tf.scalar(1)).dataSync().forEach((v, k) => {
          const scale = scales[Math.floor(k / (time * input))]!;
          assert.ok(Math.abs(got[k]! / scale - v) < 1e-5, `place ${k}: ${got[k]} against ${scale} times ${v}`);
        });
      });
    });
  });
}
