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
  for (let h = 0; h < N; h++) db.exec(`INSERT INTO ec_data (site, timestamp, DOY, TOD, TA, P, NEE, GPP_NT, RECO_NT) VALUES ('AA-One', ${2012060100 + 100 * Math.floor(h / 24) + (h % 24)}00, -0.5, ${(h % 24) / 12 - 1}, 0.1, -0.5, -3, 5, 2)`);
  db.close();
  return [oneFile("carbonsense_v2.sql", fs.readFileSync(file), ["bytes", "bytes", "stray"])];
}

/** A site of CarbonSense v1, its predictors normalised. */
function carbonSense(): Seed {
  const hours = Array.from({ length: N }, (_, h) => `2012-01-0${1 + Math.floor(h / 24)} ${String(h % 24).padStart(2, "0")}:00:00`);
  return folder(Object.fromEntries(Object.entries({
    "predictors.csv": ["timestamp,DOY,TOD,TA_F,SW_IN_F,PA_F", ...hours.map((time, h) => `${time},-1.0,${(h % 24) / 12 - 1},0.125,-0.25,0.1`)].join("\n"),
    "targets.csv": ["timestamp,NEE_VUT_REF,GPP_NT_VUT_REF,RECO_NT_VUT_REF", ...hours.map((time) => `${time},-5,9,4`)].join("\n"),
    "meta.json": JSON.stringify({ SITE_ID: "AA-One", LOCATION_LAT: 45.5, LOCATION_LON: null, IGBP: "ENF" }),
  }).map(([name, text]) => [name, Buffer.from(text)])));
}

const BASE = "AMF_US-CRT_BASE_HH_2-5.csv";
const ABOVE = ["# Site: US-CRT", "# Version: 2-5"];
const bif = `SITE_ID,GROUP_ID,VARIABLE_GROUP,VARIABLE,DATAVALUE\n${[["LOCATION_LAT", "41.6"], ["LOCATION_LONG", "-83.3"], ["IGBP", "CRO"], ["CLIMATE_KOEPPEN", "Dfa"], ["UTC_OFFSET", "-5"]].map(([name, value], k) => `US-CRT,${k},GRP_${name},${name},${value}`).join("\n")}\n`;
const metadata: Seed = { files: { [BASE]: Buffer.from(stepFile({ columns: baseColumns, above: ABOVE })) }, victims: (["text", "text", "bytes"] as const).map((as) => ({ file: "amf_bif.csv", as, content: Buffer.from(bif) })) };

const day = (value: number, units: string): NetcdfContent["variables"][string] => ({ values: new Array<number>(5).fill(value), attributes: { units } });
const L6: NetcdfContent = {
  attributes: { fluxnet_id: "AU-Tum", latitude: "-35.6566", longitude: "148.1517" },
  variables: {
    time: { values: [0, 1, 2, 3, 4].map((i) => 77_431 + i), attributes: { units: "days since 1800-01-01 00:00:00.0" } },
    NEE_SOLO: day(-2, "gC/m^2/day"), GPP_SOLO: day(6, "gC/m^2/day"), ER_SOLO: day(4, "gC/m^2/day"), Ta: day(12.5, "degC"), Fsd: day(200, "W/m^2"), ps: day(88.2, "kPa"), Precip: day(1.5, "mm/day"),
  },
};

async function ozfluxSeeds(scratch: string): Promise<Seed[]> {
  const file = path.join(scratch, "four.nc");
  await writeNetcdf4(file, L6);
  return [classicNetcdf(L6), fs.readFileSync(file)].map((content) => oneFile("Tumbarumba_L6_Daily.nc", content, ["bytes", "bytes", "stray"]));
}

const mapping = { site: "DE-Own", columns: { Day: { name: "date" }, NEE_f: { name: "NEE_VUT_REF", unit: "µmol m⁻² s⁻¹" }, Rain: { name: "P_F", unit: "mm", factor: 0.2 } } };
const hours = (name: string, columns: Parameters<typeof stepFile>[0]["columns"], above: readonly string[] = []): Seed => oneFile(name, stepFile({ columns, above }), ["text", "text", "bytes"]);

/** Readers of towers' other layouts: half-hours, NetCDF of towers, databases, tables of one's own. */
export const TOWERS: readonly Target[] = [
  { name: "half-hours", weight: 60, seeds: async () => [hours("FLX_DE-Hai_FLUXNET2015_FULLSET_HH_2012-2012_1-4.csv", fluxnetColumns()), hours(BASE, baseColumns, ABOVE)], read: (dir) => ingest([dir]) },
  { name: "JapanFlux", weight: 20, seeds: async () => [oneFile("FLX_JP-Tak_JapanFLUX2024_ALLVARS_DD_2012-2012_1-3.csv", towerFile({ variants: ["vUT"], days: 10 }), ["text", "bytes"])], read: (dir) => ingest([dir]) },
  { name: "mappings", weight: 20, seeds: async () => [oneFile("map.json", JSON.stringify(mapping), ["json", "json", "bytes"])], read: async (dir) => readMapping(path.join(dir, "map.json"), readVariables()) },
  { name: "PLUMBER2", weight: 40, seeds: plumberSeeds, read: (dir) => ingest([dir]) },
  { name: "CarbonSense folders", weight: 40, seeds: async () => [carbonSense()], read: (dir) => ingest([dir]) },
  { name: "site metadata (BADM)", weight: 30, seeds: async () => [metadata], read: (dir) => ingest([dir]) },
  { name: "OzFlux daily NetCDF", weight: 40, seeds: ozfluxSeeds, read: (dir) => ingest([dir]) },
  { name: "CarbonSense database", weight: 30, seeds: databaseSeeds, read: (dir) => ingest([path.join(dir, "carbonsense_v2.sql")]) },
];
