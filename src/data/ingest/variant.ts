import { WorkbookError } from "../../core/errors";
import type { Found, FoundVariant } from "../towers/header";
import type { RawTable } from "../towers/raw-table";

/** The flux columns a site is read from. */
export interface VariantChoice {
  readonly name: string | null;
  readonly columns: readonly Found[];
  readonly warnings: readonly string[];
  /** days whose fluxes are left out, for they are of another variant than the one asked for */
  readonly foreignDays: number;
}

/**
 * Picks one target variant for a site: the first in the order of data/variables.json (VUT_USTAR50, then VUT_REF) whose GPP, RECO, NEE
 * and QC all hold values; where none is complete, the one whose fluxes hold most. All flux columns then come from it, never mixed.
 * @param wanted take this variant alone; a site without it gives no fluxes, and the days it would have given are counted
 * @source method §1; Pastorello et al. 2020, doi:10.1038/s41597-020-0534-3
 */
export function chooseVariant(raw: RawTable, site: string, rows: Int32Array, wanted?: string): VariantChoice {
  const all = raw.header.variants;
  const candidates = wanted === undefined ? all : all.filter((v) => (v.name ?? toldVariant(raw, site, rows)) === wanted);
  const foreignDays = candidates.length === 0 ? Math.max(0, ...all.map((v) => countKnown(raw, v, rows).any)) : 0;
  if (candidates.length === 0) return { name: null, columns: [], warnings: [], foreignDays };
  const counts = candidates.map((v) => countKnown(raw, v, rows));
  const qcNeeded = counts.some((c) => c.qc > 0);
  const complete = counts.findIndex((c) => c.all > 0 && (!qcNeeded || c.qc > 0));
  const most = counts.reduce((best, c, k) => (c.any > counts[best]!.any ? k : best), 0);
  const k = complete >= 0 ? complete : most;
  const chosen = candidates[k]!;
  const warnings: string[] = [];
  for (const [other, c] of counts.entries()) {
    if (c.all > counts[k]!.all * 1.1) warnings.push(`${raw.file}: ${site}: ${nameOf(chosen)} is read with ${counts[k]!.all} complete days though ${nameOf(candidates[other]!)} has ${c.all}`);
  }
  return { name: chosen.name ?? toldVariant(raw, site, rows), columns: [...chosen.columns.values()], warnings, foreignDays };
}

function countKnown(raw: RawTable, variant: FoundVariant, rows: Int32Array): { all: number; any: number; qc: number } {
  const of = (column: string): Float32Array | Float64Array | undefined => {
    const found = variant.columns.get(column);
    return found && raw.numbers.get(found.index);
  };
  const known = (values: Float32Array | Float64Array | undefined, row: number): boolean => values !== undefined && values[row] === values[row];
  const fluxes = [of("gpp"), of("reco"), of("nee")];
  const quality = of("nee_qc");
  let [all, any, qc] = [0, 0, 0];
  for (const row of rows) {
    const n = fluxes.filter((values) => known(values, row)).length;
    if (n === 3) all++;
    if (n > 0) any++;
    if (known(quality, row)) qc++;
  }
  return { all, any, qc };
}

const nameOf = (variant: FoundVariant): string => variant.name ?? "the canonical flux columns";

/** The variant that a canonical table tells in its own column. */
function toldVariant(raw: RawTable, site: string, rows: Int32Array): string | null {
  const told = raw.texts.get("target_variant");
  if (!told) return null;
  const names = new Set<string>();
  for (const row of rows) if (told[row] !== null && told[row] !== undefined) names.add(told[row]!);
  if (names.size > 1) throw new WorkbookError("BadFile", `ingest: ${raw.file}: ${site}: one target_variant a site required, found ${[...names].sort().join(", ")}; keep the rows of one`, { file: raw.file, site, column: "target_variant" });
  return [...names][0] ?? null;
}
