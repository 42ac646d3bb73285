import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { asDay, formatDay } from "../../../src/core/days";
import { isWorkbookError } from "../../../src/core/errors";
import { readOzflux } from "../../../src/data/products/ozflux";
import { monthSummary, scoreMonths } from "../../../src/evaluate/month-scores";
import { scratch } from "../../helpers/cli";
import { needsShared, sharedPath } from "../../helpers/shared";

const HEAD = "site,time,NEE_SOLO_EC,GPP_SOLO_EC,ER_SOLO_EC,FLUXCOM_RS_GPP,FLUXCOM_RS_NEE,FLUXCOM_RS_ER\n";

function written(text: string): string {
  const file = path.join(scratch("ozflux"), "oz.csv");
  fs.writeFileSync(file, text);
  return file;
}

test("months of g C m-2 month-1 become daily means of their own number of days, gaps stay gaps", () => {
  const { tower, product } = readOzflux(written(`${HEAD}Adela,2008-02-15,29,58,87,-29,,0\nAdela,2008-03-15,31,62,93,31,3.1,34.1\n`));
  assert.deepEqual([...tower.nee, ...tower.gpp, ...tower.reco].map((v) => Number(v.toFixed(5))), [1, 1, 2, 2, 3, 3]);
  assert.deepEqual([...tower.month].map((m) => formatDay(asDay(m))), ["2008-02-01", "2008-03-01"]);
  assert.ok(Number.isNaN(product.nee[0]!));
  assert.equal(product.gpp[0], -1);
});

test("a month given twice, a missing column and a missing file say so", () => {
  assert.throws(() => readOzflux(written(`${HEAD}Adela,2008-02-15,1,1,1,1,1,1\nAdela,2008-02-20,1,1,1,1,1,1\n`)), (e) => isWorkbookError(e, "DuplicateDay") && /line 3: Adela/.test(e.message));
  assert.throws(() => readOzflux(written("site,time\nA,2008-02-15\n")), (e) => isWorkbookError(e, "MissingColumn") && /GPP_SOLO_EC/.test(e.message));
  assert.throws(() => readOzflux("nowhere.csv"), (e) => isWorkbookError(e, "BadFile"));
});

test("FLUXCOM-RS at 29 OzFlux towers: it knows little of their months", needsShared("data/ozflux-monthly/ozflux_monthly_harmonized_with_fluxcom_29sites.csv.gz"), () => {
  const { tower, product } = readOzflux(sharedPath("data/ozflux-monthly/ozflux_monthly_harmonized_with_fluxcom_29sites.csv.gz")!);
  assert.equal(new Set(tower.site).size, 29);
  const [gpp, reco, nee] = monthSummary(scoreMonths(tower, [{ model: "FLUXCOM-RS", series: product }]));
  assert.deepEqual([gpp!["n_sites"], gpp!["n_months"], nee!["n_months"]], [23, 1305, 1305]);
  // the same medians come from plain Python on the same file
  assert.deepEqual([gpp, reco, nee].map((r) => [(r!["rmse_median"] as number).toFixed(2), (r!["r2_median"] as number).toFixed(2)]), [["1.46", "-0.10"], ["1.06", "-0.08"], ["0.95", "-0.09"]]);
});
