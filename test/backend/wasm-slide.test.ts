import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { lstm, type LstmWeights } from "../../src/backend/lstm/lstm";
import { lstmSlide } from "../../src/backend/lstm/slide";
import { openBackend, tf } from "../../src/backend/tf";
import { openWasmThreads } from "../../src/backend/wasm-threads";
import { random } from "../../src/core/random";

interface Size { readonly days: number; readonly windows: number; readonly time: number; readonly input: number; readonly hidden: number }

/** One window and one day, units off 4 and 8, more windows than walk together, more than one slice a thread. */
const SIZES: readonly Size[] = [
  { days: 1, windows: 1, time: 1, input: 1, hidden: 1 },
  { days: 12, windows: 5, time: 4, input: 3, hidden: 7 },
  { days: 40, windows: 31, time: 1, input: 9, hidden: 17 },
  { days: 30, windows: 13, time: 6, input: 34, hidden: 32 },
  { days: 400, windows: 390, time: 3, input: 5, hidden: 10 },
];

function weightsOf(stream: ReturnType<typeof random>, input: number, hidden: number): LstmWeights {
  const normal = (shape: number[]): tf.Tensor => tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => stream.normal() / Math.sqrt(hidden)), shape);
  return { wIh: normal([4 * hidden, input]), wHh: normal([4 * hidden, hidden]), bIh: normal([4 * hidden]), bHh: normal([4 * hidden]) } as LstmWeights;
}

for (const instructions of ["", "SIMD"] as const) {
  describe(`prediction over overlapping windows on wasm, ${instructions === "" ? "all that the engine has" : "plain SIMD"}`, () => {
    let skip = "";
    before(async () => {
      try {
        await openBackend({ kernel: "wasm", threads: 3 });
        const opened = openWasmThreads(3, instructions);
        if ("why" in opened) skip = opened.why;
      } catch (error) {
        skip = (error as Error).message;
      }
    });

    for (const size of SIZES) {
      it(`gives the last state of each window as the reference does on windows that are cut, ${JSON.stringify(size)}`, (t) => {
        if (skip !== "") return t.skip(skip);
        const { days, windows, time, input, hidden } = size;
        const stream = random(8, JSON.stringify(size));
        const x = Float32Array.from({ length: days * input }, () => stream.normal());
        const starts = Int32Array.from(stream.shuffle(Array.from({ length: days - time + 1 }, (_, k) => k)).slice(0, windows)); // in no order
        const tensors = tf.memory().numTensors;
        tf.tidy(() => {
          const weights = weightsOf(stream, input, hidden);
          const slid = lstmSlide(tf.tensor2d(x, [days, input]), starts, time, weights)!;
          const cut = tf.tensor3d(Float32Array.from([...starts].flatMap((s) => [...x.subarray(s * input, (s + time) * input)])), [starts.length, time, input]);
          const truth = lstm(cut, weights, { lastDays: 1, kernel: "reference" }).dataSync();
          assert.deepEqual(slid.shape, [starts.length, hidden]);
          slid.dataSync().forEach((v, k) => assert.ok(Math.abs(v - truth[k]!) < 1e-5, `window ${Math.floor(k / hidden)}: ${v} against ${truth[k]}`));
        });
        assert.equal(tf.memory().numTensors, tensors, "tensors left behind");
      });
    }

    it("keeps a missing day to the windows that hold it", (t) => {
      if (skip !== "") return t.skip(skip);
      tf.tidy(() => {
        const [days, time, missing] = [60, 5, 30];
        const stream = random(9, "missing");
        const x = Float32Array.from({ length: days * 2 }, (_, k) => (k === 2 * missing ? NaN : stream.normal()));
        const starts = Int32Array.from({ length: days - time + 1 }, (_, k) => k);
        lstmSlide(tf.tensor2d(x, [days, 2]), starts, time, weightsOf(stream, 2, 6))!.dataSync().forEach((v, k) => {
          const start = starts[Math.floor(k / 6)]!;
          assert.equal(Number.isNaN(v), start <= missing && missing < start + time, `window from day ${start}`);
        });
      });
    });
  });
}
