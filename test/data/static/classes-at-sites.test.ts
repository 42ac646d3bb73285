import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../../src/core/errors";
import { classesAtSites } from "../../../src/data/static/classes-at-sites";
import { scratch } from "../../helpers/cli";
import { writeNetcdf, type GridVar } from "../../helpers/grids";
import { aSite } from "../../helpers/tables";
import { writeTiff } from "../../helpers/tiff";

const unknown = { igbp: null, koppen: null, koppenDetail: null } as const;
const koppen: GridVar = { name: "koppen_geiger", dims: ["lat", "lon"], attributes: {}, type: "uint8", value: (lat, lon) => (lon === 0 ? 0 : lat === 50 ? 15 : 26) };

async function map(variables: readonly GridVar[]): Promise<string> {
  return writeNetcdf(path.join(scratch("layers"), "map.nc"), { lat: [50, 49, 48], lon: [0, 1, 2], days: [0], variables });
}

test("an unknown class comes from the cell the site lies in; one that is known stays, and another in the map is said", async () => {
  const igbp: GridVar = { name: "LC_Type1", dims: ["lat", "lon"], attributes: {}, type: "uint8", value: (lat) => (lat === 50 ? 12 : 1) };
  const sites = [aSite("AA-One", { lat: 50.2, lon: 1.9, ...unknown }), aSite("BB-Two", { lat: 48, lon: 2, igbp: "GRA", koppen: "C", koppenDetail: "Cfb" }), aSite("CC-Thr", { lat: null, lon: null, ...unknown }), aSite("DD-Fou", { lat: 10, lon: 10, ...unknown })];
  const { sites: filled, found, warnings } = await classesAtSites([await map([koppen, igbp])], sites);
  assert.deepEqual(filled.map((s) => [s.igbp, s.koppen, s.koppenDetail]), [["CRO", "C", "Cfb"], ["GRA", "C", "Cfb"], [null, null, null], [null, null, null]]);
  assert.deepEqual(found.map((f) => [f.site, f.layer, f.value, f.file]), [["AA-One", "igbp", "CRO", "map.nc"], ["AA-One", "koppen", "Cfb", "map.nc"]]);
  assert.ok(found[0]!.km > 20 && found[0]!.km < 30);
  assert.ok(warnings.some((w) => /no Köppen class at 2 sites \(CC-Thr, DD-Fou\)/.test(w)), warnings.join("\n"));
  assert.ok(warnings.some((w) => /another IGBP class than the site's own at 1 site, .*BB-Two GRA, map ENF/.test(w)));
});

test("a coast's cell without a class lends its nearest neighbour's, and how far that is", async () => {
  const { sites, found } = await classesAtSites([await map([koppen])], [aSite("AA-One", { lat: 49.1, lon: 0.4, ...unknown })]);
  assert.equal(sites[0]!.koppenDetail, "Dfb");
  assert.ok(found[0]!.km > 40, String(found[0]!.km));
});

test("a GeoTIFF of Köppen is one too", async () => {
  const file = path.join(scratch("layers"), "koppen_geiger_0p1.tif");
  writeTiff(file, { rows: 2, columns: 2, bands: [Uint8Array.of(15, 15, 29, 29)], x: 0, y: 50, dx: 1, dy: -1 });
  const { sites } = await classesAtSites([file], [aSite("AA-One", { lat: 48.5, lon: 0.5, ...unknown })]);
  assert.deepEqual([sites[0]!.koppen, sites[0]!.koppenDetail], ["E", "ET"]);
});

test("a file without either map says what it needs", async () => {
  await assert.rejects(classesAtSites([await map([{ ...koppen, name: "elevation" }])], [aSite("AA-One")]), (e) => isWorkbookError(e, "MissingColumn") && /a map of IGBP .* or Köppen .* required, found elevation/.test(e.message));
});
