import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { dense, product } from "../../src/backend/dense";
import { openBackend, tf, type BackendName } from "../../src/backend/tf";

const BACKENDS: readonly BackendName[] = ["tensorflow", "wasm", "cpu"];

const close = (got: tf.Tensor, expected: readonly number[]): void => {
  const values = Array.from(got.dataSync());
  assert.equal(values.length, expected.length);
  values.forEach((v, k) => assert.ok(Math.abs(v - expected[k]!) < 1e-5, `${values} against ${expected}`));
};

for (const backend of BACKENDS) {
  describe(`on ${backend}`, () => {
    let skip = "";
    before(async () => {
      try {
        await openBackend({ backend });
      } catch (error) {
        skip = (error as Error).message;
      }
    });

    it("dense is x·wᵀ + b, with its gradients", (t) => {
      if (skip !== "") return t.skip(skip);
      tf.tidy(() => {
        const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
        const w = tf.tensor2d([1, 0, -1, 2], [2, 2]);
        const b = tf.tensor1d([10, 20]);
        close(dense(x, w, b), [11, 23, 13, 25, 15, 27]);
        const scale = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
        const [dx, dw, db] = tf.grads((x, w, b) => dense(x as tf.Tensor2D, w as tf.Tensor2D, b as tf.Tensor1D).mul(scale).sum())([x, w, b]);
        close(dx!, [-1, 4, -1, 8, -1, 12]);
        close(dw!, [35, 44, 44, 56]);
        close(db!, [9, 12]);
      });
    });

    it("product without a transpose has the gradients of a·b", (t) => {
      if (skip !== "") return t.skip(skip);
      tf.tidy(() => {
        const a = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
        const b = tf.tensor2d([1, 0, 2, -1, 2, 1], [2, 3]);
        close(product(a, b), [-1, 4, 4, -1, 8, 10, -1, 12, 16]);
        const [da, db] = tf.grads((a, b) => product(a as tf.Tensor2D, b as tf.Tensor2D).sum())([a, b]);
        close(da!, [3, 2, 3, 2, 3, 2]);
        close(db!, [9, 9, 9, 12, 12, 12]);
      });
    });

    it("leaves no tensor behind and names shapes that do not fit", (t) => {
      if (skip !== "") return t.skip(skip);
      const [x, w, b] = [tf.ones([3, 2]) as tf.Tensor2D, tf.ones([4, 2]) as tf.Tensor2D, tf.ones([4]) as tf.Tensor1D];
      const tensors = tf.memory().numTensors;
      tf.dispose(tf.grads((x, w, b) => dense(x as tf.Tensor2D, w as tf.Tensor2D, b as tf.Tensor1D).sum())([x, w, b]));
      tf.dispose(dense(x, w, b));
      assert.equal(tf.memory().numTensors, tensors);
      assert.throws(() => dense(x, tf.ones([4, 3]), b), { tag: "BadArgument", message: /\[3,2\] · \[4,3\]ᵀ/ });
      assert.throws(() => dense(x, w, tf.ones([3])), { tag: "BadArgument", message: /b \[out\]/ });
      tf.disposeVariables();
    });

    it("cuts along any axis like plain arrays: slice, split, unstack, and their gradients", (t) => {
      if (skip !== "") return t.skip(skip);
      tf.tidy(() => {
        const [n, m, k] = [3, 4, 40];
        const at = (i: number, j: number, l: number): number => (i * m + j) * k + l;
        const x = tf.range(0, n * m * k).reshape([n, m, k]) as tf.Tensor3D;
        const pieces = (f: (i: number, j: number, l: number) => number | null): number[] => {
          const out: number[] = [];
          for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) for (let l = 0; l < k; l++) { const v = f(i, j, l); if (v !== null) out.push(v); }
          return out;
        };
        for (const axis of [0, 1, 2, -1]) {
          const place = (i: number, j: number, l: number): number => [i, j, l].at(axis)!;
          tf.unstack(x, axis).forEach((part, p) => close(part, pieces((i, j, l) => (place(i, j, l) === p ? at(i, j, l) : null))));
          const sizes = [1, x.shape.at(axis)! - 1];
          tf.split(x, sizes, axis).forEach((part, p) => close(part, pieces((i, j, l) => ((place(i, j, l) === 0) === (p === 0) ? at(i, j, l) : null))));
        }
        close(x.slice([1, 0, 0], [1, -1, -1]), pieces((i, j, l) => (i === 1 ? at(i, j, l) : null)));
        close(x.slice([0, 0, 7], [-1, -1, 3]), pieces((i, j, l) => (l >= 7 && l < 10 ? at(i, j, l) : null)));
        close(x.slice([1, 2, 0], [2, 1, -1]), pieces((i, j, l) => (i >= 1 && j === 2 ? at(i, j, l) : null)));
        close(tf.cast(x, "int32").slice([0, 1, 0], [-1, 2, -1]), pieces((i, j, l) => (j === 1 || j === 2 ? at(i, j, l) : null)));
        close(tf.grad((x) => tf.split(x, 4, 1)[2]!.sum())(x), pieces((_, j) => (j === 2 ? 1 : 0)));
      });
    });
  });
}
