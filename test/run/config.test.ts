import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { DEFAULT_CONFIG, parseSets, resolveConfig } from "../../src/run/config";

const refuses = (overrides: object, text: RegExp): void =>
  assert.throws(() => resolveConfig(overrides), (e) => isWorkbookError(e, "BadConfig") && text.test(e.message), JSON.stringify(overrides));

test("no overrides give the defaults, and overrides only change what they name", () => {
  assert.deepEqual(resolveConfig({}), DEFAULT_CONFIG);
  assert.deepEqual(resolveConfig({ epochs: 3 }), { ...DEFAULT_CONFIG, epochs: 3 });
});

test("a misspelt key is an error that names the nearest key", () => {
  refuses({ epocs: 3 }, /"epocs".*nearest epochs/);
  refuses({ split: { trian: [], test: [] } }, /nearest train/);
});

test("a value outside its range or list is an error that says what is allowed", () => {
  refuses({ model: "tamrel" }, /one of tamrl.*nearest tamrl/);
  refuses({ dropout: 1 }, /dropout: a number from 0 to 0.95/);
  refuses({ hidden: 12.5 }, /whole number/);
  refuses({ epochs: "3" }, /epochs/);
  refuses({ epochs: NaN }, /epochs/);
  refuses({ stride: 46 }, /at most window/);
  refuses({ split: "climate" }, /koppen, igbp/);
  refuses({ output_modulation: 1 }, /true or false/);
  refuses({ ensemble: 0 }, /ensemble: a whole number from 1/);
  refuses({ resample: "sites" }, /one of off, towers/);
  refuses({ split_seed: "1" }, /split_seed: null or a whole number/);
});

test("every documented split is accepted", () => {
  for (const split of ["koppen", "igbp", "none", "fold:1/5", "published-koppen", "published-igbp", { train: ["A"], test: ["B"] }]) assert.deepEqual(resolveConfig({ split }).split, split);
});

test("--set words are JSON where they parse, strings elsewhere, and dots reach nested keys", () => {
  assert.deepEqual(parseSets(["epochs=3", "model=lstm", "output_modulation=false", 'split.train=["A"]', "split.test=[]"]), { epochs: 3, model: "lstm", output_modulation: false, split: { train: ["A"], test: [] } });
  assert.throws(() => parseSets(["epochs"]), (e) => isWorkbookError(e, "BadArgument"));
});

test("--set cannot reach into prototypes", () => {
  assert.throws(() => parseSets(["__proto__.polluted=1"]), (e) => isWorkbookError(e, "BadConfig"));
  assert.equal(({} as Record<string, unknown>)["polluted"], undefined);
  refuses(parseSets(["__proto__=1"]), /__proto__/);
});
