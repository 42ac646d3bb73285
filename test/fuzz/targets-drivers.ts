import * as fs from "node:fs";
import * as path from "node:path";
import { asDay, formatDay, parseDay } from "../../src/core/days";
import { isWorkbookError } from "../../src/core/errors";
import { ingest } from "../../src/data/ingest/ingest";
import { towerFile } from "../data/towers/tower-file";
import { writeNetcdf } from "../helpers/grids";
import type { Seed, Target, Victim } from "./target";

const FIRST = parseDay("2012-01-01");
const DATES = [0, 16].map((days) => formatDay(asDay(FIRST - 16 + days)));
/** The tower that drivers are joined to: ten days at a known place. */
const TOWER = {
  "towers/FLX_AA-One_FLUXNET2015_SUBSET_DD_2012-2012_1-4.csv": Buffer.from(towerFile({ days: 10 })),
  "sites.csv": Buffer.from("site,lat,lon,igbp,koppen\nAA-One,50,10,DBF,Cfb\n"),
};

/** A file of drivers beside the tower, changed in each of the given ways. */
function beside(name: string, content: Buffer | string, ways: readonly Victim["as"][]): Seed {
  const raw = Buffer.from(content as string);
  return { files: TOWER, victims: ways.map((as) => ({ file: path.join("drivers", name), as, content: raw })) };
}

const gee = `system:index,DayOfYear,EVI,SummaryQA,date,site\n${DATES.map((d, k) => `${d.replace(/-/g, "_")}_AA-One,${k},${2000 + k},${k},${d},AA-One`).join("\n")}\n`;
const APPEEARS = "MOD13A1_061__500m_16_days";
const appeears = `ID,Category,Latitude,Longitude,Date,MODIS_Tile,${APPEEARS}_EVI,${APPEEARS}_composite_day_of_the_year,${APPEEARS}_pixel_reliability\n${DATES.map((d, k) => `AA-One,t,50,10,${d},h18v04,0.${2 + k},${1 + 16 * k},${k}`).join("\n")}\n`;
const bands = [["500m_16_days_EVI", 2000], ["500m_16_days_pixel_reliability", 0]] as const;
const entries = bands.flatMap(([band, value]) => DATES.map((date, k) => ({ band, date, value: value + k })));
const ornl = JSON.stringify({ latitude: 50, longitude: 10, site: "AA-One", header: "https://example.org/rst/api/v1/MOD13A1/subset", subset: entries.map(({ band, date, value }) => ({ band, calendar_date: date, modis_date: "A2011351", data: [value, null] })) });
const long = `latitude,longitude,site,product,calendar_date,band,pixel,value\n${entries.map(({ band, date, value }) => `50,10,AA-One,MOD13A1,${date},${band},1,${value}`).join("\n")}\n`;
const HOURS = Array.from({ length: 49 }, (_, h) => h);
const hourly = `valid_time,latitude,longitude,t2m,tp,ssr,e\n${HOURS.map((h) => `${new Date((FIRST * 24 + h) * 3_600_000).toISOString().slice(0, 19)},50,10,${280 + (h % 24)},${h % 24 === 5 ? 0.001 : 0},${h % 24 > 6 && h % 24 < 18 ? 1e6 : 0},-1e-5`).join("\n")}\n`;
const daily = `system:index,temperature_2m,total_precipitation_sum,surface_net_solar_radiation_sum,site\n${[0, 1, 2].map((d) => `${formatDay(asDay(FIRST + d)).replace(/-/g, "")},280,0.001,1e7,AA-One`).join("\n")}\n`;
const companion = `TIMESTAMP,TA_ERA,P_ERA,SW_IN_ERA\n${[0, 1, 2].map((d) => `${formatDay(asDay(FIRST + d)).replace(/-/g, "")},7,9,100`).join("\n")}\n`;

async function era5Seeds(scratch: string): Promise<Seed[]> {
  const file = await writeNetcdf(path.join(scratch, "era5.nc"), {
    lat: [50.1, 50], lon: [10, 10.1], days: HOURS.map((h) => FIRST + h / 24), names: { lat: "latitude", lon: "longitude", time: "valid_time" },
    variables: [{ name: "t2m", attributes: { units: "K" }, value: (lat) => 230 + lat }, { name: "tp", attributes: { units: "m" }, value: (_lat, _lon, day) => (day % 1 === 0 ? 0.001 : 0) }],
  });
  return [beside("era5_box.nc", fs.readFileSync(file), ["bytes", "bytes", "bytes", "stray"])];
}

/** Joins what lies under `drivers` to the tower, satellite values prepared in both ways. */
async function join(dir: string): Promise<void> {
  const failures: unknown[] = [];
  for (const preparation of ["paper", "clean"] as const) {
    try {
      await ingest([path.join(dir, "towers")], { sites: path.join(dir, "sites.csv"), drivers: [path.join(dir, "drivers")], preparation });
    } catch (error) {
      if (!isWorkbookError(error)) throw error;
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

const of = (...seeds: readonly Seed[]): (() => Promise<readonly Seed[]>) => async () => seeds;

/** Readers of satellite and reanalysis values at towers. */
export const DRIVERS: readonly Target[] = [
  { name: "MODIS, a column a band", weight: 50, seeds: of(beside("AA-One_MOD13A1.csv", gee, ["text", "text", "bytes"]), beside("results.csv", appeears, ["text", "text", "bytes"])), read: join },
  { name: "MODIS, a line a band", weight: 30, seeds: of(beside("subset.csv", long, ["text", "text", "bytes"])), read: join },
  { name: "MODIS of ORNL", weight: 40, seeds: of(beside("AA-One.json", ornl, ["json", "json", "bytes"])), read: join },
  { name: "ERA5-Land, CSV", weight: 50, seeds: of(beside("AA-One_era5.csv", hourly, ["text", "text", "bytes"]), beside("AA-One_era5_daily.csv", daily, ["text", "bytes"])), read: join },
  { name: "ERA5-Land, NetCDF", weight: 40, seeds: era5Seeds, read: join },
  { name: "companions", weight: 20, seeds: of(beside("FLX_AA-One_FLUXNET2015_ERAI_DD_2011-2012_1-4.csv", companion, ["text", "bytes"])), read: join },
];
