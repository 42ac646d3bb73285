import assert from "node:assert/strict";
import { test } from "node:test";
import { readJson } from "../../../src/core/json";
import { stratifiedFolds } from "../../../src/data/splits/split-sklearn";
import { needsShared, sharedPath } from "../../helpers/shared";

// The benchmark's classes are not published beside its lists, so the lists fix sizes, not members: the fold sizes of a stratified
// five-fold split of the training side, whose size is what a test share of 0.2, rounded up, leaves.
interface FoldList {
  readonly random_state: number;
  readonly n_train_sites: number;
  readonly folds: Record<string, string[]>;
}

for (const name of ["Koppen", "IGBP"]) {
  const file = `data/carbonfluxbench-results/baselines__cv_5fold_${name}_split.json`;
  test(`the benchmark's ${name} folds have the sizes that the reproduced splitter gives`, needsShared(file), () => {
    const list = readJson<FoldList>(sharedPath(file)!);
    const folds = Object.values(list.folds);
    const sites = folds.flat();
    assert.equal(list.random_state, 56);
    assert.equal(new Set(sites).size, list.n_train_sites);
    // any class counts will do: the sizes of the folds depend on the number of sites alone
    const fold = stratifiedFolds(sites.map((_, i) => ["D", "C", "B"][i % 3]!), 5, 56);
    assert.deepEqual(folds.map((f) => f.length), [0, 1, 2, 3, 4].map((k) => fold.filter((f) => f === k).length));
    for (const f of folds) assert.deepEqual(f, [...f].sort(), "each list is sorted by network prefix and site");
  });
}
