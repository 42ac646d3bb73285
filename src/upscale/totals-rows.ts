import { asDay, monthOf, yearOf } from "../core/days";
import type { Flux } from "../core/quantities";
import { daysInMonth } from "../data/grid/cf";
import { MKM2 } from "./cell-area";
import { memberRange, type Uncertainty } from "./totals-members";
import type { RegionFrame, RegionKind } from "./totals-regions";
import { regionMonths, type FluxSums, type MonthSums } from "./totals-sums";
import { PETAGRAM } from "./units";

/** One total: a flux of a region over a period. */
export interface TotalRow {
  readonly flux: Flux;
  readonly by: RegionKind;
  readonly region: string;
  /** `mean year`, one of its seasons (DJF, MAM, JJA, SON), or a calendar year */
  readonly period: string;
  /** Pg C yr⁻¹ of a year; of a season Pg C, so that the four sum to the year; null where a calendar month is missing */
  readonly total_Pg_C: number | null;
  /** over members; null where there are none, or too few for an interval */
  readonly low: number | null;
  readonly high: number | null;
  readonly sd: number | null;
  /** of a year: its total less the mean over the years that have one, and the standard deviation of that over members */
  readonly anomaly_Pg_C: number | null;
  readonly anomaly_sd: number | null;
  /** over cells with a flux and the months that are there, g C m⁻² d⁻¹ of land */
  readonly mean_g_C_m2_d: number | null;
  readonly months: number;
  readonly land_Mkm2: number;
  /** share of the land that has a flux */
  readonly predicted_share: number;
  /** share of area and time that took its band's mean */
  readonly filled_share: number;
}

/** What rows are made of. */
export interface RowSource {
  readonly frame: RegionFrame;
  readonly months: Int32Array;
  /** m² `[slot]` */
  readonly land: Float64Array;
  readonly sums: readonly FluxSums[];
  readonly uncertainty: Uncertainty;
  readonly global: boolean;
}

interface Period {
  readonly name: string;
  readonly year: number | null;
  /** indices of the months of each calendar month that it needs: a month of several years counts with its mean */
  readonly groups: readonly (readonly number[])[];
}

/** The mean year, its seasons, each calendar year. */
function periodsOf(months: Int32Array): Period[] {
  const groups = (wanted: readonly number[], year?: number): number[][] =>
    wanted.map((w) => [...months.keys()].filter((i) => monthOf(asDay(months[i]!)) === w && (year === undefined || yearOf(asDay(months[i]!)) === year)));
  const seasons: [string, number[]][] = [["DJF", [12, 1, 2]], ["MAM", [3, 4, 5]], ["JJA", [6, 7, 8]], ["SON", [9, 10, 11]]];
  const all = Array.from({ length: 12 }, (_, i) => i + 1);
  const years = [...new Set(Array.from(months, (m) => yearOf(asDay(m))))];
  return [
    { name: "mean year", year: null, groups: groups(all) },
    ...seasons.map(([name, wanted]) => ({ name, year: null, groups: groups(wanted) })),
    ...years.map((year) => ({ name: String(year), year, groups: groups(all, year) })),
  ];
}

/**
 * The rows of `gridTotals`: the whole, latitude bands, classes, applicability; regions without land are left out.
 * @example totalRows(source).filter((r) => r.by === "igbp" && r.period === "mean year")
 */
export function totalRows(source: RowSource): TotalRow[] {
  const { frame, sums, land, months } = source;
  const periods = periodsOf(months);
  const bands = frame.bands.length;
  const places = [
    { by: "all" as const, name: source.global ? "global" : "all land", region: 0, band: undefined },
    ...frame.bands.map(([south, north], band) => ({ by: "latitude" as const, name: `${degrees(south)} to ${degrees(north)}`, region: 0, band })).reverse(),
    ...frame.regions.map(({ by, name }, region) => ({ by, name, region, band: undefined })).slice(1),
  ];
  return sums.flatMap((flux) => places.flatMap((place) => {
    const own = place.band === undefined ? frame.bands.map((_, b) => place.region * bands + b) : [place.band];
    const area = own.reduce((sum, slot) => sum + land[slot]!, 0);
    return area === 0 ? [] : placeRows(source, flux, place, periods, { land: area, predicted: own.reduce((sum, slot) => sum + flux.predicted[slot]!, 0) });
  }));
}

function placeRows({ frame, months, uncertainty }: RowSource, { flux, mean, members, predicted }: FluxSums, place: { by: RegionKind; name: string; region: number; band: number | undefined }, periods: readonly Period[], area: { land: number; predicted: number }): TotalRow[] {
  const of = (sums: MonthSums): ReturnType<typeof regionMonths> => regionMonths(frame, months, sums, predicted, place.region, place.band);
  const own = of(mean);
  const each = members.map(of);
  const counted = periods.map((period) => {
    // the months that are there, and of each calendar month the mean over years
    const there = period.groups.map((group) => group.filter((m) => Number.isFinite(own.total[m]!))).filter((g) => g.length > 0);
    const sum = (value: (m: number) => number): number => there.reduce((total, g) => total + g.reduce((s, m) => s + value(m), 0) / g.length, 0);
    const whole = there.length === period.groups.length && area.predicted > 0;
    return { ...period, months: there.length, sum, total: whole ? sum((m) => own.total[m]!) / PETAGRAM : null, members: whole ? each.map((e) => sum((m) => e.total[m]!) / PETAGRAM) : [] };
  });
  const years = counted.filter((p) => p.year !== null && p.total !== null);
  const less = (value: number, all: readonly number[]): number => value - all.reduce((a, b) => a + b, 0) / all.length;
  return counted.map(({ name, year, months: there, sum, total, members: totals }): TotalRow => {
    const days = sum((m) => daysInMonth(months[m]!));
    const some = days > 0 && area.predicted > 0;
    const among = year !== null && total !== null && years.length > 1;
    return {
      flux, by: place.by, region: place.name, period: name, total_Pg_C: total,
      ...memberRange(totals, uncertainty),
      anomaly_Pg_C: among ? less(total, years.map((y) => y.total!)) : null,
      anomaly_sd: among ? memberRange(totals.map((t, k) => less(t, years.map((y) => y.members[k]!))), uncertainty).sd : null,
      mean_g_C_m2_d: some ? sum((m) => own.total[m]!) / (area.predicted * days) : null,
      months: there, land_Mkm2: area.land / MKM2,
      predicted_share: area.predicted / area.land,
      filled_share: some ? sum((m) => own.filled[m]! * daysInMonth(months[m]!)) / (area.predicted * days) : 0,
    };
  });
}

const degrees = (lat: number): string => (lat === 0 ? "0°" : `${Math.abs(lat)}° ${lat < 0 ? "S" : "N"}`);
