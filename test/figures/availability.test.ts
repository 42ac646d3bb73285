import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { dailyTable } from "../../src/data/daily-table";
import { availability, siteYears, type SiteYear } from "../../src/figures/availability";
import { renderFigure } from "../../src/figures/render";
import { assertSnapshot } from "../helpers/snapshot";
import { day2001, SITES, SNAPSHOTS } from "./cases";

const rows: SiteYear[] = SITES.flatMap((s, i) => [2001, 2002, 2003].map((year, k) => ({ site: s.site, igbp: s.igbp, year, days: [0, 80, 170, 250, 365][(2 * i + k) % 5]! * (s.site === "XX-Nil" ? 0 : 1) })));

test("the heat map looks as it did", () => {
  assertSnapshot(SNAPSHOTS, "availability", renderFigure(availability(rows, { simulated: true })));
});

test("days are counted by site and year where any flux is present; a year without one is 0, not absent", () => {
  const table = dailyTable(
    {
      site: ["DE-Hai", "DE-Hai", "DE-Hai", "FI-Hyy"],
      day: Int32Array.of(day2001(1), day2001(2), day2001(800), day2001(3)),
      numbers: { gpp: Float32Array.of(1, NaN, NaN, 2), nee: Float32Array.of(NaN, NaN, 1, NaN) },
    },
    SITES,
  );
  const found = siteYears(table).map((r) => [r.site, r.year, r.days]);
  assert.deepEqual(found, [["DE-Hai", 2001, 1], ["DE-Hai", 2002, 0], ["DE-Hai", 2003, 1], ["FI-Hyy", 2001, 1], ["FI-Hyy", 2002, 0], ["FI-Hyy", 2003, 0]]);
});

test("sites follow the order forest, shrub, grass, crop, and a site without any flux is counted", () => {
  const figure = availability(rows, { simulated: false });
  const svg = renderFigure(figure);
  const at = ["FI-Hyy", "DE-Hai", "AU-How", "XX-Nil", "US-Ne1", "XX-Unk"].map((site) => svg.indexOf(`>${site}<`));
  assert.ok(at.every((position, i) => position > (at[i - 1] ?? 0)), String(at));
  assert.deepEqual(figure.notes, ["1 site without any flux day.", "?: class unknown."]);
  assert.match(svg, /no flux/);
  assert.match(svg, /2001-01-01 to 2003-12-31/);
});

test("a table without fluxes says what it needs", () => {
  assert.throws(() => availability(rows.map((r) => ({ ...r, days: 0 })), { simulated: false }), (e) => isWorkbookError(e, "EmptyTable") && /gpp, reco or nee/.test(e.message));
  assert.throws(() => availability([], { simulated: false }), (e) => isWorkbookError(e, "EmptyTable"));
});
