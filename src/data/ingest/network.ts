import { asDay, formatDay } from "../../core/days";
import { fluxDays, type SiteBlock } from "./site-block";

/** A network's product by the words its files or rows carry, and the year it was published; the first that fits is taken. */
const PRODUCTS: readonly (Network & { readonly pattern: RegExp })[] = [
  { name: "Warm Winter 2020", year: 2022, pattern: /WARM_?WINTER|_beta-\d/i },
  { name: "JapanFlux2024", year: 2024, pattern: /JapanFlux2024|^JPF_/i },
  { name: "PLUMBER2", year: 2022, compiled: true, pattern: /PLUMBER2/i },
  { name: "CarbonSense", year: 2025, compiled: true, pattern: /CarbonSense/i },
  { name: "ICOS", year: 2025, pattern: /ICOSETC|^ICOS/i },
  { name: "AmeriFlux", year: 2025, pattern: /^AMF_|AmeriFlux/i },
  { name: "OzFlux", year: 2025, pattern: /OzFlux/i },
  { name: "FLUXNET2015", year: 2020, pattern: /FLUXNET2015/i },
];

/** A network's product; null for a table of one's own. */
export interface Network {
  readonly name: string;
  readonly year: number;
  /** made of other networks' files, whose originals say more */
  readonly compiled?: true;
}

/**
 * The network a block comes from, told by its file's name and by the source most of its rows name.
 * @example networkOf(block)?.name // "FLUXNET2015"
 */
export function networkOf(block: SiteBlock): Network | null {
  const file = block.file.split(/[\\/]/).pop()!;
  const counts = new Map<string, number>();
  for (const source of block.text.source) if (source !== null) counts.set(source, (counts.get(source) ?? 0) + 1);
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  const source = most?.[0] ?? "";
  return PRODUCTS.find((p) => p.pattern.test(file) || p.pattern.test(source)) ?? null;
}

/** Whose fluxes a site keeps, and why those of each other block are left out. */
export interface NetworkChoice {
  /** reason by block whose fluxes are not taken */
  readonly dropped: ReadonlyMap<SiteBlock, string>;
}

/**
 * Picks one network where several give fluxes for the same days of a site, for each has its own processing and mixing them puts steps into a
 * record. The rule, in this order: QC known; the original before a compilation of it (PLUMBER2, CarbonSense); the longer record (days with a
 * flux); the newer product; the first named. Records that do not overlap are all kept, and so are tables of one's own, where the order of
 * naming decides day by day.
 * @example chooseNetwork(blocks).dropped.size
 */
export function chooseNetwork(blocks: readonly SiteBlock[]): NetworkChoice {
  const dropped = new Map<SiteBlock, string>();
  const networks = blocks.length < 2 ? [] : blocks.map(networkOf);
  if (new Set(networks.flatMap((n) => (n === null ? [] : [n.name]))).size < 2) return { dropped };
  const records = recordsOf(blocks, networks);
  const [best, ...others] = records.sort((a, b) => Number(b.withQc > 0) - Number(a.withQc > 0) || Number(a.network.compiled ?? false) - Number(b.network.compiled ?? false) || b.days.size - a.days.size || b.network.year - a.network.year || a.order - b.order);
  for (const other of others) {
    if (![...other.days].some((day) => best!.days.has(day))) continue;
    const reason = `fluxes of ${other.network.name}: ${best!.network.name} is kept (${whyKept(best!, other)})`;
    for (const block of other.blocks) dropped.set(block, reason);
  }
  return { dropped };
}

interface NetworkRecord {
  readonly network: Network;
  readonly order: number;
  readonly blocks: SiteBlock[];
  readonly days: Set<number>;
  withQc: number;
}

function recordsOf(blocks: readonly SiteBlock[], networks: readonly (Network | null)[]): NetworkRecord[] {
  const records = new Map<string, NetworkRecord>();
  for (const [order, block] of blocks.entries()) {
    const network = networks[order] ?? null;
    const flux = fluxDays(block.numbers, block.day.length);
    if (network === null || !flux.includes(1)) continue;
    const record: NetworkRecord = records.get(network.name) ?? { network, order, blocks: [], days: new Set(), withQc: 0 };
    record.blocks.push(block);
    const qc = block.numbers.get("nee_qc");
    flux.forEach((known, i) => {
      if (known === 0) return;
      record.days.add(block.day[i]!);
      if (qc !== undefined && qc[i] === qc[i]) record.withQc++;
    });
    records.set(network.name, record);
  }
  return [...records.values()];
}

function whyKept(best: NetworkRecord, other: NetworkRecord): string {
  if (best.withQc > 0 !== other.withQc > 0) return "its QC is known";
  if (best.network.compiled !== other.network.compiled) return "the original, not a compilation";
  if (best.days.size !== other.days.size) return `the longer record: ${best.days.size} days to ${formatDay(asDay(lastOf(best.days)))} against ${other.days.size}`;
  if (best.network.year !== other.network.year) return `the newer product: ${best.network.year} against ${other.network.year}`;
  return "named first";
}

function lastOf(days: ReadonlySet<number>): number {
  let last = -Infinity;
  for (const day of days) if (day > last) last = day;
  return last;
}
