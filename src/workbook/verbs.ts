import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { readJson } from "../core/json";
import type { Progress } from "../core/progress";
import { isBenchmarkSet, type BenchmarkSet } from "../data/carbonfluxbench/folder";
import { fetchDataset } from "../data/sources/fetch";
import { ingest } from "../data/ingest/ingest";
import { ensemblePlan, resumeEnsemble, trainEnsemble } from "../evaluate/ensemble";
import { predictRun } from "../evaluate/predict";
import { writePredictions } from "../evaluate/write-predictions";
import { parseSets } from "../run/config";
import { isEnsemble } from "../run/ensemble";
import { LEARNERS } from "../run/learners";
import { provenanceOfRuns } from "../run/origin";
import { readHeader } from "../run/run-directory";
import { openTable, resume, train } from "../run/train";
import type { Given, OptionSpec } from "./arguments";
import { doctor, doctorText } from "./doctor";
import { ENGINE_OPTIONS, membersOf } from "./engine-options";
import { DRIVER_OPTIONS, driverOptions } from "./driver-options";
import { EXPERIMENT_OPTIONS, experimentVerb } from "./verb-experiment";
import { fetchText, ingestText, predictText, trainText } from "./verb-text";
import { FEW_SHOT_OPTIONS, fewShotVerb } from "./verb-few-shot";
import { evaluateVerb } from "./verb-evaluate";
import { PARTITION_OPTIONS, partitionVerb } from "./verb-partition";
import { SIMULATE_OPTIONS, simulateVerb } from "./verb-simulate";
import { SUPPLY_OPTIONS, supplyVerb } from "./verb-supply";
import { SITES_OPTIONS, sitesVerb } from "./verb-sites";
import { TASKS_OPTIONS, tasksVerb } from "./verb-tasks";
import { MAPS_OPTIONS, mapsVerb, MONTHLY_OPTIONS, monthlyVerb, TOTALS_OPTIONS, totalsVerb } from "./verb-totals";
import { UPSCALE_OPTIONS, upscaleVerb } from "./verb-upscale";
import { VERIFY_OPTIONS, verifyVerb } from "./verb-verify";
import { lab } from "./lab";
import { notebooksToHtml } from "./notebook-html";
import { notebooksText, runNotebooks } from "./notebooks";
import { runNotebooksAtSites } from "./notebooks-at-sites";
import { refreshNotebooks } from "./refresh";
import { reproduce } from "./reproduce";
import { writeDocs } from "./verb-docs";
import { reportRuns } from "./verb-report";

/** What a verb hands back: an object for `--json`, a text for a person, and an exit code where it is not 0. */
export interface VerbResult {
  readonly json: unknown;
  readonly text: string;
  readonly code?: number;
}

/** A verb of the command line. */
export interface Verb {
  readonly usage: string;
  readonly about: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  run(given: Given, context: { progress: Progress; signal: AbortSignal }): Promise<VerbResult>;
}

const one = (help: string): OptionSpec => ({ kind: "one", help });
const flag = (help: string): OptionSpec => ({ kind: "flag", help });
const OF_MEMBERS = { ...ENGINE_OPTIONS, workers: one("of an ensemble: members trained at once, each in its own process (what the machine has room for); 0: one after the other in this one") };
const TABLE = one("a Parquet table that ingest or simulate wrote");

/** Every verb by name. */
export const VERBS: Readonly<Record<string, Verb>> = {
  doctor: {
    usage: "[--json]", about: "versions, backend and LSTM kernel in use and why, what is missing and its cure", options: {},
    async run(given) {
      noWords("doctor", given);
      const report = await doctor();
      return { json: report, text: doctorText(report) };
    },
  },
  simulate: {
    usage: "--out T.parquet [--sites 160 --years 4 --seed 1 --world default] | --grid DEG --out G.zarr [--years 2 --seed 1]", about: "the virtual flux network as a daily table, or a gridded globe of the same physics; true traits and fluxes beside it",
    options: SIMULATE_OPTIONS,
    run(given, context) {
      noWords("simulate", given);
      return simulateVerb(given, context);
    },
  },
  ingest: {
    usage: "PATH… --out T.parquet [--drivers FILE …] [--layers MAP …] [--sites sites.csv] [--map map.json] [--features minimal] [--skip-bad] [--json]", about: "tower files or folders, or CarbonFluxBench's folder → daily table; report of what was read, excluded and why",
    options: { out: one("the table to write"), sites: one("CSV with site, lat, lon, igbp, koppen"), map: one("JSON saying what the columns of your own CSV or Parquet mean, with units"), "skip-bad": flag("read the good files though others are bad"), variant: one("take fluxes of this target variant alone: USTAR50 or REF"), features: one("reanalysis columns of a CarbonFluxBench folder: minimal, standard or full"), ...DRIVER_OPTIONS },
    async run(given, { progress }) {
      const out = given.need("out");
      if (given.words.length === 0) throw new WorkbookError("BadArgument", "ingest: at least one file or folder is required, got none; see ingest --help");
      const sites = given.one("sites");
      const [features, map] = [given.one("features"), given.one("map")];
      if (features !== undefined && !isBenchmarkSet(features)) throw new WorkbookError("BadArgument", `ingest: --features: minimal, standard or full required, got "${features}"; see ingest --help`);
      const { report } = await ingest(given.words, { out, ...(sites ? { sites } : {}), ...(map ? { map } : {}), ...(features ? { features: features as BenchmarkSet } : {}), ...(given.one("variant") ? { variant: given.one("variant")! } : {}), skipBad: given.flag("skip-bad"), ...driverOptions(given), progress });
      return { json: { table: out, ...report }, text: ingestText(report, out) };
    },
  },
  sites: {
    usage: "T.parquet --out DIR [--json]", about: "a card for each site of a table: availability, units, ranges, outliers, closure, quality; heat maps of what is there",
    options: SITES_OPTIONS,
    run: sitesVerb,
  },
  partition: {
    usage: "PATH… --out DIR [--sites sites.csv] [--ustar V] [--bootstraps 20] [--seed 1] [--skip-bad] [--json]", about: "raw half-hours → u* filter, gap filling, night-time and day-time partition → daily table with GPP, RECO and NEE",
    options: PARTITION_OPTIONS,
    run: partitionVerb,
  },
  fetch: {
    usage: "NAME [--to DIR] [--catalogue FILE] [--json]", about: "downloads a data set (carbonfluxbench, xbase-monthly), or says which account is needed and what to place where (fluxnet, ameriflux, icos, mod13, era5-land, …)",
    options: { to: one("folder to put the files in (data/raw/NAME)"), catalogue: one("another catalogue of addresses, e.g. of a mirror") },
    async run(given, context) {
      const [to, catalogue] = [given.one("to"), given.one("catalogue")];
      const result = await fetchDataset(onlyWord("fetch", "NAME", given), { ...(to ? { to } : {}), ...(catalogue ? { catalogue } : {}), notice: (text) => void process.stderr.write(text), ...context });
      return { json: result, text: fetchText(result) };
    },
  },
  train: {
    usage: "--table T.parquet --out RUN [--config C.json] [--set key=value …] [--workers N]", about: "trains one model, or an ensemble (--set ensemble=5), into a run directory",
    options: { table: TABLE, out: one("the run directory"), config: one("overrides as a JSON file"), set: { kind: "many", help: "an override key=value; may be repeated" }, ...OF_MEMBERS },
    async run(given, context) {
      const file = given.one("config");
      const fromFile = file === undefined ? {} : readJson<object>(file, "train --config");
      if (typeof fromFile !== "object" || fromFile === null || Array.isArray(fromFile)) throw new WorkbookError("BadConfig", `train --config: ${file}: a JSON object is required`, { file: file ?? "" });
      const options = { table: given.need("table"), out: given.need("out"), config: { ...fromFile, ...parseSets([...given.many("set"), ...given.words]) }, ...context };
      const members = membersOf("train", given, ensemblePlan(options.config));
      const result = members === null ? await train(options) : await trainEnsemble({ ...options, ...members });
      return { json: result, text: trainText(result) };
    },
  },
  resume: {
    usage: "RUN [--table T.parquet] [--workers N]", about: "continues an interrupted run or ensemble to the same end", options: { table: one("the run's table, where it has moved"), ...OF_MEMBERS },
    async run(given, context) {
      const table = given.one("table");
      const options = { dir: onlyWord("resume", "RUN", given), ...(table ? { table } : {}), ...context };
      const members = membersOf("resume", given, isEnsemble(readHeader(options.dir).config));
      const result = members === null ? await resume(options) : await resumeEnsemble({ ...options, ...members });
      return { json: result, text: trainText(result) };
    },
  },
  predict: {
    usage: "RUN --table T.parquet --out P.parquet", about: "GPP, RECO and NEE for every row of a table; no flux columns needed",
    options: { table: TABLE, out: one("the Parquet file to write: site, date, gpp, reco, nee; of an ensemble also gpp_spread … and, calibrated, gpp_lo80, gpp_hi80, gpp_lo90, gpp_hi90 …") },
    async run(given, context) {
      const dir = onlyWord("predict", "RUN", given);
      const out = given.need("out");
      if (fs.existsSync(out) && fs.statSync(out).isDirectory()) throw new WorkbookError("BadArgument", `predict: --out: a file name is required, ${out} is a folder; add a name such as P.parquet`, { file: out });
      const named = await openTable(given.need("table"));
      const { predictions, missing } = await predictRun(dir, named.table, context);
      await writePredictions(predictions, out, provenanceOfRuns(named, [dir], await LEARNERS[readHeader(dir).config.model].open()));
      const uncertainty = { spread: predictions.spread?.kind ?? null, levels: predictions.intervals?.map((i) => i.level) ?? [] };
      return { json: { out, n: predictions.day.length, missing, ...uncertainty }, text: predictText(predictions.day.length, missing, out, uncertainty) };
    },
  },
  evaluate: {
    usage: "RUN… --table T.parquet [--sites A,B] [--product xbase:DIR] [--published FILE] --out DIR [--json]", about: "per-site metrics, summaries and balance; several runs are scored on the same site-days",
    options: {
      table: TABLE, sites: one("only these sites, separated by commas"), out: one("folder for metrics.json, table.csv, table.md"),
      product: one("a gridded product beside the runs: xbase:DIR, or ozflux:FILE for FLUXCOM-RS at OzFlux towers"), "product-sites": one("CSV of sites (site, lat, lon) by which nearness to the product's training sites is seen"),
      published: one("the benchmark's per-site results (CSV) to show beside the runs"), "published-split": one("only results of this published split: Koppen or IGBP"),
    },
    run: evaluateVerb,
  },
  report: {
    usage: "RUN… [--table T.parquet] [--sites A,B] [--out DIR] [--json]", about: "one self-contained HTML page of a run or a comparison: scores, figures, every site",
    options: { table: one("a Parquet table (the one the first run was trained on)"), sites: one("only these sites, separated by commas"), out: one("folder for report.html and its tables (RUN/report)") },
    async run(given, context) {
      const [table, out, sites] = [given.one("table"), given.one("out"), given.one("sites")];
      const result = await reportRuns(given.words, { ...(table ? { table } : {}), ...(out ? { out } : {}), ...(sites ? { sites: sites.split(",").map((s) => s.trim()) } : {}), ...context });
      return { json: result, text: `${(result.bytes / 1e6).toFixed(1)} MB → ${result.file}` };
    },
  },
  verify: {
    usage: "RUN [--table T.parquet] [--inputs RAW…] [--json]", about: "recomputes hashes, predictions and metrics of a finished run and says whether they still hold (exit 1 where not)",
    options: VERIFY_OPTIONS,
    run: verifyVerb,
  },
  experiment: {
    usage: "--table T.parquet --out DIR [--protocol folds:5] [--models tamrl,lstm] [--seeds 1,2] [--ablations | --search] [--engine dask] [--workers N]", about: "models, ablations or a hyper-parameter search under a protocol, on local workers or a cluster, resumable",
    options: EXPERIMENT_OPTIONS,
    async run(given, context) {
      const { json, text, failed } = await experimentVerb(given, context);
      return { json, text, code: failed ? 1 : 0 };
    },
  },
  upscale: {
    usage: "RUN --grid G --out O.zarr [--engine local|dask|file] [--workers N] [--resume] [--store-only] [--truth G.truth.zarr]", about: "GPP, RECO and NEE on a grid of drivers, with uncertainty and where the run applies; totals and maps beside",
    options: UPSCALE_OPTIONS,
    run: upscaleVerb,
  },
  totals: {
    usage: "O.zarr --out DIR [--bands 30] [--truth G.truth.zarr] [--json]", about: "Pg C of an upscaled store: the whole, latitude bands, classes, seasons and years, with what is missing; of a simulated globe beside its truth",
    options: TOTALS_OPTIONS,
    run: totalsVerb,
  },
  maps: {
    usage: "O.zarr --out DIR [--xbase DIR] [--json]", about: "maps of an upscaled store, its seasons by latitude and anomalies; on request beside X-BASE",
    options: MAPS_OPTIONS,
    run: mapsVerb,
  },
  monthly: {
    usage: "O.zarr [--out DIR] [--zarr M.zarr]", about: "monthly means of an upscaled store as NetCDF files in X-BASE's naming, or as a Zarr store",
    options: MONTHLY_OPTIONS,
    run: monthlyVerb,
  },
  tasks: {
    usage: "FILE [--part I/N] [--workers N] [--threads N]", about: "does every N-th task of a task file that --engine file laid out, e.g. in a Slurm array",
    options: TASKS_OPTIONS,
    run: tasksVerb,
  },
  "few-shot": {
    usage: "--table T.parquet --out DIR [--months 1,3,12,24] [--set key=value …] | --functions --out DIR", about: "TAM-RL given a site's first months of flux, beside fine-tuning and MAML",
    options: FEW_SHOT_OPTIONS,
    run: fewShotVerb,
  },
  reproduce: {
    usage: "[--table T.parquet] [--quick|--full] [--skip-notebooks] [--out DIR]", about: "the whole experiment: models, tables, figures, notebooks, report",
    options: { table: one("your own table instead of the virtual flux network"), quick: flag("a small size, at most 90 s"), full: flag("three seeds of each model, and the ablations: hours"), "skip-notebooks": flag("leave the notebooks out"), out: one("output folder (data/runs/reproduce)") },
    async run(given, context) {
      noWords("reproduce", given);
      const table = given.one("table");
      if (given.flag("quick") && given.flag("full")) throw new WorkbookError("BadArgument", "reproduce: one of --quick and --full, got both");
      const name = `reproduce${given.flag("quick") ? "-quick" : given.flag("full") ? "-full" : ""}${table ? `-${path.basename(table, ".parquet")}` : ""}`;
      const result = await reproduce({ out: given.one("out") ?? path.join("data", "runs", name), quick: given.flag("quick"), full: given.flag("full"), notebooks: !given.flag("skip-notebooks"), ...(table ? { table } : {}), ...context });
      return { json: result.json, text: result.text, code: result.failed ? 1 : 0 };
    },
  },
  notebooks: {
    usage: "[NAME…] [--table T.parquet] [--runs DIR] [--site A,B] [--out DIR] [--quick] [--html] [--refresh]", about: "executes notebooks on the kernel",
    options: { table: one("your table instead of the virtual flux network (the parameter TABLE)"), runs: one("folder of trained runs, one of each model's name, instead of small ones (the parameter RUNS)"), site: one("ids: the notebook (02 without a name) once for each, into a folder of its own"), out: one("folder for the executed copies (data/runs/notebooks)"), quick: flag("test size"), html: flag("also a page beside each executed copy, which needs no network"), refresh: flag("write the outputs back into notebooks/, as they are committed") },
    async run(given, { progress }) {
      if (given.flag("refresh")) {
        const more = [...["table", "runs", "site", "out"].filter((o) => given.one(o) !== undefined), ...["quick", "html"].filter((o) => given.flag(o))];
        if (more.length > 0) throw new WorkbookError("BadArgument", `notebooks: --refresh writes what is committed, made as it is committed, and stands without --${more.join(", --")}; give --out DIR for your own`);
        const files = await refreshNotebooks(given.words, progress);
        return { json: files, text: files.join("\n") };
      }
      const [table, runs] = [given.one("table"), given.one("runs")];
      const env = { ...(table === undefined ? {} : { TABLE: path.resolve(table) }), ...(runs === undefined ? {} : { RUNS: path.resolve(runs) }) };
      const options = { outDir: given.one("out") ?? path.join("data", "runs", "notebooks"), quick: given.flag("quick"), env, progress };
      const sites = given.one("site")?.split(",").map((id) => id.trim()).filter((id) => id !== "");
      const results = sites === undefined ? await runNotebooks(given.words, options) : await runNotebooksAtSites(given.words, sites, options);
      const pages = given.flag("html") ? notebooksToHtml(results.map((r) => r.file)) : [];
      return { json: results, text: `${notebooksText(results)}${pages.join("\n")}`, code: results.some((r) => r.error !== null) ? 1 : 0 };
    },
  },
  docs: {
    usage: "[--out DIR] [--json]", about: "reference of public names and gallery of figures, as pages",
    options: { out: one("folder (data/docs)") },
    async run(given) {
      noWords("docs", given);
      const files = writeDocs(given.one("out") ?? path.join("data", "docs"));
      return { json: files, text: files.join("\n") };
    },
  },
  supply: {
    usage: "[--out DIR] [--audit] [--osv URL] [--json]", about: "licences and bill of materials of everything that set-up fetches; on request what is known against it",
    options: SUPPLY_OPTIONS,
    async run(given) {
      noWords("supply", given);
      return supplyVerb(given);
    },
  },
  lab: {
    usage: "", about: "opens JupyterLab on the notebooks, on this machine only", options: {},
    async run(given) {
      return { json: null, text: "", code: await lab(given.words) };
    },
  },
};

function noWords(verb: string, given: Given): void {
  if (given.words.length > 0) throw new WorkbookError("BadArgument", `${verb}: options only, got "${given.words[0]}"; see ${verb} --help`);
}

function onlyWord(verb: string, what: string, given: Given): string {
  if (given.words.length !== 1) throw new WorkbookError("BadArgument", `${verb}: one ${what} is required, got ${given.words.length}; see ${verb} --help`);
  return given.words[0]!;
}
