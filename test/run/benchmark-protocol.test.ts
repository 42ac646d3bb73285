import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { planExperiment } from "../../src/run/experiment-plan";
import { publishedSplit } from "../../src/data/splits/split-published";
import { resolveConfig } from "../../src/run/config";
import { prepareDataset, settleConfig } from "../../src/run/dataset";
import { benchmarkLike } from "../helpers/benchmark-table";

test("protocol carbonfluxbench sets windows, split, features, validation and tuned sizes in one switch", () => {
  const config = resolveConfig({ protocol: "carbonfluxbench" });
  const { window, stride, split, features, validation, latent, dropout, layers } = config;
  assert.deepEqual({ window, stride, split, features, validation, latent, dropout, layers }, { window: 30, stride: 15, split: "published-koppen", features: "minimal", validation: "time", latent: 32, dropout: 0.3, layers: 1 });
  const igbp = resolveConfig({ protocol: "carbonfluxbench", split: "published-igbp", features: "full", epochs: 3 });
  assert.deepEqual([igbp.latent, igbp.dropout, igbp.layers, igbp.features, igbp.epochs], [64, 0.2, 2, "full", 3]);
  assert.equal(resolveConfig({}).window, 45, "without it our own windows");
  assert.deepEqual(resolveConfig(config), config, "a configuration that was kept reads back as it is");
});

test("what would make results incomparable is refused with its name", () => {
  for (const [key, value] of [["window", 45], ["stride", 1], ["split", "koppen"], ["features", "tower"]] as const) {
    assert.throws(() => resolveConfig({ protocol: "carbonfluxbench", [key]: value }), (e) => isWorkbookError(e, "BadConfig") && new RegExp(`${key}: .* required with protocol carbonfluxbench`).test(e.message), key);
  }
  assert.throws(() => resolveConfig({ protocol: "carbonbench" }), (e) => isWorkbookError(e, "BadConfig") && /nearest carbonfluxbench/.test(e.message));
});

test("the published split is drawn from every site with a flux, whether or not it has a window", () => {
  const { table, sites } = benchmarkLike();
  const { split } = prepareDataset(table, settleConfig(table, resolveConfig({ protocol: "carbonfluxbench" })));
  const drawn = publishedSplit(sites.filter((s) => s.site !== "S02"), "koppen");
  assert.deepEqual([...split.test].sort(), drawn.test.filter((s) => s !== "S01").sort());
  assert.deepEqual([...split.train].sort(), drawn.train.filter((s) => s !== "S01").sort());
  assert.deepEqual(split.removed.map((r) => r.site).sort(), ["S01", "S02"]);
});

test("an experiment under a published split scores the sites that its runs hold out", () => {
  const { table } = benchmarkLike();
  // the draw moves with a site more or less
  for (const name of ["published-koppen", "published-igbp"]) {
    const { runs } = planExperiment(table, { protocol: name, arms: [{ name: "lstm", config: { model: "lstm" } }], seeds: [1], config: { protocol: "carbonfluxbench" } });
    const [run] = runs;
    const { split } = prepareDataset(table, settleConfig(table, run!.config));
    assert.deepEqual(run!.test, [...split.test].sort(), name);
  }
});
