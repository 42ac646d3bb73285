import * as fs from "node:fs";
import * as path from "node:path";
import { Database } from "node-sqlite3-wasm";
import { readVariables } from "../../src/data/columns";
import { ingest } from "../../src/data/ingest/ingest";
import { readMapping } from "../../src/data/towers/mapping";
import { baseColumns, fluxnetColumns, stepFile } from "../data/half-hourly/files";
import { towerFile } from "../data/towers/tower-file";
import { classicNetcdf, writeNetcdf4, type NetcdfContent } from "../helpers/netcdf-files";
import { folder, oneFile, type Seed, type Target } from "./target";

const N = 48;
const of = (value: number, units: string, more = {}): NetcdfContent["variables"][string] => ({ values: new Array<number>(N).fill(value), attributes: { units, _FillValue: -9999, ...more } });
const time = { values: Array.from({ length: N }, (_, i) => i * 1800), attributes: { units: "seconds since 2012-01-01 00:00:00", time_zone: "America/Chicago" } };
const MET: NetcdfContent = {
  attributes: { site_code: "AA-One" },
  variables: { time, Tair: of(293.15, "K"), Qair: of(0.01, "kg/kg"), Psurf: of(100_000, "Pa"), Precip: of(0.001, "kg/m2/s"), Wind: of(2, "m/s"), SWdown: of(100, "W/m2"), latitude: { values: [45.5] }, longitude: { values: [-91.25] }, IGBP_veg_short: { values: "ENF".padEnd(20) } },
};
const FLUX: NetcdfContent = {
  attributes: { site_code: "AA-One" },
  variables: { time, NEE: of(-5, "umol/m2/s", { Fluxnet_name: "NEE_VUT_REF" }), GPP: of(8, "umol/m2/s", { Fluxnet_name: "GPP_DT_VUT_REF" }), Resp: of(3, "umol/m2/s", { Fluxnet_name: "RECO_NT_VUT_REF" }), NEE_qc: { values: new Array<number>(N).fill(2) } },
};
const NAMES = ["AA-One_2012-2012_FLUXNET2015_Met.nc", "AA-One_2012-2012_FLUXNET2015_Flux.nc"] as const;

async function plumberSeeds(scratch: string): Promise<Seed[]> {
  const four = path.join(scratch, "four");
  fs.mkdirSync(four);
  await writeNetcdf4(path.join(four, NAMES[0]), MET);
  await writeNetcdf4(path.join(four, NAMES[1]), FLUX);
  return [folder({ [NAMES[0]]: classicNetcdf(MET), [NAMES[1]]: classicNetcdf(FLUX) }), folder(Object.fromEntries(NAMES.map((name) => [name, fs.readFileSync(path.join(four, name))])))];
}

async function databaseSeeds(scratch: string): Promise<Seed[]> {
  const file = path.join(scratch, "carbonsense_v2.sql");
  const db = new Database(file);
  db.exec("CREATE TABLE ec_data (id INTEGER PRIMARY KEY AUTOINCREMENT, site TEXT NOT NULL, timestamp INTEGER NOT NULL, DOY REAL, TOD REAL, TA, P REAL, NEE REAL, GPP_NT REAL, RECO_NT REAL)");
  db.exec("CREATE TABLE site_data (site TEXT PRIMARY KEY, lat REAL, lon REAL, elev REAL, igbp TEXT)");
  db.exec("INSERT INTO site_data VALUES ('AA-One', 45.5, -91.25, 300, 'ENF')");
  for (let h = 0; h < N; h++) db.exec(`INSERT INTO ec_data (site, timestamp, DOY, TOD, TA, P, NEE, GPP_NT, RECO_NT) VALUES ('AA-One', ${2012060100 + 100 * Math.floor(h / 24) + (h % 24)}00, -0.5, ${(h % 24) / 12 - 1}, 0.1, 0, -3, 5, 2)`);
  db.close();
  return [oneFile("carbonsense_v2.sql", fs.readFileSync(file), ["bytes", "bytes", "stray"])];
}

const mapping = { site: "DE-Own", columns: { Day: { name: "date" }, NEE_f: { name: "NEE_VUT_REF", unit: "µmol m⁻² s⁻¹" }, Rain: { name: "P_F", unit: "mm", factor: 0.2 } } };
const hours = (name: string, columns: Parameters<typeof stepFile>[0]["columns"], above: readonly string[] = []): Seed => oneFile(name, stepFile({ columns, above }), ["text", "text", "bytes"]);

/** Readers of towers' other layouts: half-hours, NetCDF of towers, databases, tables of one's own. */
export const TOWERS: readonly Target[] = [
  { name: "half-hours", weight: 60, seeds: async () => [hours("FLX_DE-Hai_FLUXNET2015_FULLSET_HH_2012-2012_1-4.csv", fluxnetColumns()), hours("AMF_US-CRT_BASE_HH_2-5.csv", baseColumns, ["# Site: US-CRT", "# Version: 2-5"])], read: (dir) => ingest([dir]) },
  { name: "JapanFlux", weight: 20, seeds: async () => [oneFile("FLX_JP-Tak_JapanFLUX2024_ALLVARS_DD_2012-2012_1-3.csv", towerFile({ variants: ["vUT"], days: 10 }), ["text", "bytes"])], read: (dir) => ingest([dir]) },
  { name: "mappings", weight: 20, seeds: async () => [oneFile("map.json", JSON.stringify(mapping), ["json", "json", "bytes"])], read: async (dir) => readMapping(path.join(dir, "map.json"), readVariables()) },
  { name: "PLUMBER2", weight: 40, seeds: plumberSeeds, read: (dir) => ingest([dir]) },
  { name: "CarbonSense database", weight: 30, seeds: databaseSeeds, read: (dir) => ingest([path.join(dir, "carbonsense_v2.sql")]) },
];
