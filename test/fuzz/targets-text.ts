import * as fs from "node:fs";
import * as path from "node:path";
import * as zlib from "node:zlib";
import { readJson } from "../../src/core/json";
import { readVariables } from "../../src/data/columns";
import { readHeader, readRows } from "../../src/data/files/csv";
import { ingest } from "../../src/data/ingest/ingest";
import { readOzflux } from "../../src/data/products/ozflux";
import { readSiteList } from "../../src/data/sites/site-list";
import { readPublishedSites } from "../../src/evaluate/published-sites";
import { readTasks } from "../../src/engine/task";
import { listSources } from "../../src/data/grid/grid-paths";
import { DEFAULT_CONFIG, parseSets, resolveConfig } from "../../src/run/config";
import { towerFile, zipOf } from "../data/towers/tower-file";
import { oneFile, type Seed, type Target } from "./target";

const TOWER = "FLX_DE-Hai_FLUXNET2015_SUBSET_DD_2012-2012_1-4.csv";
const tower = towerFile({ days: 20, variants: ["VUT_REF", "VUT_USTAR50"] });
/** Two sites in one table, with what a tidy table may say of them. */
const tidy = ["DE-Hai", "FR-Pue"].flatMap((site, s) => towerFile({ days: 10 }).trim().split("\n").map((line, i) => (i === 0 ? `site,date,lat,lon,igbp,koppen,source,${line.split(",").slice(1).join(",")}` : `${site},${line.slice(0, 8)},${50 - s},${10 + s},ENF,Dfb,made up,${line.split(",").slice(1).join(",")}`)).slice(s)).join("\n") + "\n";
const siteList = "site,lat,lon,igbp,koppen\nDE-Hai,51.08,10.45,DBF,Cfb\nFR-Pue,43.74,3.6,EBF,Csa\nUS-Ivo,68.49,-155.75,WET,ET\n";
const ozfluxNames = ["GPP_SOLO_EC", "ER_SOLO_EC", "NEE_SOLO_EC", "FLUXCOM_RS_GPP", "FLUXCOM_RS_ER", "FLUXCOM_RS_NEE"];
const ozflux = `site,time,${ozfluxNames.join(",")}\n${["2010-01-31", "2010-02-28", "2010-03-31"].map((day) => `AU-How,${day},${ozfluxNames.map((_, i) => 10 * i).join(",")}`).join("\n")}\n`;
const published = "site,R2,RMSE,target,model,split_type,file\nDE-Hai,0.8,1.2,GPP_NT_VUT_USTAR50,tam-rl,Koppen,tam_minimal_1\nDE-Hai,0.7,1.1,RECO_NT_VUT_USTAR50,tam-rl,Koppen,tam_minimal_1\n";
const sets = "epochs=3,model=lstm\nsplit.train=[],split.test=[]\nlr1=0.01,seed=7\nfeatures=tower,balance=off\n";
const task = { id: "t1", module: "src/x", function: "run", arguments: { a: 1, list: [1, 2] }, output: "out/t1.json" };
const grid = { files: ["a.nc", "b.tif"], names: { ta_degC: "t2m" }, units: { t2m: "K" }, land_fraction: 1 };

const file = (dir: string): string => path.join(dir, fs.readdirSync(dir)[0]!);
const only = (...seeds: readonly Seed[]): (() => Promise<readonly Seed[]>) => async () => seeds;

/** Readers of text and of what text is packed in. */
export const TEXT: readonly Target[] = [
  {
    name: "comma-separated rows", weight: 60, seeds: only(oneFile("a.csv", tower, ["text", "text", "bytes", "stray"])),
    async read(dir) {
      const bytes = fs.readFileSync(file(dir));
      const header = readHeader(bytes, "a.csv");
      const [numbers, texts] = [0, 1].map((odd) => header.names.flatMap((_, i) => (i > 0 && i % 2 === odd ? [i] : [])));
      return readRows(bytes, header, { day: 0, numbers: numbers!, texts: texts!, missingTexts: ["NA"], missingCodes: [-9999] }, "a.csv");
    },
  },
  { name: "original tower files", weight: 90, seeds: only(oneFile(TOWER, tower, ["text", "text", "text", "bytes", "stray"])), read: (dir) => ingest([dir]) },
  { name: "tidy tables", weight: 90, seeds: only(oneFile("table.csv", tidy, ["text", "text", "text", "bytes"])), read: (dir) => ingest([dir]) },
  { name: "gzip", weight: 40, seeds: only(oneFile(`${TOWER}.gz`, tower, ["text"], (b) => zlib.gzipSync(b)), oneFile(`${TOWER}.gz`, zlib.gzipSync(tower), ["bytes", "bytes", "stray"])), read: (dir) => ingest([dir]) },
  {
    name: "zip", weight: 60, read: (dir) => ingest([dir]),
    seeds: only(oneFile("a.zip", zipOf({ [TOWER]: tower, "readme.txt": "of the network", "table.csv": tidy }), ["bytes", "bytes", "stray"]), oneFile("a.zip", tower, ["text"], (b) => zipOf({ [TOWER]: b }))),
  },
  { name: "site lists", weight: 60, seeds: only(oneFile("sites.csv", siteList, ["text", "text", "bytes"]), oneFile("sites.csv", zlib.gzipSync(siteList), ["bytes"])), read: async (dir) => readSiteList(file(dir), readVariables()) },
  { name: "OzFlux", weight: 30, seeds: only(oneFile("ozflux.csv", ozflux, ["text", "text", "bytes"]), oneFile("ozflux.csv.gz", zlib.gzipSync(ozflux), ["bytes"])), read: async (dir) => readOzflux(file(dir)) },
  { name: "published results", weight: 20, seeds: only(oneFile("results.csv", published, ["text", "bytes"])), read: async (dir) => readPublishedSites(file(dir)) },
  { name: "configuration", weight: 80, seeds: only(oneFile("c.json", JSON.stringify({ ...DEFAULT_CONFIG, split: { train: ["A", "B"], test: ["C"] } }), ["json", "json", "json", "bytes"])), read: async (dir) => resolveConfig(readJson(file(dir))) },
  { name: "--set", weight: 40, seeds: only(oneFile("sets.txt", sets, ["text", "text", "bytes"])), read: async (dir) => resolveConfig(parseSets(fs.readFileSync(file(dir), "utf8").split(/[,\n]/).filter((word) => word !== ""))) },
  { name: "task files", weight: 20, seeds: only(oneFile("tasks.jsonl", JSON.stringify(task), ["json", "bytes"])), read: async (dir) => readTasks(file(dir)) },
  { name: "grid descriptions", weight: 30, seeds: only({ ...oneFile("grid.json", JSON.stringify(grid), ["json", "json", "bytes"]), files: { "a.nc": Buffer.of(), "b.tif": Buffer.of() } }), read: async (dir) => listSources([path.join(dir, "grid.json")]) },
];
