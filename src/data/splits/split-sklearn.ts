import { WorkbookError } from "../../core/errors";
import { numpyRandom, type NumpyRandom } from "./split-numpy";

/** Row numbers on either side of a split. */
export interface RowSplit {
  readonly train: number[];
  readonly test: number[];
}

/**
 * `train_test_split(rows, test_size=share, stratify=labels, random_state=seed)`, row for row and in the same order.
 * @param labels class of each row `[row]`
 * @throws WorkbookError BadSplit where scikit-learn raises: a class of one row, or a side with fewer rows than classes
 * @source scikit-learn, model_selection/_split.py, StratifiedShuffleSplit (BSD-3)
 * @example trainTestSplit(["a", "a", "b", "b", "b"], 0.4, 56).test
 */
export function trainTestSplit(labels: readonly string[], share: number, seed: number): RowSplit {
  const nTest = Math.ceil(share * labels.length);
  const nTrain = labels.length - nTest;
  const classes = [...new Set(labels)].sort();
  const members = classes.map((c) => labels.flatMap((label, row) => (label === c ? [row] : [])));
  const lone = members.findIndex((rows) => rows.length < 2);
  if (lone >= 0) fail(`at least 2 sites in each class required, found 1 in ${classes[lone]!}`);
  if (nTest < classes.length || nTrain < classes.length) {
    fail(`at least ${classes.length} sites (one a class) on each side required, found ${nTrain} to train and ${nTest} to test`);
  }
  const rng = numpyRandom(seed);
  const counts = members.map((rows) => rows.length);
  const toTrain = approximateMode(counts, nTrain, rng);
  const toTest = approximateMode(counts.map((n, c) => n - toTrain[c]!), nTest, rng);
  const train: number[] = [];
  const test: number[] = [];
  members.forEach((rows, c) => {
    const shuffled = rng.permutation(rows.length).map((i) => rows[i]!);
    train.push(...shuffled.slice(0, toTrain[c]!));
    test.push(...shuffled.slice(toTrain[c]!, toTrain[c]! + toTest[c]!));
  });
  rng.shuffle(train);
  rng.shuffle(test);
  return { train, test };
}

/**
 * Fold of each row `[row]`, 0..folds-1, as `StratifiedKFold(folds, shuffle=True, random_state=seed)` gives it.
 * @throws WorkbookError BadSplit where every class has fewer rows than folds
 * @source scikit-learn, model_selection/_split.py, StratifiedKFold (BSD-3)
 * @example stratifiedFolds(["a", "a", "b", "b"], 2, 56)
 */
export function stratifiedFolds(labels: readonly string[], folds: number, seed: number): number[] {
  const classes = [...new Set(labels)];
  const code = new Map(classes.map((c, i) => [c, i]));
  const sorted = labels.map((label) => code.get(label)!).sort((a, b) => a - b);
  const counts = classes.map((_, c) => sorted.filter((k) => k === c).length);
  if (Math.max(0, ...counts) < folds) fail(`a class of at least ${folds} sites required for ${folds} folds, found at most ${Math.max(0, ...counts)}`);
  const rng = numpyRandom(seed);
  const dealt = classes.map((_, c) => {
    const fold = Array.from({ length: folds }, (_, f) => f).flatMap((f) => {
      let n = 0;
      for (let i = f; i < sorted.length; i += folds) if (sorted[i] === c) n++;
      return new Array<number>(n).fill(f);
    });
    rng.shuffle(fold);
    return fold;
  });
  const used = classes.map(() => 0);
  return labels.map((label) => {
    const c = code.get(label)!;
    return dealt[c]![used[c]++]!;
  });
}

/** Whole numbers that sum to `draws` and follow `counts` as nearly as can be; ties are broken by `rng`. */
function approximateMode(counts: readonly number[], draws: number, rng: NumpyRandom): number[] {
  const total = counts.reduce((sum, n) => sum + n, 0);
  const exact = counts.map((n) => (n / total) * draws);
  const out = exact.map(Math.floor);
  const rest = exact.map((x, c) => x - out[c]!);
  let missing = draws - out.reduce((sum, n) => sum + n, 0);
  for (const value of [...new Set(rest)].sort((a, b) => b - a)) {
    if (missing <= 0) break;
    const tied = rest.flatMap((r, c) => (r === value ? [c] : []));
    const chosen = rng.choice(tied, Math.min(tied.length, missing));
    for (const c of chosen) out[c]!++;
    missing -= chosen.length;
  }
  return out;
}

function fail(problem: string): never {
  throw new WorkbookError("BadSplit", `published split: ${problem}; use split "koppen" or "igbp", which keep small classes in training`);
}
