import { asDay, dayOrNull, type Day } from "../../core/days";

/** The bands of a GeoTIFF that are one variable: over time, or a single layer. */
export interface BandGroup {
  readonly name: string;
  /** positions of its bands in the file, in order of time */
  readonly bands: readonly number[];
}

/** What the bands of a GeoTIFF are. */
export interface BandPlan {
  readonly groups: readonly BandGroup[];
  /** of every group alike; null for layers without time */
  readonly days: readonly Day[] | null;
}

const DATE = /(?<![0-9])((?:19|20)\d{2})([-_.]?)(\d{2})\2(\d{2})(?![0-9])/;
/** MODIS' date: the year and the day of the year. */
const ORDINAL = /(?<![0-9])A?((?:19|20)\d{2})(\d{3})(?![0-9])/;
const YEAR = /(?<![0-9])((?:19|20)\d{2})(?![0-9])/;

/**
 * Tells variables and days from the name of a file (without its ending) and the names of its bands, as Earth Engine, GDAL and AppEEARS write
 * them: a date in the file's name (bands are variables), dates in the bands' names (with or without a variable's name beside), or a year in
 * the file's name and as many bands as it has days. Without any date the bands are layers. Null where bands are left without a name.
 * @example planBands("ERA5_20190131", ["temperature_2m"])!.days // [2019-01-31]
 */
export function planBands(stem: string, bands: readonly (string | null)[]): BandPlan | null {
  const lone = bands.length === 1;
  const own = findDay(stem);
  if (own !== null) return layers(lone ? bands.map((name) => name ?? own.rest) : bands, [own.day]);
  const dated = bands.map((name) => (name === null ? null : findDay(name)));
  if (dated.every((d) => d !== null)) return series(dated.map((d) => ({ name: d!.rest === "" ? stem : d!.rest, day: d!.day })));
  const year = YEAR.exec(stem);
  if (year !== null && !lone) {
    const first = Date.UTC(Number(year[1]), 0, 1) / 86_400_000;
    const length = Date.UTC(Number(year[1]) + 1, 0, 1) / 86_400_000 - first;
    if (bands.length === length) return series(bands.map((_, i) => ({ name: trimmed(stem.replace(year[0]!, "_")), day: asDay(first + i) })));
  }
  return layers(lone ? bands.map((name) => name ?? stem) : bands, null);
}

function layers(names: readonly (string | null)[], days: readonly Day[] | null): BandPlan | null {
  if (names.some((name) => name === null || name === "") || new Set(names).size < names.length) return null;
  return { groups: names.map((name, i) => ({ name: name!, bands: [i] })), days };
}

function series(bands: readonly { readonly name: string; readonly day: Day }[]): BandPlan | null {
  const names = [...new Set(bands.map((band) => band.name))];
  const groups = names.map((name) => bands.map(({ name: n, day }, i) => ({ n, day, i })).filter((band) => band.n === name).sort((a, b) => a.day - b.day));
  const days = groups[0]!.map((band) => band.day);
  const even = groups.every((group) => group.length === days.length && group.every((band, i) => band.day === days[i]));
  return even && new Set(days).size === days.length ? { groups: groups.map((group, i) => ({ name: names[i]!, bands: group.map((band) => band.i) })), days } : null;
}

/** The first date in a text, and the text without it. */
function findDay(text: string): { day: Day; rest: string } | null {
  const date = DATE.exec(text);
  const day = date === null ? null : dayOrNull(`${date[1]}${date[3]}${date[4]}`);
  if (date !== null && day !== null) return { day, rest: trimmed(text.replace(date[0]!, "_")) };
  const ordinal = ORDINAL.exec(text);
  if (ordinal === null || Number(ordinal[2]) < 1 || Number(ordinal[2]) > 366) return null;
  return { day: asDay(Date.UTC(Number(ordinal[1]), 0, Number(ordinal[2])) / 86_400_000), rest: trimmed(text.replace(ordinal[0]!, "_")) };
}

const trimmed = (text: string): string => text.replace(/[-_. ]{2,}/g, "_").replace(/^[-_. ]+|[-_. ]+$/g, "");
