import type { Variables } from "../columns";
import { TEXT_COLUMNS, type TextColumn } from "../daily-table";
import type { Exclusion } from "./exclusion";
import { chooseNetwork } from "./network";
import { fluxDays, type SiteBlock } from "./site-block";

/** Days on which a later file has a value that an earlier one has already given. */
export interface Overlap {
  readonly site: string;
  readonly kept: string;
  readonly dropped: string;
  readonly variables: readonly string[];
  readonly days: number;
  /** values that differ by more than rounding */
  readonly differing: number;
}

/** All files' rows joined by site and day. */
export interface Merged {
  readonly site: string[];
  readonly day: Int32Array;
  readonly text: Record<TextColumn, (string | null)[]>;
  readonly numbers: Record<string, Float32Array>;
  readonly overlaps: readonly Overlap[];
  readonly excluded: readonly Exclusion[];
  /** site-days on which some file has a flux */
  readonly fluxDays: number;
}

/**
 * Joins blocks by site and day. For the same site, day and variable the first named file wins and the overlap is reported. A site's fluxes
 * come from one network where records overlap (`chooseNetwork`) and from one variant, that of its first block with a partition, else with fluxes; QC and uncertainty
 * come from the file whose NEE is kept. What is left out is counted.
 * @param blocks is emptied: each site's blocks are given back once joined, so that of a large table there are never two copies
 * @example mergeBlocks(blocks, readVariables()).overlaps
 */
export function mergeBlocks(blocks: SiteBlock[], variables: Variables): Merged {
  const bySite = new Map<string, SiteBlock[]>();
  const names = new Set(blocks.flatMap((block) => [...block.numbers.keys()]));
  for (const block of blocks.splice(0)) bySite.set(block.site, [...(bySite.get(block.site) ?? []), block]);
  const sites = [...bySite.keys()].sort();
  const days = sites.map((site) => unionOfDays(bySite.get(site)!));
  const n = days.reduce((sum, d) => sum + d.length, 0);

  const site = new Array<string>(n);
  const day = new Int32Array(n);
  const text = Object.fromEntries(TEXT_COLUMNS.map((name) => [name, new Array<string | null>(n).fill(null)])) as Record<TextColumn, (string | null)[]>;
  const numbers: Record<string, Float32Array> = {};
  for (const name of names) numbers[name] = new Float32Array(n).fill(NaN);
  const target = new Set(variables.list.filter((v) => v.byVariant.size > 0).map((v) => v.column));
  const overlaps: Overlap[] = [];
  const excluded: Exclusion[] = [];
  let withFlux = 0;
  let from = 0;
  sites.forEach((id, k) => {
    site.fill(id, from, from + days[k]!.length);
    day.set(days[k]!, from);
    const part = { from, day: days[k]!, text, numbers, target };
    withFlux += mergeSite(id, bySite.get(id)!, part, overlaps, excluded);
    for (const block of bySite.get(id)!) giveBack(block);
    bySite.delete(id);
    from += days[k]!.length;
  });
  return { site, day, text, numbers, overlaps, excluded, fluxDays: withFlux };
}

/** Lets a block's columns go, whoever still holds the block: frames of asynchronous readers do. */
function giveBack(block: SiteBlock): void {
  (block.numbers as Map<string, Float32Array>).clear();
  for (const values of Object.values(block.text)) (values as (string | null)[]).length = 0;
}

interface Part {
  readonly from: number;
  readonly day: Int32Array;
  readonly text: Record<TextColumn, (string | null)[]>;
  readonly numbers: Record<string, Float32Array>;
  readonly target: ReadonlySet<string>;
}

const NOBODY = -1;
/** Columns that belong to a NEE value and must come from the same file. */
const WITH_NEE = new Set(["nee_qc", "nee_measured", "nee_randunc", ...["05", "25", "75", "95"].flatMap((p) => ["nee", "reco", "gpp"].map((flux) => `${flux}_ustar${p}`))]);

function mergeSite(id: string, blocks: readonly SiteBlock[], part: Part, overlaps: Overlap[], excluded: Exclusion[]): number {
  const n = part.day.length;
  const owner = new Int32Array(n).fill(NOBODY);
  const fluxOwner = new Int32Array(n).fill(NOBODY);
  const neeOwner = new Int32Array(n).fill(NOBODY);
  const anyFlux = new Uint8Array(n);
  const { dropped } = chooseNetwork(blocks);
  const withFlux = blocks.filter((block) => !dropped.has(block) && ["gpp", "reco", "nee"].some((flux) => block.numbers.has(flux)));
  // Raw NEE that comes first does not keep a partitioned record out.
  const leader = withFlux.find(({ numbers }) => numbers.has("gpp") && numbers.has("reco")) ?? withFlux[0];
  blocks.forEach((block, b) => {
    const rows = rowsOf(block.day, part.day);
    const flux = fluxDays(block.numbers, block.day.length);
    const ownFlux = flux.reduce((sum, f) => sum + f, 0);
    flux.forEach((f, i) => (anyFlux[rows[i]!] |= f));
    const otherNetwork = dropped.get(block);
    const foreign = ownFlux > 0 && (otherNetwork !== undefined || block.variant !== leader!.variant);
    if (foreign) excluded.push({ site: id, reason: otherNetwork ?? `fluxes of another variant (${block.variant ?? "unnamed"}, the site's is ${leader!.variant ?? "unnamed"})`, days: ownFlux });
    const clash: Clash = { variables: new Set(), days: new Uint8Array(n), differing: 0, with: NOBODY };
    // NEE first: it decides whose QC and uncertainty are taken.
    const names = [...block.numbers.keys()].sort((x, y) => Number(y === "nee") - Number(x === "nee"));
    for (const name of names) {
      if (foreign && (part.target.has(name) || WITH_NEE.has(name))) continue;
      takeValues(name, block.numbers.get(name)!, rows, { b, owner, neeOwner }, part, clash);
    }
    const tells = new Uint8Array(rows.length);
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]!;
      const bringsFlux = flux[i] === 1 && !foreign && fluxOwner[row] === NOBODY;
      if (bringsFlux) fluxOwner[row] = b;
      if (bringsFlux || owner[row] === NOBODY) tells[i] = 1;
      if (owner[row] === NOBODY) owner[row] = b;
    }
    for (const name of TEXT_COLUMNS) {
      const [out, texts] = [part.text[name], block.text[name]];
      const hidden = foreign && name === "target_variant";
      for (let i = 0; i < rows.length; i++) if (tells[i] === 1) out[part.from + rows[i]!] = hidden ? null : texts[i]!;
    }
    if (clash.variables.size > 0) {
      const sum = clash.days.reduce((total, d) => total + d, 0);
      overlaps.push({ site: id, kept: blocks[Math.max(0, clash.with)]!.file, dropped: block.file, variables: [...clash.variables].sort(), days: sum, differing: clash.differing });
    }
  });
  return anyFlux.reduce((sum, f) => sum + f, 0);
}

/** What a block has that an earlier one has given. */
interface Clash {
  readonly variables: Set<string>;
  readonly days: Uint8Array;
  differing: number;
  /** the first block that it clashes with */
  with: number;
}

/** Takes a column of block `b` where no earlier one has given it. A function of its own, so that it is compiled after a few columns. */
function takeValues(name: string, values: Float32Array, rows: Int32Array, { b, owner, neeOwner }: { b: number; owner: Int32Array; neeOwner: Int32Array }, { from, numbers }: Part, clash: Clash): void {
  const [out, ofNee, isNee] = [numbers[name]!, WITH_NEE.has(name), name === "nee"];
  // an earlier block's QC of a day on which it has no NEE says nothing of this one's
  const stale = isNee && b > 0 ? Object.keys(numbers).filter((column) => WITH_NEE.has(column)).map((column) => numbers[column]!) : [];
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (v !== v) continue;
    const row = rows[i]!;
    const old = out[from + row]!;
    const taken = ofNee && neeOwner[row] !== NOBODY ? neeOwner[row] !== b : old === old;
    if (taken) {
      clash.variables.add(name);
      clash.days[row] = 1;
      if (clash.with === NOBODY) clash.with = owner[row]!;
      if (Math.abs(v - old) > 1e-5 * Math.max(1, Math.abs(old))) clash.differing++;
      continue;
    }
    out[from + row] = v;
    if (!isNee) continue;
    neeOwner[row] = b;
    for (const column of stale) column[from + row] = NaN;
  }
}

function unionOfDays(blocks: readonly SiteBlock[]): Int32Array {
  if (blocks.length === 1) return blocks[0]!.day;
  const all = new Set<number>();
  for (const block of blocks) for (const d of block.day) all.add(d);
  return Int32Array.from(all).sort();
}

/** Position of each of `days` in `all`; both are sorted. */
function rowsOf(days: Int32Array, all: Int32Array): Int32Array {
  const out = new Int32Array(days.length);
  for (let i = 0, row = 0; i < days.length; i++) {
    while (all[row]! < days[i]!) row++;
    out[i] = row;
  }
  return out;
}
