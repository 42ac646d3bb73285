import * as fs from "node:fs";
import * as path from "node:path";
import { isWorkbookError } from "../../src/core/errors";
import { ingest } from "../../src/data/ingest/ingest";
import { readCatalogue } from "../../src/data/sources/catalogue";
import { writeTable } from "../../src/data/store";
import { calibrateEnsemble } from "../../src/evaluate/ensemble";
import { evaluateRuns } from "../../src/evaluate/evaluate-runs";
import { predictRun } from "../../src/evaluate/predict";
import { verifyRun } from "../../src/evaluate/verify";
import { train } from "../../src/run/train";
import { trainMembers } from "../../src/run/ensemble";
import { gridTotals } from "../../src/upscale/totals";
import { TOWERS_ATTRIBUTE } from "../../src/upscale/training-towers";
import { runCard } from "../../src/workbook/run-card";
import { towerFile } from "../data/towers/tower-file";
import { writeNetcdf, writeZarrByHand } from "../helpers/grids";
import { aSite, towerTable } from "../helpers/tables";
import { filesUnder, folder, oneFile, type Seed, type Target } from "./target";

const SITES = Array.from({ length: 12 }, (_, i) => aSite(`S${i}`, { lat: 30 + 2 * i, lon: 5 * i, igbp: i % 2 ? "CRO" : "ENF" }));
const TABLE = towerTable(SITES, 60);
const SPLIT = { train: SITES.slice(0, 10).map((s) => s.site), test: ["S10", "S11"] };
const FEW = towerTable(SITES.slice(10), 20);

/** Does each part whatever became of the others, and fails as the first that failed. */
async function each(...parts: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const part of parts) {
    try {
      await part();
    } catch (error) {
      if (!isWorkbookError(error)) throw error;
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

async function verifiedSeeds(scratch: string): Promise<Seed[]> {
  const [table, out] = [path.join(scratch, "T.parquet"), path.join(scratch, "run")];
  await writeTable(TABLE, table);
  await train({ table, out, config: { model: "ridge", split: SPLIT } });
  await evaluateRuns([out], { table, keep: true });
  const files = filesUnder(out);
  return [folder(files, (name) => !/^(hashes|evaluation|metrics|provenance|table)\.json$|^predictions/.test(name))];
}

async function ensembleSeeds(scratch: string): Promise<Seed[]> {
  const out = path.join(scratch, "ensemble");
  await trainMembers({ table: TABLE, out, config: { model: "ridge", ensemble: 2, resample: "towers", split: SPLIT }, workers: 0 });
  await calibrateEnsemble(out, TABLE);
  // changed files would else be refused by their hashes, whatever they hold
  const files = Object.fromEntries(Object.entries(filesUnder(out)).filter(([name]) => !name.endsWith("hashes.json")));
  return [folder(files, (name) => !/calibration/.test(name))];
}

function storeSeeds(scratch: string): Seed[] {
  const flux = (name: string, level: number) => ({ name, attributes: { units: "g C m-2 d-1" }, value: (lat: number) => level + lat / 100 });
  const dir = writeZarrByHand(path.join(scratch, "O.zarr"), {
    lat: [50, 40], lon: [0, 90], days: Array.from({ length: 31 }, (_, i) => 17_897 + i), chunk: [31, 1, 2], attributes: { Conventions: "CF-1.8", [TOWERS_ATTRIBUTE]: JSON.stringify({ igbp: { ENF: 3 }, koppen: { D: 3 } }) },
    variables: [flux("GPP", 5), flux("RECO", 4), flux("NEE", -1), { name: "land_fraction", dims: ["lat", "lon"], attributes: { units: "1" }, value: () => 1 }, { name: "land_share", dims: ["lat", "lon"], attributes: {}, type: "int16", value: () => 3 }],
  }, "v3");
  return [folder(Object.fromEntries(Object.entries(filesUnder(dir)).map(([name, bytes]) => [path.join("O.zarr", name), bytes])))];
}

async function mapSeeds(scratch: string): Promise<Seed[]> {
  const layer = (name: string, value: number) => ({ name, dims: ["lat", "lon"] as const, attributes: {}, type: "uint8" as const, value: () => value });
  const file = await writeNetcdf(path.join(scratch, "map.nc"), { lat: [52, 51, 50], lon: [9, 10, 11], days: [0], variables: [layer("koppen_geiger", 15), layer("LC_Type1", 4)] });
  const files = { "towers/FLX_DE-Hai_FLUXNET2015_SUBSET_DD_2012-2012_1-4.csv": Buffer.from(towerFile({ days: 10 })), "sites.csv": Buffer.from("site,lat,lon\nDE-Hai,51.08,10.45\n") };
  return [{ ...oneFile("map.nc", fs.readFileSync(file), ["bytes", "bytes", "stray"]), files }];
}

/** What others made with the same commands and handed on: whole runs with what they say of themselves, ensembles, stores, maps, catalogues. */
export const HANDED: readonly Target[] = [
  { name: "runs to verify", weight: 40, seeds: verifiedSeeds, read: (dir) => each(() => verifyRun(dir), () => runCard(dir)) },
  { name: "ensembles", weight: 30, seeds: ensembleSeeds, read: (dir) => predictRun(dir, FEW) },
  { name: "upscaled stores", weight: 30, seeds: async (scratch) => storeSeeds(scratch), read: (dir) => gridTotals(path.join(dir, "O.zarr")) },
  { name: "maps of classes", weight: 20, seeds: mapSeeds, read: (dir) => ingest([path.join(dir, "towers")], { sites: path.join(dir, "sites.csv"), layers: [path.join(dir, "map.nc")] }) },
  { name: "catalogues", weight: 20, seeds: async () => [oneFile("catalogue.json", fs.readFileSync(path.join(__dirname, "..", "..", "data", "catalogue.json")), ["json", "json", "bytes"])], read: async (dir) => readCatalogue(path.join(dir, "catalogue.json")) },
];
