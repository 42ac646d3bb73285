import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { ingest } from "../../../src/data/ingest/ingest";
import { citationsOf, readCatalogue } from "../../../src/data/sources/catalogue";
import { numbers, siteRows, texts, type DailyTable } from "../../../src/data/daily-table";
import { needsShared, sharedPath } from "../../helpers/shared";

/** Largest |NEE − (RECO − GPP)| of a site's days. */
function residual(table: DailyTable, id: string): number {
  const [gpp, reco, nee] = ["gpp", "reco", "nee"].map((name) => numbers(table, name));
  const { from, to } = siteRows(table).find((r) => r.site.site === id)!;
  let worst = 0;
  for (let i = from; i < to; i++) worst = Math.max(worst, Math.abs(nee![i]! - (reco![i]! - gpp![i]!)) || 0);
  return worst;
}

test("the folder of FLUXNET2015 files gives its 16 daily sites and leaves the monthly file", needsShared("data/fluxnet2015"), async () => {
  const { table, report } = await ingest([sharedPath("data/fluxnet2015")!]);
  assert.equal(report.n_sites, 16);
  assert.equal(report.n_site_days, 47_850);
  assert.equal(report.n_driver_days, 48_215, "AR-Vir has weather and no flux in 2009");
  assert.deepEqual(report.files.filter((f) => f.status !== "read").map((f) => [path.basename(f.path).includes("_MM_"), f.status]), [[true, "ignored"]]);
  assert.deepEqual([...new Set(texts(table, "target_variant"))].sort(), ["NT_VUT_REF", null]);
  assert.deepEqual(citationsOf(table, readCatalogue()).cited.map((e) => e.id), ["fluxnet2015"]);
});

test("FULLSET files are read from USTAR50, where the balance closes; the rest is ignored knowingly", needsShared("data/icos-warm-winter-2020"), async () => {
  const { table, report } = await ingest([sharedPath("data/icos-warm-winter-2020")!]);
  assert.equal(report.n_sites, 7);
  const ignored = report.files.filter((f) => f.status === "ignored").map((f) => f.reason!.split(" ")[0]);
  assert.deepEqual(ignored.sort(), ["downscaled", "monthly:", "monthly:", "monthly:"]);
  assert.deepEqual([...new Set(texts(table, "target_variant"))], ["NT_VUT_USTAR50"]);
  for (const { site } of table.sites.map((site) => ({ site: site.site }))) assert.ok(residual(table, site) < 2e-3, site);
});

test("the 51 towers and their gapless drivers are joined", needsShared("data/towers-daily"), async () => {
  const [core, drivers, sites] = ["core_daily.csv.gz", "drivers_daily.csv.gz", "sites.csv"].map((f) => sharedPath(`data/towers-daily/${f}`)!);
  const { table, report } = await ingest([core!, drivers!], { sites: sites! });
  assert.deepEqual([report.n_sites, report.n_site_days, report.n_driver_days], [51, 183_576, 201_607]);
  assert.deepEqual(report.excluded, [{ site: "CH-Cha", reason: "pa_kPa outside 50…110 kPa", days: 7 }]);
  assert.equal(report.overlaps.length, 26);
  assert.ok(report.overlaps.every((o) => o.differing === 0), "both files carry the same weather");
  assert.deepEqual(table.sites.filter((s) => s.koppen === null).map((s) => s.site), ["US-Atq"]);
  assert.equal(table.sites.find((s) => s.site === "AU-Lox")!.koppenDetail, "BSh");
  const gpp = numbers(table, "gpp");
  const negative = gpp.reduce((n, v) => n + (v < -0.5 ? 1 : 0), 0) / 183_576;
  assert.ok(negative > 0.02 && negative < 0.03, `${negative} of the days have GPP below −0.5: kept`);
});
