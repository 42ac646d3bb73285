import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { random } from "../../src/core/random";
import { isWorkbookError } from "../../src/core/errors";
import { EARTH_AREA, EARTH_RADIUS } from "../../src/upscale/cell-area";
import { isGlobal, regionFrame } from "../../src/upscale/totals-regions";
import { memberUncertainty } from "../../src/upscale/totals-members";
import { gridTotals, type GridTotals } from "../../src/upscale/totals";
import type { TotalRow } from "../../src/upscale/totals-rows";
import { totalsMarkdown, writeTotals } from "../../src/upscale/totals-write";
import { writeStore } from "./store";

const near = (a: number | null, b: number, relative = 1e-6): void => assert.ok(a !== null && Math.abs(a - b) <= relative * Math.abs(b), `${a} against ${b}`);
const row = ({ rows }: GridTotals, region: string, period = "mean year", flux = "gpp"): TotalRow => {
  const found = rows.find((r) => r.region === region && r.period === period && r.flux === flux);
  assert.ok(found, `${flux} ${region} ${period} among ${[...new Set(rows.map((r) => r.region))].join(", ")}`);
  return found;
};
/** Pg C yr⁻¹ of 1 g C m⁻² d⁻¹ on an area of m² for 365 days. */
const yearly = (area: number): number => (365 * area) / 1e15;

test("a constant flux over the whole sphere is 4πR² of it, cell size and order whatever", async () => {
  for (const more of [{ cell: 30 }, { cell: 15, ascending: true, from0: true, chunk: 5 }]) {
    const totals = await gridTotals(await writeStore(more));
    near(row(totals, "global").total_Pg_C, yearly(EARTH_AREA));
    near(row(totals, "30° N to 60° N").total_Pg_C, yearly((EARTH_AREA * (Math.sin(Math.PI / 3) - 0.5)) / 2));
    assert.equal(row(totals, "global").mean_g_C_m2_d, 1);
  }
});

test("cell means of cos φ sum to its closed form π²R²", async () => {
  const cell = 10;
  const rad = Math.PI / 180;
  // mean of cos φ over a row: ∫cos² φ dφ / ∫cos φ dφ
  const mean = (lat: number): number => {
    const [a, b] = [(lat - cell / 2) * rad, (lat + cell / 2) * rad];
    return ((b - a) / 2 + (Math.sin(2 * b) - Math.sin(2 * a)) / 4) / (Math.sin(b) - Math.sin(a));
  };
  const totals = await gridTotals(await writeStore({ cell, chunk: 7, fluxes: ["gpp"], value: (_, __, lat) => mean(lat) }));
  near(row(totals, "global").total_Pg_C, yearly(Math.PI ** 2 * EARTH_RADIUS ** 2));
});

test("land fraction is applied once: not twice, not never", async () => {
  const totals = await gridTotals(await writeStore({ land: () => 0.25, fluxes: ["gpp"] }));
  near(row(totals, "global").total_Pg_C, yearly(0.25 * EARTH_AREA));
  near(row(totals, "global").land_Mkm2, (0.25 * EARTH_AREA) / 1e12);
  const mixed = await gridTotals(await writeStore({ land: (lat) => (lat > 0 ? 0.5 : 0), value: (_, __, lat) => (lat > 0 ? 3 : 1000), fluxes: ["gpp"] }));
  near(row(mixed, "global").total_Pg_C, yearly(3 * 0.25 * EARTH_AREA));
});

test("bands sum to the whole, and classes and applicability too, over random fields", async () => {
  const stream = random(11, "totals");
  const draws = new Map<string, number>();
  const drawn = (key: string): number => draws.get(key) ?? (draws.set(key, stream.uniform()), draws.get(key)!);
  const totals = await gridTotals(await writeStore({
    cell: 18, chunk: 4, days: 365, value: (f, t, lat, lon) => (drawn(`gap${Math.floor(t / 40)}/${lat}/${lon}`) < 0.1 ? NaN : drawn(`${f}/${lat}/${lon}`) + Math.floor(t / 31)),
    land: (lat, lon) => drawn(`land${lat}/${lon}`), igbp: (lat, lon) => ({ ENF: 0.4, GRA: drawn(`gra${lat}/${lon}`) * 0.6 }), koppen: (lat) => (lat > 30 ? 2 : lat > 0 ? 1 : 0), dissimilarity: (_, lon) => lon / 180,
  }), { bands: 45 });
  for (const flux of ["gpp", "reco", "nee"]) {
    const whole = row(totals, "global", "mean year", flux).total_Pg_C!;
    for (const by of ["latitude", "igbp", "koppen", "applicability"]) {
      near(totals.rows.filter((r) => r.by === by && r.flux === flux && r.period === "mean year").reduce((sum, r) => sum + r.total_Pg_C!, 0), whole);
    }
    near(["DJF", "MAM", "JJA", "SON"].reduce((sum, s) => sum + row(totals, "global", s, flux).total_Pg_C!, 0), whole);
  }
  assert.ok(row(totals, "global").filled_share > 0.1, "months with gaps were filled");
});

test("a class has the flux of its share of the land", async () => {
  const totals = await gridTotals(await writeStore({ fluxes: ["gpp"], igbp: (lat) => (lat > 0 ? { ENF: 0.75 } : { EBF: 1 }), value: (_, __, lat) => (lat > 0 ? 2 : 6) }));
  near(row(totals, "ENF").total_Pg_C, yearly(2 * 0.75 * 0.5 * EARTH_AREA));
  near(row(totals, "unknown").total_Pg_C, yearly(2 * 0.25 * 0.5 * EARTH_AREA));
  near(row(totals, "EBF").mean_g_C_m2_d, 6);
  assert.equal(totals.rows.some((r) => r.region === "CRO"), false, "classes without land are left out");
});

test("land without a flux is told by reason and is no zero", async () => {
  const none = (lat: number): boolean => lat > 60;
  const totals = await gridTotals(await writeStore({ fluxes: ["gpp"], igbp: () => ({ ENF: 1 }), value: (_, __, lat) => (none(lat) ? NaN : 2), reason: (lat) => (none(lat) ? 1 : 0) }));
  const cap = (1 - Math.sin(Math.PI / 3)) / 2;
  near(row(totals, "global").total_Pg_C, yearly(2 * (1 - cap) * EARTH_AREA));
  assert.equal(row(totals, "global").mean_g_C_m2_d, 2, "the mean is over land with a flux");
  near(row(totals, "global").predicted_share, 1 - cap);
  near(row(totals, "global").land_Mkm2, EARTH_AREA / 1e12);
  assert.equal(row(totals, "60° N to 90° N").total_Pg_C, null);
  assert.equal(totals.gaps.length, 1);
  assert.deepEqual([totals.gaps[0]!.reason, totals.gaps[0]!.cells], ["no drivers", 12]);
  near(totals.gaps[0]!.land_share, cap);
});

test("a cell with a flux on a single day has a flux", async () => {
  const { land, gaps } = await gridTotals(await writeStore({ cell: 90, chunk: 2, fluxes: ["gpp"], value: (_, t, lat, lon) => (lat > 0 && lon > 90 && t !== 200 ? NaN : 1) }));
  assert.deepEqual([land.cells, land.cells_with_flux, land.days_missing, gaps], [8, 8, 364, []]);
});

test("a month that a cell lacks takes its band's mean, and a few days lacking change nothing", async () => {
  // one cell of the northernmost band has no February, every cell lacks two days of March
  const totals = await gridTotals(await writeStore({ fluxes: ["gpp"], value: (_, t, lat, lon) => ((lat > 60 && lon < -150 && t >= 31 && t < 59) || t === 70 || t === 71 ? NaN : lat > 60 ? 4 : 1) }));
  const band = row(totals, "60° N to 90° N");
  near(band.total_Pg_C, yearly(4 * EARTH_AREA * ((1 - Math.sin(Math.PI / 3)) / 2)));
  near(band.filled_share, 28 / 365 / 12);
  assert.equal(totals.land.days_missing, 28 + 2 * totals.land.cells);
});

/** A globe of eight cells. */
const FEW = { cell: 90, chunk: 2, fluxes: ["gpp"] as const };
/** Calendar month, 1…12, of a day since 1 January 2001. */
const monthAt = (t: number): number => new Date(Date.UTC(2001, 0, 1 + t)).getUTCMonth() + 1;
const yearAt = (t: number): number => new Date(Date.UTC(2001, 0, 1 + t)).getUTCFullYear();

test("a month is there with 27 of its 30 days, not with 25 of its 28", async () => {
  const without = async (from: number, days: number): Promise<TotalRow> => row(await gridTotals(await writeStore({ ...FEW, value: (_, t) => (t >= from && t < from + days ? NaN : 1) })), "global");
  const [april, february] = [await without(90, 3), await without(31, 3)];
  near(april.total_Pg_C, yearly(EARTH_AREA));
  assert.deepEqual([april.months, february.months, february.total_Pg_C], [12, 11, null]);
});

test("each season is of its own three months, each of its days", async () => {
  const totals = await gridTotals(await writeStore({ ...FEW, value: (_, t) => monthAt(t) }));
  // flux is the month's number: 12 · 31 + 1 · 31 + 2 · 28 …
  for (const [season, sum] of [["DJF", 459], ["MAM", 368], ["JJA", 645], ["SON", 910]] as const) near(row(totals, "global", season).total_Pg_C, (sum * EARTH_AREA) / 1e15);
});

test("a year's anomaly is its total less the mean of the years, and its deviation is of the members' anomalies, not of their totals", async () => {
  const levels = [1, 2, 6];
  // members differ by a level of their own, and in 2003 by as much again
  const member = (_: unknown, k: number, month: number): number => levels[Math.floor(month / 12)]! + (k - 1) * (month >= 24 ? 2 : 1);
  const totals = await gridTotals(await writeStore({ ...FEW, days: 1095, members: 3, value: (_, t) => levels[yearAt(t) - 2001]!, member }));
  [-2, -1, 3].forEach((less, k) => near(row(totals, "global", String(2001 + k)).anomaly_Pg_C, yearly(less * EARTH_AREA)));
  // members lie at −1, 0, 1, in 2003 at twice that, on average at 4 / 3
  [1 / 3, 1 / 3, 2 / 3].forEach((sd, k) => near(row(totals, "global", String(2001 + k)).anomaly_sd, yearly(sd * EARTH_AREA), 1e-5));
  [1, 1, 2].forEach((sd, k) => near(row(totals, "global", String(2001 + k)).sd, yearly(sd * EARTH_AREA), 1e-5));
  near(row(totals, "global").total_Pg_C, yearly(3 * EARTH_AREA));
  assert.equal(row(totals, "global").anomaly_Pg_C, null);
  const pair = await gridTotals(await writeStore({ ...FEW, days: 730, value: (_, t) => yearAt(t) - 2000 }));
  near(row(pair, "global", "2002").anomaly_Pg_C, yearly(0.5 * EARTH_AREA));
  const one = await gridTotals(await writeStore({ ...FEW }));
  assert.equal(row(one, "global", "2001").anomaly_Pg_C, null, "one year is no anomaly of itself");
});

test("a class that lacks a month takes the mean of its band over all classes, and tells the share", async () => {
  // in the north two cells of evergreens with 2, two of grass with 6 and with nothing; one of the evergreens has no February; in the south grass with 100, one of it without July
  const north = (t: number, lon: number): number => (lon > 90 || (lon < -90 && t >= 31 && t < 59) ? NaN : lon < 0 ? 2 : 6);
  const south = (t: number, lon: number): number => (lon > 90 && t >= 181 && t < 212 ? NaN : 100);
  const totals = await gridTotals(await writeStore({ ...FEW, igbp: (lat, lon) => (lat > 0 && lon < 0 ? { ENF: 1 } : { GRA: 1 }), value: (_, t, lat, lon) => (lat < 0 ? south(t, lon) : north(t, lon)) }), { bands: 90 });
  // in February 2 and 6 are left: 4
  near(row(totals, "ENF").total_Pg_C, (2 * (2 * 365 - 28) + 4 * 28) * (EARTH_AREA / 8 / 1e15));
  near(row(totals, "ENF").filled_share, 28 / 365 / 2);
  near(row(totals, "ENF", "DJF").filled_share, 28 / 90 / 2);
  near(row(totals, "0° to 90° N").filled_share, 28 / 365 / 3);
  near(row(totals, "90° S to 0°").total_Pg_C, yearly((100 * EARTH_AREA) / 2));
  near(row(totals, "GRA").filled_share, 31 / 365 / 5);
  assert.deepEqual([...new Set(totals.rows.filter((r) => r.by === "latitude").map((r) => r.region))], ["0° to 90° N", "90° S to 0°"], "from the north");
});

test("a year without a whole calendar month has no total, and the mean year takes what other years have", async () => {
  const late = await writeStore({ fluxes: ["gpp"], first: "2001-01-01", days: 730, value: (_, t) => (t < 44 ? NaN : 1) });
  const totals = await gridTotals(late);
  assert.equal(row(totals, "global", "2001").total_Pg_C, null);
  assert.equal(row(totals, "global", "2001").months, 10);
  near(row(totals, "global", "2002").total_Pg_C, yearly(EARTH_AREA));
  near(row(totals, "global").total_Pg_C, yearly(EARTH_AREA));
  const one = await gridTotals(await writeStore({ fluxes: ["gpp"], value: (_, t) => (t < 44 ? NaN : 1) }));
  assert.equal(row(one, "global").total_Pg_C, null);
  assert.ok(one.notes.some((n) => /No total for mean year, DJF, 2001: .*months that are left \(column months\).*depends on the width of the bands/.test(n)));
  const page = totalsMarkdown(one);
  assert.match(page, /\| flux \| by \| region \| period \| months \|/);
  assert.match(page, /\| GPP \| all \| global \| mean year \| 10 \| – \|/, "a mean of ten months is no year's");
  assert.match(page, /\| GPP \| all \| global \| JJA \| 3 \|/);
});

test("the interval comes from at least 20 members, and is named for what they differ in", async () => {
  const store = (members: number, kind: string): Promise<string> => writeStore({ fluxes: ["nee"], members, kind, value: () => -1, member: (_, k) => -1 + (k - (members - 1) / 2) * 0.1 });
  const towers = await gridTotals(await store(21, "tower-bootstrap spread"));
  const whole = row(towers, "global", "mean year", "nee");
  assert.equal(towers.uncertainty.label, "tower bootstrap, 21 members");
  // members lie evenly from −2 to 0 g C m⁻² d⁻¹: the middle 90 % from −1.9 to −0.1
  near(whole.low, yearly(-1.9 * EARTH_AREA));
  near(whole.high, yearly(-0.1 * EARTH_AREA), 1e-5);
  near(whole.sd, yearly(Math.sqrt((21 * 22) / 12) * 0.1 * EARTH_AREA));
  const few = await gridTotals(await store(19, "tower-bootstrap spread"));
  assert.deepEqual([row(few, "global", "mean year", "nee").low, row(few, "global", "mean year", "nee").high], [null, null]);
  assert.match(few.uncertainty.text, /tower bootstrap, 19 members.*20 members are needed for an interval/);
  assert.equal((await gridTotals(await store(5, "seed spread"))).uncertainty.label, "seed spread, 5 members");
  assert.equal(memberUncertainty(null, 25).label, "seed spread, 25 members", "what is not known to be towers is not called so");
});

test("a part of the globe is not called global", () => {
  const lon = { name: "lon", centres: Float64Array.from({ length: 36 }, (_, i) => 10 * i - 175), step: 10 };
  const lat = (n: number): typeof lon => ({ name: "lat", centres: Float64Array.from({ length: n }, (_, i) => 85 - 10 * i), step: -10 });
  assert.equal(isGlobal(regionFrame({ lat: lat(18), lon }, 30), 36), true);
  assert.equal(isGlobal(regionFrame({ lat: lat(17), lon }, 30), 36), false);
});

test("totals are written as CSV, JSON and a page, and simulated data are named in each", async () => {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), "totals-"));
  const { totals, files } = await writeTotals(await writeStore({ simulated: true, fluxes: ["gpp"] }), dir);
  assert.deepEqual(files.map((f) => path.basename(f)), ["totals.csv", "totals.json", "totals.md"]);
  const [csv, json, markdown] = files.map((f) => fs.readFileSync(f, "utf8")) as [string, string, string];
  assert.match(csv, /^flux,by,region,period,total_Pg_C,sd,low,high,/);
  assert.match(csv.split("\n")[1]!, /simulated$/);
  assert.equal(JSON.parse(json).rows.length, totals.rows.length);
  assert.match(markdown, /simulated data\n[\s\S]*\| GPP \| all \| global \| mean year \| 12 \| 186\.\d+ \|/);
});

test("a store without land fraction, or with fluxes per second, is refused by name", async () => {
  const store = await writeStore({ fluxes: ["gpp"] });
  fs.rmSync(path.join(store, "land_fraction"), { recursive: true });
  await assert.rejects(gridTotals(store), (e) => isWorkbookError(e, "MissingColumn") && /land_fraction/.test(e.message));
  const other = await writeStore({ fluxes: ["gpp"] });
  const meta = path.join(other, "GPP", "zarr.json");
  fs.writeFileSync(meta, fs.readFileSync(meta, "utf8").replace("g C m-2 d-1", "µmol CO2 m-2 s-1"));
  await assert.rejects(gridTotals(other), (e) => isWorkbookError(e, "BadUnit"));
});
