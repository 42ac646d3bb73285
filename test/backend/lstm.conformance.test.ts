import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { openBackend, tf, type BackendName } from "../../src/backend/tf";
import { loadFused, type InstructionSet } from "../../src/backend/lstm/fused";
import { KERNELS, type KernelName } from "../../src/backend/lstm/kernel";
import { lstm, type LstmWeights } from "../../src/backend/lstm/lstm";
import { random } from "../../src/core/random";
import { useSoftwareGpu } from "../helpers/software-gpu";

interface Size { readonly batch: number; readonly time: number; readonly input: number; readonly hidden: number }

/** A kernel on a backend; `instructions` chooses among the fused kernel's compiled variants. */
interface Candidate { readonly backend: BackendName; readonly kernel: KernelName; readonly instructions?: InstructionSet }

const CANDIDATES: readonly Candidate[] = [
  { backend: "tensorflow", kernel: "fused", instructions: "avx512" },
  { backend: "tensorflow", kernel: "fused", instructions: "avx2" },
  { backend: "tensorflow", kernel: "fused", instructions: "portable" },
  { backend: "tensorflow", kernel: "cuda" },
  { backend: "webgpu", kernel: "webgpu" },
  { backend: "tensorflow", kernel: "hybrid" },
  { backend: "tensorflow", kernel: "reference" },
  { backend: "wasm", kernel: "wasm" },
  { backend: "wasm", kernel: "reference" },
  { backend: "cpu", kernel: "reference" },
];

/** Sizes that meet every edge of a tiled kernel: units and inputs off 4, 8, 16, 32; one row, one day, one unit; uneven slices. */
const SIZES: readonly Size[] = [
  { batch: 1, time: 1, input: 1, hidden: 1 },
  { batch: 3, time: 5, input: 2, hidden: 7 },
  { batch: 1, time: 6, input: 5, hidden: 8 },
  { batch: 13, time: 4, input: 9, hidden: 17 },
  { batch: 5, time: 1, input: 33, hidden: 31 },
  { batch: 29, time: 3, input: 16, hidden: 32 },
  { batch: 2, time: 9, input: 34, hidden: 37 },
  { batch: 67, time: 2, input: 3, hidden: 5 },
  { batch: 4, time: 40, input: 4, hidden: 10 },
];

/** x, wIh, wHh, bIh, bHh, h0, c0 and the weights of the loss. */
type Case = [tf.Tensor3D, tf.Tensor2D, tf.Tensor2D, tf.Tensor1D, tf.Tensor1D, tf.Tensor2D, tf.Tensor2D, tf.Tensor3D];
const NAMES = ["h", "dx", "dwIh", "dwHh", "dbIh", "dbHh", "dh0", "dc0"];

function makeCase({ batch, time, input, hidden }: Size, seed: number): Case {
  const stream = random(seed, "lstm case");
  const normal = (shape: number[], scale: number): tf.Tensor => tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => scale * stream.normal()), shape);
  const u = 1 / Math.sqrt(hidden);
  return [normal([batch, time, input], 1), normal([4 * hidden, input], u), normal([4 * hidden, hidden], u), normal([4 * hidden], u), normal([4 * hidden], u),
    normal([batch, hidden], 0.5), normal([batch, hidden], 0.5), normal([batch, time, hidden], 1)] as Case;
}

const weightsOf = (c: readonly tf.Tensor[]): LstmWeights => ({ wIh: c[1] as tf.Tensor2D, wHh: c[2] as tf.Tensor2D, bIh: c[3] as tf.Tensor1D, bHh: c[4] as tf.Tensor1D });

/** States and the gradients of Σ weight·h in all seven inputs, as plain numbers. */
function valuesAndGradients(c: Case, kernel: KernelName, reverse: boolean): Float32Array[] {
  return tf.tidy(() => {
    const run = (...t: tf.Tensor[]): tf.Tensor3D => lstm(t[0] as tf.Tensor3D, weightsOf(t), { h0: t[5] as tf.Tensor2D, c0: t[6] as tf.Tensor2D, reverse, kernel });
    const gradients = tf.grads((...t) => run(...t).mul(c[7]).sum())(c.slice(0, 7));
    return [run(...c), ...gradients].map((t) => t.dataSync() as Float32Array);
  });
}

/** Largest difference in units of the largest value of `truth`. */
function relativeError(got: Float32Array, truth: Float32Array): number {
  assert.equal(got.length, truth.length);
  let difference = 0;
  let scale = 1e-6;
  truth.forEach((v, k) => {
    difference = Math.max(difference, Math.abs(v - got[k]!));
    scale = Math.max(scale, Math.abs(v));
  });
  return Number.isNaN(difference) ? Infinity : difference / scale;
}

/** The truth in double precision, by loops: states and gradients by central differences are checked against it. */
function scalarLstm(c: Float64Array[], { batch, time, input, hidden }: Size, reverse: boolean): Float64Array {
  const [x, wIh, wHh, bIh, bHh, h0, c0] = c as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
  const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
  const out = new Float64Array(batch * time * hidden);
  for (let b = 0; b < batch; b++) {
    let h = h0.slice(b * hidden, (b + 1) * hidden);
    const cell = c0.slice(b * hidden, (b + 1) * hidden);
    for (let step = 0; step < time; step++) {
      const t = reverse ? time - 1 - step : step;
      const gate = (row: number): number => {
        let sum = bIh[row]! + bHh[row]!;
        for (let k = 0; k < input; k++) sum += wIh[row * input + k]! * x[(b * time + t) * input + k]!;
        for (let k = 0; k < hidden; k++) sum += wHh[row * hidden + k]! * h[k]!;
        return sum;
      };
      const next = new Float64Array(hidden);
      for (let j = 0; j < hidden; j++) {
        cell[j] = sigmoid(gate(hidden + j)) * cell[j]! + sigmoid(gate(j)) * Math.tanh(gate(2 * hidden + j));
        next[j] = sigmoid(gate(3 * hidden + j)) * Math.tanh(cell[j]!);
      }
      h = next;
      out.set(h, (b * time + t) * hidden);
    }
  }
  return out;
}

describe("the reference LSTM", () => {
  before(async () => { await openBackend({ backend: "cpu", kernel: "reference" }); });

  it("gives the states worked out by hand for one unit and two days", () => {
    // x = 1, 2; gates i, f, g, o from W_ih = (.5, −.5, 1, .25), W_hh = (.1, .2, −.3, .4), b = (0, 1, 0, −1), h0 = c0 = 0.
    const weights: LstmWeights = { wIh: tf.tensor2d([0.5, -0.5, 1, 0.25], [4, 1]), wHh: tf.tensor2d([0.1, 0.2, -0.3, 0.4], [4, 1]), bIh: tf.tensor1d([0, 1, 0, -0.5]), bHh: tf.tensor1d([0, 0, 0, -0.5]) };
    const h = lstm(tf.tensor3d([1, 2], [1, 2, 1]), weights, { kernel: "reference" }).dataSync();
    const s = (v: number): number => 1 / (1 + Math.exp(-v));
    const c1 = s(0.5) * Math.tanh(1);
    const h1 = s(-0.75) * Math.tanh(c1);
    const c2 = s(0.2 * h1) * c1 + s(1 + 0.1 * h1) * Math.tanh(2 - 0.3 * h1);
    const h2 = s(-0.5 + 0.4 * h1) * Math.tanh(c2);
    assert.ok(Math.abs(h1 - 0.1416) < 5e-5, "the literal of day one");
    assert.ok(Math.abs(h[0]! - h1) < 1e-6 && Math.abs(h[1]! - h2) < 1e-6, `${h} against ${h1}, ${h2}`);
  });

  for (const reverse of [false, true]) {
    it(`agrees with loops in double precision, gradients with their central differences, reverse ${reverse}`, () => {
      const size = { batch: 2, time: 3, input: 2, hidden: 3 };
      const c = makeCase(size, 11);
      const plain = c.map((t) => Float64Array.from(t.dataSync()));
      const [h, ...gradients] = valuesAndGradients(c, "reference", reverse);
      assert.ok(relativeError(h!, Float32Array.from(scalarLstm(plain, size, reverse))) < 1e-5);
      const loss = (): number => scalarLstm(plain, size, reverse).reduce((sum, v, k) => sum + v * plain[7]![k]!, 0);
      gradients.forEach((gradient, n) => {
        const truth = Float32Array.from(plain[n]!, (value, k) => {
          const at = (v: number): number => { plain[n]![k] = v; const l = loss(); plain[n]![k] = value; return l; };
          return (at(value + 1e-5) - at(value - 1e-5)) / 2e-5;
        });
        assert.ok(relativeError(gradient, truth) < 1e-4, `${NAMES[n + 1]}: ${relativeError(gradient, truth)}`);
      });
      tf.dispose(c);
    });
  }
});

for (const candidate of CANDIDATES) {
  const label = `${candidate.kernel}${candidate.instructions ? ` (${candidate.instructions})` : ""} on ${candidate.backend}`;
  describe(`the LSTM kernel ${label}`, () => {
    const truths = new Map<string, Float32Array[]>();
    let skip = "";

    // The truth comes from the reference on the cpu backend: plain loops that share nothing with the candidates.
    before(async () => {
      await openBackend({ backend: "cpu", kernel: "reference" });
      for (const [n, size] of SIZES.entries()) {
        for (const reverse of [false, true]) {
          const c = makeCase(size, n);
          truths.set(`${n} ${reverse}`, valuesAndGradients(c, "reference", reverse));
          tf.dispose(c);
        }
      }
      try {
        const noGpu = candidate.backend === "webgpu" ? useSoftwareGpu() : null;
        if (noGpu !== null) throw new Error(noGpu);
        await openBackend({ backend: candidate.backend, kernel: candidate.kernel, threads: 3 });
        if (candidate.instructions !== undefined) {
          const loaded = loadFused(3, candidate.instructions);
          if ("why" in loaded) skip = loaded.why;
        }
      } catch (error) {
        skip = (error as Error).message;
      }
    });
    after(() => { if (skip === "" && candidate.kernel === "fused") loadFused(); });

    for (const [n, size] of SIZES.entries()) {
      it(`agrees with the reference at ${JSON.stringify(size)}, both ways`, (t) => {
        if (skip !== "") return t.skip(skip);
        for (const reverse of [false, true]) {
          const c = makeCase(size, n);
          valuesAndGradients(c, candidate.kernel, reverse).forEach((values, k) => {
            const error = relativeError(values, truths.get(`${n} ${reverse}`)![k]!);
            assert.ok(error < (k === 0 ? 1e-5 : 1e-4), `${NAMES[k]}, reverse ${reverse}: relative error ${error}`);
          });
          tf.dispose(c);
        }
      });
    }

    it("gives zeros for h0 and c0 that are left out, and the same states with and without a gradient", (t) => {
      if (skip !== "") return t.skip(skip);
      tf.tidy(() => {
        const c = makeCase(SIZES[3]!, 21);
        const zeros = tf.zerosLike(c[5]);
        const without = lstm(c[0], weightsOf(c), { kernel: candidate.kernel });
        const withZeros = lstm(c[0], weightsOf(c), { h0: zeros, c0: zeros, kernel: candidate.kernel });
        const { value } = tf.valueAndGrad((x) => lstm(x as tf.Tensor3D, weightsOf(c), { kernel: candidate.kernel }).sum())(c[0]);
        assert.deepEqual(without.dataSync(), withZeros.dataSync());
        assert.ok(Math.abs(value.dataSync()[0]! - without.sum().dataSync()[0]!) < 1e-3);
      });
    });

    it("treats each row alone: a ragged last batch gives the rows of the whole batch", (t) => {
      if (skip !== "") return t.skip(skip);
      tf.tidy(() => {
        const c = makeCase({ batch: 19, time: 4, input: 6, hidden: 11 }, 22);
        const whole = lstm(c[0], weightsOf(c), { kernel: candidate.kernel });
        const last = lstm(c[0].slice([16], [3]), weightsOf(c), { kernel: candidate.kernel });
        assert.ok(relativeError(last.dataSync() as Float32Array, whole.slice([16], [3]).dataSync() as Float32Array) < 1e-6);
      });
    });

    it("keeps NaN and infinity where they arise: that row from that day on, no other row", (t) => {
      if (skip !== "") return t.skip(skip);
      tf.tidy(() => {
        const size = { batch: 9, time: 5, input: 3, hidden: 6 };
        const c = makeCase(size, 23);
        const values = c[0].dataSync().slice() as Float32Array;
        values[(4 * size.time + 2) * size.input] = NaN;
        const h = lstm(tf.tensor3d(values, c[0].shape), weightsOf(c), { kernel: candidate.kernel }).dataSync();
        h.forEach((v, k) => {
          const row = Math.floor(k / (size.time * size.hidden));
          const day = Math.floor(k / size.hidden) % size.time;
          assert.equal(Number.isNaN(v), row === 4 && day >= 2, `row ${row}, day ${day}: ${v}`);
        });
        const huge = lstm(c[0].mul(1e30), weightsOf(c), { kernel: candidate.kernel }).dataSync();
        assert.ok(huge.every((v) => Math.abs(v) <= 1), "saturated gates stay within ±1");
        values[(4 * size.time + 2) * size.input] = 0;
        values[0] = NaN;
        const dw = tf.grad((w) => lstm(tf.tensor3d(values, c[0].shape), { ...weightsOf(c), wHh: w as tf.Tensor2D }, { kernel: candidate.kernel }).sum())(c[2]);
        assert.ok(dw.dataSync().every(Number.isNaN), "the gradient of the weights says so too");
      });
    });

    it("leaves no tensor behind", (t) => {
      if (skip !== "") return t.skip(skip);
      const c = makeCase(SIZES[1]!, 24);
      valuesAndGradients(c, candidate.kernel, true);
      const tensors = tf.memory().numTensors;
      valuesAndGradients(c, candidate.kernel, false);
      const h = lstm(c[0], weightsOf(c), { kernel: candidate.kernel });
      assert.equal(tf.memory().numTensors, tensors + 1);
      tf.dispose([h, ...c]);
    });

    it("keeps two sets of weights apart when both are in one gradient", (t) => {
      if (skip !== "") return t.skip(skip);
      tf.tidy(() => {
        const first = makeCase({ batch: 5, time: 4, input: 3, hidden: 9 }, 25);
        const second = makeCase({ batch: 5, time: 4, input: 9, hidden: 6 }, 26);
        const stacked = (kernel: KernelName): tf.Tensor[] => tf.grads((w, v) =>
          lstm(lstm(first[0], { ...weightsOf(first), wHh: w as tf.Tensor2D }, { kernel }), { ...weightsOf(second), wHh: v as tf.Tensor2D }, { kernel, reverse: true }).mul(second[7]).sum())([first[2], second[2]]);
        const truth = stacked("reference");
        stacked(candidate.kernel).forEach((g, k) => assert.ok(relativeError(g.dataSync() as Float32Array, truth[k]!.dataSync() as Float32Array) < 1e-4));
      });
    });

    it("trains: Adam brings the loss of a small task down", (t) => {
      if (skip !== "") return t.skip(skip);
      const c = makeCase({ batch: 6, time: 5, input: 3, hidden: 4 }, 27);
      const variables = c.slice(1, 5).map((w) => tf.variable(w));
      const optimizer = tf.train.adam(0.05);
      const loss = (): tf.Scalar => lstm(c[0], weightsOf([c[0], ...variables]), { kernel: candidate.kernel }).sub(0.3).square().mean();
      const start = tf.tidy(() => loss().dataSync()[0]!);
      for (let k = 0; k < 30; k++) optimizer.minimize(loss);
      const end = tf.tidy(() => loss().dataSync()[0]!);
      assert.ok(end < 0.5 * start, `${start} → ${end}`);
      optimizer.dispose();
      tf.dispose([...variables, ...c]);
    });
  });
}

describe("lstm", () => {
  before(async () => { await openBackend({ backend: "cpu" }); });

  it("names the tensor whose shape does not fit", () => {
    tf.tidy(() => {
      const c = makeCase(SIZES[1]!, 1);
      assert.throws(() => lstm(c[0], { ...weightsOf(c), wIh: c[2] }), { name: "WorkbookError", tag: "BadArgument", message: /wIh must be float32 \[28, 2\], got float32 \[28, 7\]/ });
      assert.throws(() => lstm(c[0], weightsOf(c), { h0: tf.zeros([2, 7]) }), { tag: "BadArgument", message: /h0 must be/ });
      assert.throws(() => lstm(tf.zeros([0, 5, 2]), weightsOf(c)), { tag: "BadArgument", message: /empty/ });
    });
  });

  it("refuses a named kernel that the current backend does not run", () => {
    tf.tidy(() => {
      const c = makeCase(SIZES[1]!, 1);
      for (const kernel of KERNELS.filter((k) => k !== "reference")) assert.throws(() => lstm(c[0], weightsOf(c), { kernel }), { tag: "MissingPart", message: /npm run setup/ });
    });
  });
});
