import type { Progress } from "../../core/progress";
import { stepsName, type HalfHourly, type StepMinutes } from "../half-hourly/half-hourly-table";
import { HALF_HOURLY } from "../half-hourly/variables";
import { runHesseflux, type HessefluxReport } from "./hesseflux";
import { partitionInputs } from "./inputs";

/** How half-hours are filtered, filled and partitioned. */
export interface PartitionOptions {
  /** a known u* threshold for all years, m s⁻¹; 0 filters nothing; without it each year's own is found */
  readonly ustar?: number;
  /** resamples of each year from which its threshold is the median (20) */
  readonly bootstraps?: number;
  /** of the resamples (1) */
  readonly seed?: number;
  /** take out spikes of NEE first (true) */
  readonly despike?: boolean;
  /** longest gap that is filled, days (60) */
  readonly longestGap?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** What was done to a record. */
export interface PartitionReport extends HessefluxReport {
  readonly site: string;
  readonly file: string;
  /** u* threshold (m/s; null: each year's own), resamples and their seed, whether spikes were taken out, longest gap filled (days) */
  readonly options: { readonly ustar: number | null; readonly bootstraps: number; readonly seed: number; readonly despike: boolean; readonly longest: number };
  readonly steps: number;
  /** of a step: the counts are of hours or half-hours by it */
  readonly step_minutes: StepMinutes;
  /** steps of NEE in the file */
  readonly measured: number;
  /** steps of NEE by quality: filled well (1) to poorly (3), and those left open */
  readonly filled: readonly [number, number, number];
  readonly open: number;
  /** steps filled by driver */
  readonly filled_drivers: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

/** Half-hours with NEE filled and both partitions. */
export interface PartitionedHalfHourly extends HalfHourly {
  readonly partition: PartitionReport;
}

const NO_FLAG = 255;

/**
 * From raw NEE to GPP and RECO: spikes out, u* filter (moving-point test, the median of bootstraps, one threshold a year), gaps filled
 * by marginal distribution sampling, night-time and day-time partition. Respiration is fitted to measured NEE alone; GPP is RECO − NEE of the
 * filled record, so that both partitions close half-hour by half-hour. The columns of the result: NEE (filled, with its quality), GPP_NT, RECO_NT,
 * GPP_DT, RECO_DT, drivers with their gaps filled, and where the threshold is found here NEE_05 and NEE_95: filtered by its 5th and 95th
 * percentile instead, filled alike; the rest as it was.
 * @throws WorkbookError MissingColumn, MissingPart without hesseflux, BadSite for half-hours that cannot be partitioned
 * @source u*: Papale et al. 2006, doi:10.5194/bg-3-571-2006; gaps and night-time partition: Reichstein et al. 2005, doi:10.1111/j.1365-2486.2005.001002.x;
 * day-time partition: Lasslop et al. 2010, doi:10.1111/j.1365-2486.2009.02041.x; code: hesseflux, Cuntz, MIT
 * @example const { columns, partition } = await partitionHalfHourly(table, { seed: 1 })
 */
export async function partitionHalfHourly(table: HalfHourly, options: PartitionOptions = {}): Promise<PartitionedHalfHourly> {
  const inputs = partitionInputs(table, options.ustar);
  const { NEE, TA, SW_IN, VPD, USTAR } = inputs;
  const used = { ustar: options.ustar ?? null, bootstraps: Math.round(options.bootstraps ?? 20), seed: Math.round(options.seed ?? 1), despike: options.despike ?? true, longest: options.longestGap ?? 60 };
  const { head, columns: got } = await runHesseflux({
    site: table.site, file: table.file, stepMinutes: table.stepMinutes,
    head: {
      start: table.start[0]!, step: table.stepMinutes, steps: stepsName(table.stepMinutes), options: used,
    },
    columns: new Map(Object.entries({ NEE, TA, SW_IN, VPD, USTAR })),
    ...(options.progress ? { progress: options.progress } : {}), ...(options.signal ? { signal: options.signal } : {}),
  });
  // fluxes that others derived belong to another record of NEE
  const derived = new Set(HALF_HOURLY.filter((v) => v.rule === "carbon" && v.column !== null).map((v) => v.base));
  const columns = new Map([...table.columns].filter(([name]) => !derived.has(name)));
  const quality = new Map(table.quality);
  for (const name of ["NEE", "NEE_05", "NEE_95", "GPP_NT", "RECO_NT", "GPP_DT", "RECO_DT", ...inputs.drivers]) {
    const values = got.get(name);
    if (values !== undefined) columns.set(name, Float32Array.from(values));
  }
  const flagsOf = (name: string): Uint8Array => Uint8Array.from(got.get(`${name}_QC`)!, (flag) => (Number.isNaN(flag) ? NO_FLAG : flag));
  const nee = flagsOf("NEE");
  quality.set("NEE", nee);
  const filledDrivers: Record<string, number> = {};
  for (const name of inputs.drivers) {
    const flags = flagsOf(name);
    quality.set(name, flags);
    filledDrivers[name] = count(flags, (q) => q > 0 && q !== NO_FLAG);
  }
  const partition: PartitionReport = {
    ...pick(head), site: table.site, file: table.file, options: used, steps: table.start.length, step_minutes: table.stepMinutes, measured: count(NEE, Number.isFinite),
    filled: [count(nee, (q) => q === 1), count(nee, (q) => q === 2), count(nee, (q) => q === 3)], open: count(nee, (q) => q === NO_FLAG),
    filled_drivers: filledDrivers, notes: inputs.notes,
  };
  return { ...table, columns, quality, variant: "NT_VUT_USTAR50", source: `${table.source}, partitioned by hesseflux ${head.version}`, warnings: [...table.warnings, ...partitionWarnings(partition)], partition };
}

/** The driver's words without the layout of its file. */
function pick({ version, years, counts, day_failed }: HessefluxReport): HessefluxReport {
  return { version, years, counts, day_failed };
}

function count(values: ArrayLike<number>, is: (value: number) => boolean): number {
  let n = 0;
  for (let i = 0; i < values.length; i++) if (is(values[i]!)) n++;
  return n;
}

/**
 * What a reader of the report should know of a partition, a line each.
 * @example partitionWarnings(report)[0] // "US-CRT: u* threshold of 2011: 0.09 m s⁻¹ (0.07 to 0.12), …"
 */
export function partitionWarnings(report: PartitionReport): string[] {
  const share = (n: number, of: number): string => `${of === 0 ? 0 : Math.round((100 * n) / of)} %`;
  const { counts, site } = report;
  const steps = stepsName(report.step_minutes);
  const line = (text: string): string => `${site}: ${text}`;
  return [
    ...report.notes.map(line),
    ...report.years.map((y) => line(`u* threshold of ${y.year}: ${y.p50.toFixed(3)} m s⁻¹ (${y.p05.toFixed(3)} to ${y.p95.toFixed(3)}); it takes out ${share(y.night_filtered, y.night)} of NEE by night, ${share(y.day_filtered, y.day)} by day`)),
    line(`of ${report.measured} ${steps} of NEE ${counts.kept} are kept; ${counts.spikes} spikes, ${counts.low_ustar} of low u*, ${counts.no_ustar} of unknown u* by night, ${counts.no_light} of unknown light are taken out`),
    line(`gaps filled: ${report.filled[0]} of quality 1, ${report.filled[1]} of 2, ${report.filled[2]} of 3; ${report.open} left open`),
    ...Object.entries(report.filled_drivers).filter(([, n]) => n > 0).map(([name, n]) => line(`${name}: ${n} ${steps} filled`)),
    ...(report.day_failed === null ? [] : [line(`no day-time partition: ${report.day_failed}`)]),
  ];
}
