import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { isWorkbookError } from "../../../src/core/errors";
import type { HalfHourly } from "../../../src/data/half-hourly/half-hourly-table";
import { halfHourlyToDaily } from "../../../src/data/half-hourly/to-daily";
import { hasHesseflux } from "../../../src/data/partition/hesseflux";
import { partitionHalfHourly, type PartitionedHalfHourly } from "../../../src/data/partition/partition";
import { MADE_THRESHOLD, makeHalfHours, type MadeHalfHours } from "./half-hours";

const skip = hasHesseflux() ? false : "needs hesseflux; run npm run setup -- --partition";
const mean = (values: ArrayLike<number>): number => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;

/** 60 days of summer alone. */
const summer = ({ table }: MadeHalfHours): HalfHourly => ({
  ...table, start: table.start.subarray(3600, 5040), columns: new Map([...table.columns].map(([name, values]) => [name, values.slice(3600, 5040)])),
});

test("without hesseflux the cure is named", { skip: hasHesseflux() ? "hesseflux is here" : false }, async () => {
  await assert.rejects(partitionHalfHourly(makeHalfHours().table), (e) => isWorkbookError(e, "MissingPart") && /npm run setup -- --partition/.test(e.message));
});

describe("a made year whose fluxes are known", { skip }, () => {
  const made = makeHalfHours();
  let result: PartitionedHalfHourly;
  const column = (name: string): Float32Array => result.columns.get(name)!;
  before(async () => {
    result = await partitionHalfHourly(made.table, { bootstraps: 3, seed: 1 });
  });

  test("its u* threshold is found near the true one, and what lies below is taken out by night", () => {
    const [year] = result.partition.years;
    assert.ok(year!.p50 > 0.6 * MADE_THRESHOLD && year!.p50 < 1.6 * MADE_THRESHOLD, String(year!.p50));
    assert.ok(year!.p05 <= year!.p50 && year!.p50 <= year!.p95);
    const { measured, counts } = result.partition;
    assert.equal(counts.kept + counts.spikes + counts.low_ustar + counts.no_ustar + counts.no_light, measured);
    assert.ok(year!.night_filtered > 0.2 * year!.night);
  });

  test("every gap is filled, with its quality; measured values that stay are untouched", () => {
    const flags = result.quality.get("NEE")!;
    const raw = made.table.columns.get("NEE")!;
    const { partition } = result;
    assert.equal(partition.open, 0);
    assert.equal(partition.counts.kept + partition.filled[0] + partition.filled[1] + partition.filled[2], partition.steps);
    assert.ok(partition.filled[0] > partition.filled[2]);
    column("NEE").forEach((v, i) => assert.ok(flags[i] === 0 ? v === raw[i] : Number.isFinite(v)));
  });

  test("NEE at the 5th and 95th percentile of the threshold is filled alike, goes into the days, and encloses no more than its uncertainty", () => {
    const raw = made.table.columns.get("NEE")!;
    for (const name of ["NEE_05", "NEE_95"]) {
      assert.ok(column(name).every(Number.isFinite), name);
      assert.ok(column(name).filter((v, i) => v === raw[i]).length > 0.3 * raw.length, "measured values that stay are untouched");
      assert.ok(Math.abs(mean(column(name)) - mean(column("NEE"))) < 0.3, `${name} ${mean(column(name))} beside ${mean(column("NEE"))}`);
    }
    const kept = (name: string): number => column(name).filter((v, i) => v === raw[i]).length;
    assert.ok(kept("NEE_05") >= kept("NEE") && kept("NEE") >= kept("NEE_95"), "the higher the threshold the less is kept");
    const daily = halfHourlyToDaily(result);
    for (const name of ["nee_ustar05", "nee_ustar95"]) assert.ok(daily.header.plain.has(name) || daily.header.names.includes(name), name);
  });

  for (const part of ["NT", "DT"]) {
    test(`${part}: the year's GPP and RECO are found within a tenth, and NEE = RECO − GPP at every step`, () => {
      const [gpp, reco] = [column(`GPP_${part}`), column(`RECO_${part}`)];
      assert.ok(Math.abs(mean(reco) / mean(made.reco) - 1) < 0.1, `RECO ${mean(reco)} of ${mean(made.reco)}`);
      assert.ok(Math.abs(mean(gpp) / mean(made.gpp) - 1) < 0.1, `GPP ${mean(gpp)} of ${mean(made.gpp)}`);
      column("NEE").forEach((nee, i) => assert.ok(Math.abs(nee - (reco[i]! - gpp[i]!)) < 1e-4));
    });
  }

  test("the record says which variant it is and who made it", () => {
    assert.equal(result.variant, "NT_VUT_USTAR50");
    assert.match(result.source, /^simulated, partitioned by hesseflux \d/);
    assert.ok(result.warnings.some((w) => w.startsWith("XX-Mad: u* threshold of 2011")));
  });
});

describe("what cannot be partitioned is refused", { skip }, () => {
  const rejects = (change: (columns: Map<string, Float32Array>) => void, words: RegExp): Promise<void> =>
    assert.rejects(partitionHalfHourly(makeHalfHours(change).table, { bootstraps: 1 }), (e) => isWorkbookError(e, "BadSite") && words.test(e.message));

  test("a year without nights", () => rejects((columns) => columns.set("NEE", columns.get("NEE")!.map((v, i) => (columns.get("SW_IN")![i]! > 0 ? v : NaN))), / \d+ hours of the night .* 2011/));
  test("a temperature that never changes", () => assert.rejects(partitionHalfHourly(summer(makeHalfHours((columns) => void columns.get("TA")!.fill(10))), { ustar: 0.2 }), (e) => isWorkbookError(e, "BadSite") && /nights that give a respiration/.test(e.message)));
  test("a u* that never changes", () => rejects((columns) => void columns.get("USTAR")!.fill(0.3), /no longer rises with u\* .* --ustar/));
});

test("an interrupt ends it at once", { skip }, () => assert.rejects(partitionHalfHourly(makeHalfHours().table, { signal: AbortSignal.abort() }), (e) => isWorkbookError(e, "Interrupted")));

test("one seed gives one threshold, a given threshold is used as it is, and gaps of a driver and at both ends are filled", { skip }, async () => {
  const part = summer(makeHalfHours((columns) => {
    columns.get("TA")!.fill(NaN, 4000, 4010);
    columns.get("NEE")!.fill(NaN, 3600, 3660).fill(NaN, 5000, 5040);
  }));
  const given = await partitionHalfHourly(part, { ustar: 0.25 });
  assert.deepEqual(given.partition.years.map(({ year, p05, p50, p95 }) => ({ year, p05, p50, p95 })), [{ year: 2011, p05: 0.25, p50: 0.25, p95: 0.25 }]);
  assert.equal(given.partition.filled_drivers["TA"], 10);
  assert.equal(given.partition.open, 0, "gaps at both ends are filled");
  assert.ok(given.columns.get("TA")!.every(Number.isFinite));
  const [a, b] = [await partitionHalfHourly(part, { bootstraps: 3, seed: 7 }), await partitionHalfHourly(part, { bootstraps: 3, seed: 7 })];
  assert.deepEqual(a.partition, b.partition);
  assert.deepEqual(a.columns.get("GPP_DT"), b.columns.get("GPP_DT"));
});
