import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { isObject, readJsonObject, writeJson } from "../core/json";
import { brief } from "../core/printable";
import { FLUXES, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { clusterOf, clusterSites } from "../data/splits/clusters";
import { hasColumn, numbers, type DailyTable } from "../data/daily-table";
import type { SpreadKind } from "../run/ensemble";
import { recordFiles } from "../run/hashes";
import { calibrate, type FluxCalibration } from "./conformal";
import { alignPredictions, scorable } from "./observed";
import type { Predictions } from "./predictions";

/** What `calibration.json` of an ensemble holds. */
export interface EnsembleCalibration {
  readonly spread: SpreadKind;
  readonly members: number;
  /** null: no observed day of that flux at a calibration site */
  readonly fluxes: Readonly<Record<Flux, FluxCalibration | null>>;
  /** sites calibrated on, each with the number of members that had not learned from it */
  readonly sites: readonly { readonly site: SiteId; readonly members: number }[];
  readonly about: string;
}

const ABOUT =
  "interval = prediction ± factor · class · (constant + spread · member spread + size · |prediction|), g C m⁻² d⁻¹; class is by how much errors of the site's IGBP class differ from the average; a factor is the quantile of the scaled errors at sites that the members used there had not learned from, each cluster weighing the same. Daily intervals: never to be summed.";

/** Where an ensemble's calibration lies. */
export function calibrationFile(dir: string): string {
  return path.join(dir, "calibration.json");
}

/**
 * The calibration of an ensemble, or null where it has none.
 * @throws WorkbookError BadFile, BadRun when it is not whole: an interval of such numbers would be none
 * @example readCalibration("data/runs/five")?.fluxes.gpp
 */
export function readCalibration(dir: string): EnsembleCalibration | null {
  const file = calibrationFile(dir);
  if (!fs.existsSync(file)) return null;
  const found = readJsonObject<EnsembleCalibration>(file, "readCalibration");
  if (!isObject(found.fluxes) || !FLUXES.every((flux) => isCalibration(found.fluxes[flux]))) {
    throw new WorkbookError("BadRun", `readCalibration: ${file}: a scale, classes and factors of numbers from 0 on required for each flux, found ${brief(found.fluxes)}; copy the ensemble again, or train it again`, { file });
  }
  return found;
}

function isCalibration(value: unknown): boolean {
  const size = (n: unknown): boolean => typeof n === "number" && n >= 0 && n < Infinity;
  const sizes = (all: unknown): boolean => isObject(all) && Object.values(all).every((n) => n === null || size(n));
  if (value === null) return true;
  if (!isObject(value) || !isObject(value["scale"])) return false;
  const { constant, spread, size: ofSize } = value["scale"];
  return [constant, spread, ofSize].every(size) && sizes(value["classes"]) && sizes(value["factor"]);
}

/** Writes it, and records that it is the ensemble's. */
export function writeCalibration(dir: string, calibration: EnsembleCalibration): void {
  writeJson(calibrationFile(dir), calibration);
  recordFiles(dir, [path.basename(calibrationFile(dir))], true);
}

/**
 * Calibrates an ensemble from predictions of sites that it did not learn from: on days that testing would score (QC = 1 or unknown), for
 * each flux that has any.
 * @param parts predictions with spread; each with the number of members that made it. No site may occur in two of them
 * @example calibrateOn(table, [{ predictions, members: 5 }], "seed spread", 5)
 */
export function calibrateOn(table: DailyTable, parts: readonly { readonly predictions: Predictions; readonly members: number }[], spread: SpreadKind, members: number): EnsembleCalibration {
  const cluster = clusterOf(clusterSites(table.sites));
  const igbp = new Map(table.sites.map((s) => [s.site, s.igbp]));
  const codes = new Map<SiteId, number>();
  const code = (site: SiteId): number => {
    const id = cluster.get(site) ?? site;
    if (!codes.has(id)) codes.set(id, codes.size);
    return codes.get(id)!;
  };
  const fluxes = FLUXES.map((flux): [Flux, FluxCalibration | null] => {
    const rows: number[][] = [];
    const classes: (string | null)[] = [];
    const use = scorable(table, flux, "published");
    const observed = hasColumn(table, flux) ? numbers(table, flux) : null;
    for (const { predictions: p } of parts) {
      alignPredictions(table, p).forEach((i, row) => {
        if (i < 0 || use[row] === 0 || observed === null || !Number.isFinite(p[flux][i]!)) return;
        classes.push(igbp.get(p.site[i]!) ?? null);
        rows.push([code(p.site[i]!), observed[row]!, p[flux][i]!, p.spread![flux][i]!]);
      });
    }
    const column = (k: number): Float64Array => Float64Array.from(rows, (r) => r[k]!);
    return [flux, rows.length === 0 ? null : calibrate({ cluster: Int32Array.from(rows, (r) => r[0]!), observed: column(1), predicted: column(2), spread: column(3), igbp: classes })];
  });
  const sites = parts.flatMap((p) => [...new Set(p.predictions.site)].map((site) => ({ site, members: p.members }))).sort((a, b) => (a.site < b.site ? -1 : 1));
  return { spread, members, fluxes: Object.fromEntries(fluxes) as EnsembleCalibration["fluxes"], sites, about: ABOUT };
}
