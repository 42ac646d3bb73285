import { WorkbookError } from "../core/errors";
import { FLUXES } from "../core/quantities";

/** Training site-days; a missing flux is NaN. */
export interface ClimatologyInputs {
  /** IGBP class of each row, null where unknown */
  readonly igbp: readonly (string | null)[];
  /** 1 … 366, one a row */
  readonly dayOfYear: Int32Array;
  /** [row, flux], g C m⁻² d⁻¹ */
  readonly values: Float32Array;
  /** weight of each row; left out: all equal */
  readonly weight?: Float32Array;
}

/** A mean seasonal cycle. */
export interface Cycle {
  /** rows that made it */
  readonly n: number;
  /** day-flux entries without a value within the window, taken from all sites (and there from the mean of the year) */
  readonly filled: number;
  /** [day of year 1 … 366][flux], g C m⁻² d⁻¹ */
  readonly cycle: readonly (readonly number[])[];
}

/** Mean seasonal cycles, plain JSON. */
export interface Climatology {
  readonly classes: Readonly<Record<string, Cycle>>;
  /** for a class that was not trained on */
  readonly all: Cycle;
}

const DAYS = 366;
const HALF_WINDOW = 15;

/**
 * The mean seasonal cycle of each IGBP class and of all sites: the weighted mean of the site-days within ±15 days of the year, around New Year too.
 * @throws WorkbookError BadArgument when the columns differ in length or a day of year is impossible; EmptyTable when a flux has no weighted value
 * @source method of the project: the site-mean seasonal cycle by IGBP as common-sense floor
 * @example const climatology = fitClimatology({ igbp, dayOfYear, values })
 */
export function fitClimatology({ igbp, dayOfYear, values, weight }: ClimatologyInputs): Climatology {
  const rows = igbp.length;
  if (dayOfYear.length !== rows || values.length !== rows * FLUXES.length || (weight && weight.length !== rows)) {
    throw new WorkbookError("BadArgument", `fitClimatology: ${rows} rows require as many days and weights and ${rows * FLUXES.length} values, got ${dayOfYear.length}, ${weight?.length ?? rows} and ${values.length}; pass columns of one table`);
  }
  const all = newSums();
  const classes = new Map<string, Sums>();
  for (let row = 0; row < rows; row++) {
    const day = dayOfYear[row]!;
    if (!(day >= 1 && day <= DAYS)) throw new WorkbookError("BadArgument", `fitClimatology: a day of year 1 … ${DAYS} is required in row ${row}, got ${day}; use dayOfYear()`);
    const name = igbp[row]!;
    if (name !== null && !classes.has(name)) classes.set(name, newSums());
    for (const sums of name === null ? [all] : [all, classes.get(name)!]) add(sums, day, values, row, weight?.[row] ?? 1);
  }
  const cycleOfAll = smooth(all, yearMean(all));
  return {
    classes: Object.fromEntries([...classes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, sums]) => [name, smooth(sums, (day, flux) => cycleOfAll.cycle[day]![flux]!)])),
    all: cycleOfAll,
  };
}

/**
 * The three fluxes [flux] of a class on a day of the year, g C m⁻² d⁻¹; an unknown class gets the cycle of all sites.
 * @example predictClimatology(climatology, "DBF", 182)[0] // GPP at the beginning of July
 */
export function predictClimatology({ classes, all }: Climatology, igbp: string | null, dayOfYear: number): [gpp: number, reco: number, nee: number] {
  const known = igbp !== null && Object.hasOwn(classes, igbp) ? classes[igbp]! : all;
  const [gpp, reco, nee] = known.cycle[dayOfYear - 1]!;
  return [gpp!, reco!, nee!];
}

/** Weighted sums and weights [day, flux] by day of the year. */
interface Sums {
  n: number;
  readonly sum: Float64Array;
  readonly weight: Float64Array;
}

function newSums(): Sums {
  return { n: 0, sum: new Float64Array(DAYS * FLUXES.length), weight: new Float64Array(DAYS * FLUXES.length) };
}

function add(sums: Sums, day: number, values: Float32Array, row: number, weight: number): void {
  sums.n++;
  for (let flux = 0; flux < FLUXES.length; flux++) {
    const value = values[row * FLUXES.length + flux]!;
    if (Number.isNaN(value) || !(weight > 0)) continue;
    const at = (day - 1) * FLUXES.length + flux;
    sums.sum[at] += weight * value;
    sums.weight[at] += weight;
  }
}

/** The mean of each flux over the year, every day of the year counting by its weight. */
function yearMean({ sum, weight }: Sums): (day: number, flux: number) => number {
  const means = FLUXES.map((name, flux) => {
    let [total, of] = [0, 0];
    for (let at = flux; at < sum.length; at += FLUXES.length) [total, of] = [total + sum[at]!, of + weight[at]!];
    if (of === 0) throw new WorkbookError("EmptyTable", `fitClimatology: values of ${name} with a positive weight are required, found none; train on a table with that flux`, { column: name });
    return total / of;
  });
  return (_, flux) => means[flux]!;
}

function smooth({ n, sum, weight }: Sums, fallback: (day: number, flux: number) => number): Cycle {
  let filled = 0;
  const cycle = Array.from({ length: DAYS }, (_, day) => FLUXES.map((_, flux) => {
    let [total, of] = [0, 0];
    for (let k = -HALF_WINDOW; k <= HALF_WINDOW; k++) {
      const at = ((day + k + DAYS) % DAYS) * FLUXES.length + flux;
      [total, of] = [total + sum[at]!, of + weight[at]!];
    }
    if (of === 0) filled++;
    return of > 0 ? total / of : fallback(day, flux);
  }));
  return { n, filled, cycle };
}
