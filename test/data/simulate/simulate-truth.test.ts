import { test } from "node:test";
import assert from "node:assert/strict";
import { daysOf, numbers, siteRows } from "../../../src/data/daily-table";
import { simulate, type SimulatedNetwork } from "../../../src/data/simulate/simulate";
import { TRAITS, type Trait } from "../../../src/data/simulate/traits";
import type { SimulateOptions } from "../../../src/data/simulate/options";

const small: SimulateOptions = { sites: 64, years: 2, seed: 9 };
const network = simulate(small);
const variance = (x: readonly number[]): number => {
  const mean = x.reduce((a, b) => a + b, 0) / x.length;
  return x.reduce((a, v) => a + (v - mean) ** 2, 0) / x.length;
};
const partsOf = (net: SimulatedNetwork, trait: Trait, part: "value" | "told" | "identifiable" | "unidentifiable"): number[] => net.truth.sites.map((s) => s.traits[trait][part]);

test("each trait's variance is divided as the dial says, in the default and in a dial of one's own", () => {
  const own = { told: 0.2, identifiable: 0.5, unidentifiable: 0.3 };
  for (const [net, dial] of [[network, { told: 0.4, identifiable: 0.3, unidentifiable: 0.3 }], [simulate({ sites: 64, years: 1, seed: 2, world: own }), own]] as const) {
    for (const trait of TRAITS) {
      const whole = variance(partsOf(net, trait, "value"));
      for (const part of ["told", "identifiable", "unidentifiable"] as const) {
        assert.ok(Math.abs(variance(partsOf(net, trait, part)) / whole - dial[part]) < 0.02, `${trait} ${part}`);
      }
    }
  }
});

test("the told part is one value for each pair of IGBP class and main climate", () => {
  const classes = new Map(network.table.sites.map((s) => [s.site, `${s.igbp} ${s.koppen}`]));
  for (const trait of TRAITS) {
    const seen = new Map<string, number>();
    for (const s of network.truth.sites) {
      const key = classes.get(s.site)!;
      assert.ok(Math.abs((seen.get(key) ?? s.traits[trait].told) - s.traits[trait].told) < 1e-9, `${trait} ${key}`);
      seen.set(key, s.traits[trait].told);
    }
  }
});

test("the control worlds hold what they claim, at the same spread of traits", () => {
  const none = simulate({ ...small, world: "hidden=0" });
  const blind = simulate({ ...small, world: "hidden=unidentifiable" });
  for (const trait of TRAITS) {
    assert.ok([...partsOf(none, trait, "identifiable"), ...partsOf(none, trait, "unidentifiable")].every((x) => x === 0), trait);
    assert.ok(partsOf(blind, trait, "identifiable").every((x) => x === 0), trait);
    for (const net of [none, blind]) assert.ok(Math.abs(variance(partsOf(net, trait, "value")) / variance(partsOf(network, trait, "value")) - 1) < 1e-6, trait);
  }
});

test("what only the footprint has leaves no mark in satellite and reanalysis", () => {
  const channels = ["sur_refl_b02", "sur_refl_b06", "total_evaporation_sum", "leaf_area_index_low_vegetation", "evi", "ta_degC"];
  const { fluxes, same } = compare({ told: 0.5, identifiable: 0.5, unidentifiable: 0 }, { told: 0.25, identifiable: 0.25, unidentifiable: 0.5 }, 2);
  assert.ok(same(channels), "drivers move only with the told and identifiable parts");
  assert.ok(fluxes > 0.05, "fluxes move with all parts");

  /** Two worlds with the same told and identifiable parts (spread made up for), one with an unidentifiable part besides. */
  function compare(a: { told: number; identifiable: number; unidentifiable: number }, b: typeof a, ratio: number): { fluxes: number; same: (names: string[]) => boolean } {
    const x = simulate({ sites: 24, years: 1, world: a });
    const y = simulate({ sites: 24, years: 1, world: b, calibration: { traitSpread: x.meta.calibration.traitSpread * Math.sqrt(ratio) } });
    const difference = x.truth.noiseFree.gpp.reduce((s, v, i) => s + Math.abs(v - y.truth.noiseFree.gpp[i]!), 0) / x.meta.nRows;
    const close = (p: number, q: number): boolean => (Number.isNaN(p) && Number.isNaN(q)) || Math.abs(p - q) <= 1e-5 * Math.max(1, Math.abs(p));
    return { fluxes: difference, same: (names) => names.every((n) => numbers(x.table, n).every((v, i) => close(v, numbers(y.table, n)[i]!))) };
  }
});

test("the closed variant closes to 1e-4, the REF-like one does not", () => {
  const residual = ({ gpp, reco, nee }: { gpp: Float32Array; reco: Float32Array; nee: Float32Array }): number[] =>
    Array.from(nee, (x, i) => Math.abs(x - (reco[i]! - gpp[i]!))).filter((x) => !Number.isNaN(x)).sort((a, b) => a - b);
  const { closed, unclosed } = network.truth.variants;
  assert.ok(residual(closed).at(-1)! < 1e-4);
  const open = residual(unclosed);
  const mean = open.reduce((a, b) => a + b, 0) / open.length;
  assert.ok(open[Math.floor(open.length / 2)]! > 0.005 && mean > 0.02 && mean < 0.2, `mean residual ${mean}`);
  assert.deepEqual(numbers(network.table, "gpp"), closed.gpp);
  assert.deepEqual(numbers(simulate({ ...small, variant: "REF" }).table, "gpp"), unclosed.gpp);
});

test("noise-free fluxes and drivers do not know the observation error", () => {
  const silent = simulate({ ...small, calibration: { randomError: 0, partitionError: 0 } });
  for (const flux of ["gpp", "reco", "nee"] as const) assert.deepEqual(silent.truth.noiseFree[flux], network.truth.noiseFree[flux]);
  assert.deepEqual(numbers(silent.table, "sur_refl_b02"), numbers(network.table, "sur_refl_b02"));
  const off = numbers(silent.table, "nee").filter((x, i) => !Number.isNaN(x) && Math.abs(x - silent.truth.noiseFree.nee[i]!) > 1e-3);
  assert.equal(off.length, 0, "without error the target is the truth");
  assert.ok(numbers(network.table, "nee").some((x, i) => Math.abs(x - network.truth.noiseFree.nee[i]!) > 0.3));
});

test("GPP is negative on 1 to 5 % of days, never in truth", () => {
  for (const net of [network, simulate({ sites: 160, years: 1, seed: 4 })]) {
    const gpp = numbers(net.table, "gpp").filter((x) => !Number.isNaN(x));
    const share = gpp.filter((x) => x < 0).length / gpp.length;
    assert.ok(share > 0.01 && share < 0.05, `share ${share}`);
    assert.ok(net.truth.noiseFree.gpp.every((x) => x >= 0) && net.truth.noiseFree.reco.every((x) => x >= 0));
  }
});

test("quality follows season and rain, and a part of the days is wholly measured", () => {
  const qc = numbers(network.table, "nee_qc");
  const rain = numbers(network.table, "p_mm_d");
  const mean = (keep: (i: number) => boolean): number => {
    const picked = Array.from(qc.keys()).filter((i) => !Number.isNaN(qc[i]!) && keep(i));
    return picked.reduce((a, i) => a + qc[i]!, 0) / picked.length;
  };
  assert.ok(mean((i) => rain[i]! > 10) < mean((i) => rain[i]! === 0) - 0.05, "rain");
  const days = daysOf(network.table);
  const northern = siteRows(network.table).filter((r) => r.site.lat! > 40);
  const inMonths = (from: number, to: number): number => mean((i) => northern.some((r) => i >= r.from && i < r.to) && new Date(days[i]! * 864e5).getUTCMonth() >= from && new Date(days[i]! * 864e5).getUTCMonth() <= to);
  assert.ok(inMonths(5, 7) > inMonths(0, 1) + 0.03, "winter");
  const full = qc.filter((q) => q === 1).length / qc.filter((q) => !Number.isNaN(q)).length;
  assert.ok(full > 0.25 && full < 0.65, `QC = 1 on ${full}`);
});

test("yearly sums are those of real biomes", () => {
  const big = simulate({ sites: 160, years: 2, seed: 1 });
  const { noiseFree } = big.truth;
  const sums = siteRows(big.table).map(({ site, from, to }) => {
    const yearly = (x: Float32Array): number => (365.25 * x.subarray(from, to).reduce((a, b) => a + b, 0)) / (to - from);
    return { site, gpp: yearly(noiseFree.gpp), reco: yearly(noiseFree.reco), nee: yearly(noiseFree.nee) };
  });
  const median = (keep: (s: (typeof sums)[number]) => boolean): number => {
    const picked = sums.filter(keep).map((s) => s.gpp).sort((a, b) => a - b);
    return picked[Math.floor(picked.length / 2)]!;
  };
  const between = (value: number, low: number, high: number, what: string): void => assert.ok(value > low && value < high, `${what} ${value.toFixed(0)}`);
  between(median((s) => s.site.igbp === "EBF" && s.site.koppen === "A"), 2000, 3900, "tropical EBF");
  between(median((s) => s.site.igbp === "ENF" && s.site.koppenDetail === "Dfc"), 400, 1100, "boreal ENF");
  between(median((s) => s.site.igbp === "DBF" && s.site.koppen !== "A"), 800, 1900, "temperate DBF");
  between(median((s) => s.site.igbp === "GRA"), 300, 1500, "GRA");
  between(median((s) => s.site.koppenDetail![0] + s.site.koppenDetail![1]! === "BW"), 0, 300, "deserts");
  for (const s of sums.filter((x) => ["SNO", "WAT"].includes(x.site.igbp!))) between(s.gpp + 1, 0, 200, s.site.igbp!);
  for (const s of sums.filter((x) => x.site.igbp === "URB")) between(s.gpp, 0, 450, "URB");
  const share = (keep: (s: (typeof sums)[number]) => boolean): number => sums.filter(keep).length / sums.length;
  assert.ok(share((s) => s.nee > -700 && s.nee < 400) > 0.93, "NEE");
  assert.ok(share((s) => s.reco < 1.1 * s.gpp + 20) > 0.75, "RECO");
});
