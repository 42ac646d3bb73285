import { parseDay } from "../../src/core/days";
import { FLUXES, type Flux } from "../../src/core/quantities";
import type { XbaseSideBySide } from "../../src/upscale/compare-xbase";
import { xbaseWords } from "../../src/upscale/compare-xbase";
import type { MapFields } from "../../src/upscale/monthly-fields";

const PERIOD = { first: parseDay("2001-01-01"), last: parseDay("2002-12-31") };
/** 30° cells from the north and the date line. */
const frame = {
  rows: Array.from({ length: 6 }, (_, i) => [60 - 30 * i, 90 - 30 * i] as const),
  columns: Array.from({ length: 12 }, (_, i) => [-180 + 30 * i, -150 + 30 * i] as const),
};
const cells = (of: (row: number, column: number) => number): Float64Array => Float64Array.from({ length: 72 }, (_, i) => of(Math.floor(i / 12), i % 12));
const byFlux = (of: (flux: Flux) => Float64Array): Record<Flux, Float64Array> => Object.fromEntries(FLUXES.map((f) => [f, of(f)])) as Record<Flux, Float64Array>;
const bare = (r: number, c: number): boolean => r === 5 || (r === 0 && c === 4);

/** Fields of a small world: most of it land, its south without a flux, uptake in the tropics and release elsewhere. */
export const FIELDS: MapFields = {
  path: "O.zarr", simulated: true, attributes: { seed: 1 }, period: PERIOD, frame, fluxes: FLUXES, months: Array.from({ length: 12 }, (_, i) => i + 1),
  land: cells((r, c) => ((r + c) % 5 === 0 ? 0 : 1e12 * (1 + r))),
  mean: byFlux((flux) => cells((r, c) => (bare(r, c) ? NaN : flux === "nee" ? 1.2 - r * 0.7 + c / 20 : (flux === "gpp" ? 6 : 5) - Math.abs(r - 2.5) * 1.7 + c / 30))),
  partial: { gpp: Uint8Array.from({ length: 72 }, (_, i) => (i === 4 ? 1 : 0)) },
  cycle: byFlux((flux) => Float64Array.from({ length: 72 }, (_, i) => (i >= 60 ? NaN : (flux === "nee" ? -1 : 3) * (1 + Math.cos(((i % 12) - 6) / 2)) - (flux === "nee" ? -0.8 : 0)))),
  spread: { label: "seed spread, 5 members", of: "mean", values: byFlux(() => cells((r, c) => (bare(r, c) ? NaN : 0.1 + r / 20 + c / 100))) },
  applicability: { values: cells((r, c) => 0.1 + r / 10 + c / 40), inside: cells((r, c) => (0.1 + r / 10 + c / 40 <= 0.5 ? 1 : 0)), threshold: 0.5 },
};

/** The same world beside X-BASE. */
export const BESIDE: XbaseSideBySide = {
  path: "O.zarr", product: "xbase", simulated: true, period: PERIOD, n_months: 24, n_cells: 50, frame, land: FIELDS.land, words: xbaseWords(true), difference: byFlux(() => cells((r, c) => (bare(r, c) ? NaN : (c - 5) / 4))),
  rows: [{ flux: "gpp", by: "all", region: "global", period: "mean year", months: 12, land_Mkm2: 100, common_share: 0.8, own_mean: 3, xbase_mean: 2.5, difference: 0.5, own_Pg_C: 110, xbase_Pg_C: 91 }],
};
