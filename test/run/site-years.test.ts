import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { numbers } from "../../src/data/daily-table";
import { resolveConfig } from "../../src/run/config";
import { prepareDataset, settleConfig, type Dataset } from "../../src/run/dataset";
import { aSite, towerTable } from "../helpers/tables";

const SITES = Array.from({ length: 8 }, (_, i) => aSite(`S${i}`, { lat: 40 + i, lon: 2 * i }));
const split = { train: ["S0", "S1", "S2", "S3", "S4", "S5"], test: ["S6", "S7"] };

/** Two years from 1970; S0 breathes out 5 g C m⁻² d⁻¹ in 1971, S7, a test site, in both. */
const PLAIN = towerTable(SITES, 730);
const TABLE = { ...PLAIN, rows: PLAIN.rows.assign({ nee: numbers(PLAIN, "nee").map((v, i) => ((i >= 365 && i < 730) || i >= 7 * 730 ? 5 : v)) }) };
const dataset = (overrides: object): Dataset => prepareDataset(TABLE, settleConfig(TABLE, resolveConfig({ split, validation: "time", window: 30, stride: 15, ...overrides })));
const fluxDays = (d: Dataset, site: string): number => d.train.sites.find((s) => s.record.site.site === site)?.record.targets.reduce((n, v) => n + (Number.isNaN(v) ? 0 : 1), 0) ?? 0;

test("exclude_site_years takes the fluxes of flagged years out of training, and says which", () => {
  const [all, kept] = [dataset({}), dataset({ exclude_site_years: "implausible-budget" })];
  assert.equal(fluxDays(all, "S0") - fluxDays(kept, "S0"), 3 * 730, "the jump flags both years of S0, the site leaves");
  assert.ok(kept.report.removed.some((r) => r.site === "S0" && /every year flagged/.test(r.reason)));
  assert.equal(fluxDays(all, "S1"), fluxDays(kept, "S1"));
  assert.match(kept.report.warnings.join(), /exclude_site_years implausible-budget: nothing is learnt from the fluxes of 2 site-years: S0 1970, 1971/);
  assert.deepEqual(kept.split.test, ["S6", "S7"], "a flagged test site is still scored");
  assert.ok(kept.split.learned.every((s) => s.site !== "S0"));
});

test("off is the default and changes nothing; another word is refused", () => {
  assert.equal(resolveConfig({}).exclude_site_years, "off");
  assert.ok(!dataset({}).report.warnings.some((w) => w.includes("exclude_site_years")));
  assert.throws(() => resolveConfig({ exclude_site_years: "budget" }), (e) => isWorkbookError(e, "BadConfig") && /implausible-budget/.test(e.message));
});
