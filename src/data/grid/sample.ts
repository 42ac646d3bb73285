import { checkUnits } from "../ingest/units";
import { sortedKnown, statistic } from "../ingest/statistic";
import type { Channel } from "./channels";
import type { FilePool } from "./file-pool";
import type { Range } from "./grid";
import { readSeries, timePieces } from "./series";

/** Known values that are enough to tell a unit. */
const ENOUGH = 200;
/** Places looked at, at most: a grid of the globe is two thirds sea. */
const PLACES = 16;
const SIDE = 4;

/**
 * A few values of a channel `[value]`, in the channel's unit before any packing of a product is undone: from small squares spread evenly
 * over the grid, in the middle of its record. Two openings of the same files see the same sample.
 */
async function sample(pool: FilePool, channel: Channel, grid: { readonly rows: number; readonly columns: number }): Promise<Float32Array> {
  const values: number[] = [];
  const part = channel.parts[Math.floor(channel.parts.length / 2)]!;
  for (let i = 0, known = 0; i < PLACES && known < ENOUGH; i++) {
    const tile = { rows: square(spread(i, 2), grid.rows), columns: square(spread(i, 3), grid.columns) };
    const { first, length } = part.days!;
    const pieces = timePieces(part.variable, tile.rows, tile.columns, [0, length]);
    const [from, to] = pieces[Math.floor(pieces.length / 2)]!;
    await readSeries(pool, [part], tile, [first + from, first + Math.min(to, from + 366)], (block) => {
      for (const value of block.values) {
        if (Number.isNaN(value)) continue;
        known++;
        values.push((channel.mask === null ? value : value & channel.mask) * channel.conversion.scale + channel.conversion.offset);
      }
    });
  }
  return Float32Array.from(values);
}

/** A low-discrepancy sequence in 0…1. @source van der Corput 1935; Halton 1960, bases 2 and 3 */
function spread(i: number, base: number): number {
  let [value, share] = [0, 1 / base];
  for (let n = i + 1; n > 0; n = Math.floor(n / base), share /= base) value += (n % base) * share;
  return value;
}

function square(at: number, cells: number): Range {
  const from = Math.max(0, Math.min(cells - SIDE, Math.floor(at * cells)));
  return [from, Math.min(cells, from + SIDE)];
}

/**
 * Whether the numbers of a channel are packed integers of a satellite product; refuses numbers that look like another unit than the file says.
 * The rules of data/variables.json that need a site's year are left to the ingest.
 * @throws WorkbookError BadUnit
 */
export async function checkSample(pool: FilePool, channel: Channel, grid: { readonly path: string; readonly rows: number; readonly columns: number }): Promise<{ packed: boolean }> {
  const values = await sample(pool, channel, grid);
  if (values.length === 0) return { packed: false };
  const { packed } = channel.variable;
  if (packed !== null && statistic(sortedKnown(values.map(Math.abs)), "p95") > packed.above) return { packed: true };
  // a dry month is noise around zero: no sign of another unit
  const quiet = values.map((v) => (v < 0 && v >= channel.variable.zeroFrom ? 0 : v));
  const variable = { ...channel.variable, checks: channel.variable.checks.filter((check) => check.days === undefined) };
  checkUnits(channel.parts[0]!.file, `a sample of ${values.length} values`, { variable, index: 0, name: channel.name, scale: 1, offset: 0 }, quiet, "grid");
  return { packed: false };
}
