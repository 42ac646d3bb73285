import assert from "node:assert/strict";
import { before, test } from "node:test";
import { openBackend, tf } from "../../src/backend/tf";
import { fluxLoss, type LossOptions } from "../../src/model/losses";
import { random } from "../../src/core/random";

before(async () => void (await openBackend()));

// the means of the three fluxes need not close (each flux has its own gaps); here they do not, so that they matter
const options: LossOptions = { balance: "off", balanceWeight: 0.1, targetMean: [4, 3, -0.5], targetSd: [3, 2, 1.5] };
const ones = (days: number): tf.Tensor3D => tf.ones([1, days, 3]);

const lossOf = (prediction: number[][], target: number[][], change: Partial<LossOptions> = {}, valid?: number[][], weight?: number[]): Record<"total" | "mse" | "balance", number> => {
  const days = prediction.length;
  const loss = fluxLoss({
    prediction: tf.tensor3d([prediction]), target: tf.tensor3d([target]), valid: valid ? tf.tensor3d([valid]) : ones(days), weight: tf.tensor2d([weight ?? new Array<number>(days).fill(1)]),
  }, { ...options, ...change });
  const read = (scalar: tf.Scalar): number => scalar.dataSync()[0]!;
  return { total: read(loss.total), mse: read(loss.mse), balance: read(loss.balance) };
};
const near = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-6 * Math.max(1, Math.abs(b)), `${a} is not ${b}`);

test("without weights and gaps the mse is the mean over days and fluxes", () => {
  near(lossOf([[1, 2, 3], [0, 0, 0]], [[0, 0, 0], [0, 0, 3]]).mse, (1 + 4 + 9 + 9) / 6);
});

test("a missing flux counts neither in the sum nor in the divisor", () => {
  near(lossOf([[1, 2, 3]], [[0, 0, 0]], {}, [[1, 0, 1]]).mse, (1 + 9) / 2);
});

test("the weights multiply the errors and do not divide them: the divisor is the number of valid entries", () => {
  near(lossOf([[1, 1, 1], [2, 2, 2]], [[0, 0, 0], [0, 0, 0]], {}, undefined, [0.5, 3]).mse, (0.5 * 3 + 3 * 12) / 6);
});

test("a batch without a valid flux has an mse of zero, not NaN", () => {
  near(lossOf([[1, 1, 1]], [[0, 0, 0]], {}, [[0, 0, 0]]).mse, 0);
});

test("the soft penalty is zero where the physical fluxes close, though the standardised ones do not", () => {
  const stream = random(1, "balance");
  for (let k = 0; k < 50; k++) {
    const [gpp, reco] = [20 * stream.uniform(), 20 * stream.uniform()];
    const z = [gpp, reco, reco - gpp].map((v, f) => (v - options.targetMean[f]!) / options.targetSd[f]!);
    assert.ok(lossOf([z], [z], { balance: "soft" }).balance < 1e-9);
    assert.ok(lossOf([z], [z], { balance: "soft-z" }).balance > 1e-9);
  }
});

test("the soft penalty is the squared physical residual over σ_NEE, on every loss day, and enters with its weight", () => {
  const physical = [[5, 4, 2], [1, 1, 0]]; // residuals 2 − (4 − 5) = 3 and 0
  const z = physical.map((day) => day.map((v, f) => (v - options.targetMean[f]!) / options.targetSd[f]!));
  const loss = lossOf(z, [[0, 0, 0], [0, 0, 0]], { balance: "soft" }, [[1, 1, 1], [0, 0, 0]], [0, 0]);
  near(loss.mse, 0);
  near(loss.balance, (3 / 1.5) ** 2 / 2);
  near(loss.total, 0.1 * loss.balance);
});

test("soft-z is the residual of the standardised values", () => {
  near(lossOf([[1, 2, 4]], [[1, 2, 4]], { balance: "soft-z" }).balance, (4 - (2 - 1)) ** 2);
});

test("off and hard have no penalty", () => {
  for (const balance of ["off", "hard"] as const) {
    const loss = lossOf([[1, 2, 4]], [[0, 0, 0]], { balance });
    near(loss.balance, 0);
    near(loss.total, loss.mse);
  }
});

test("no tensor is left behind", () => {
  const [prediction, weight] = [ones(2), tf.ones<tf.Rank.R2>([1, 2])];
  for (const balance of ["off", "soft"] as const) {
    const before = tf.memory().numTensors;
    const { total, mse, balance: penalty } = fluxLoss({ prediction, target: prediction, valid: prediction, weight }, { ...options, balance });
    tf.dispose([total, mse, penalty]);
    assert.equal(tf.memory().numTensors, before);
  }
});
