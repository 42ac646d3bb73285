import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { readJson } from "../../../src/core/json";
import { isWorkbookError } from "../../../src/core/errors";
import { numpyRandom } from "../../../src/data/splits/split-numpy";
import { stratifiedFolds, trainTestSplit } from "../../../src/data/splits/split-sklearn";

interface Golden {
  readonly draws: { seed: number; words: number[]; permutation: Record<string, number[]>; choice: number[] };
  readonly train_test: readonly { labels: string; share: number; train: number[]; test: number[] }[];
  readonly folds: readonly { labels: string; folds: number; fold: number[] }[];
}
const golden = readJson<Golden>(path.join(__dirname, "../../fixtures/sklearn_splits.json"));

test("the random state gives numpy's words, permutations and choices", () => {
  const words = numpyRandom(golden.draws.seed);
  assert.deepEqual(golden.draws.words.map(() => words.interval(0xffffffff)), golden.draws.words);
  for (const [n, expected] of Object.entries(golden.draws.permutation)) {
    assert.deepEqual(numpyRandom(golden.draws.seed).permutation(Number(n)), expected, `permutation(${n})`);
  }
  assert.deepEqual(numpyRandom(7).choice(Array.from({ length: 20 }, (_, i) => i), 6), golden.draws.choice);
});

test("a stratified draw equals scikit-learn's, row for row, ties between classes included", () => {
  for (const { labels, share, train, test: held } of golden.train_test) {
    assert.deepEqual(trainTestSplit(labels.split(" "), share, 56), { train, test: held });
  }
});

test("stratified folds equal scikit-learn's shuffled folds", () => {
  for (const { labels, folds, fold } of golden.folds) assert.deepEqual(stratifiedFolds(labels.split(" "), folds, 56), fold);
});

test("where scikit-learn raises, the message names the class", () => {
  assert.throws(() => trainTestSplit(["a", "a", "a", "b"], 0.2, 56), (e) => isWorkbookError(e, "BadSplit") && /found 1 in b/.test(e.message));
  assert.throws(() => trainTestSplit(["a", "a", "b", "b"], 0.2, 56), (e) => isWorkbookError(e, "BadSplit") && /1 to test/.test(e.message));
  assert.deepEqual([0, 1].map((f) => stratifiedFolds(["a", "a", "b"], 2, 56).filter((k) => k === f).length).sort(), [1, 2], "a class of as many sites as folds is enough");
  assert.throws(() => stratifiedFolds(["a", "a", "b", "b"], 3, 56), (e) => isWorkbookError(e, "BadSplit"));
});
