import * as path from "node:path";
import { openBackend } from "../backend/tf";
import { toCsv } from "../core/csv";
import { WorkbookError } from "../core/errors";
import { writeAtomic } from "../core/files";
import { writeJson } from "../core/json";
import type { Progress } from "../core/progress";
import { fewShotRows } from "../evaluate/few-shot";
import { fewShotExperiment, fewShotText } from "../evaluate/few-shot-experiment";
import { toMarkdown, type TableRow } from "../evaluate/table";
import { parseSets } from "../run/config";
import { provenanceHere } from "../run/provenance";
import { syntheticFamilies } from "../run/synthetic";
import type { Given, OptionSpec } from "./arguments";

/** Options of the verb `few-shot`. */
export const FEW_SHOT_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  table: { kind: "one", help: "a Parquet table with fluxes, or --functions" },
  out: { kind: "one", help: "folder for the runs and the tables" },
  months: { kind: "one", help: "months of a site's own flux to compare, separated by commas (1,3,12,24)" },
  set: { kind: "many", help: "an override key=value of all three runs; may be repeated" },
  functions: { kind: "flag", help: "the five synthetic families instead of towers; --set then takes steps, support, hidden, seed, …" },
};

/**
 * Few-shot TAM-RL beside fine-tuning and MAML on a table of towers, or beside MAML on the synthetic families.
 * @throws WorkbookError BadArgument for words, months that are none, or --functions together with a table
 */
export async function fewShotVerb(given: Given, context: { progress: Progress; signal: AbortSignal }): Promise<{ json: unknown; text: string }> {
  const out = given.need("out");
  const config = parseSets([...given.many("set"), ...given.words]);
  if (given.flag("functions")) {
    if (given.one("table") !== undefined || given.one("months") !== undefined) throw new WorkbookError("BadArgument", "few-shot: --functions stands without --table and --months; give one or the other");
    const rows = await syntheticFamilies({ ...config, ...context });
    const table = rows.map((r): TableRow => ({ ...r, data: "simulated" }));
    writeAtomic(path.join(out, "families.csv"), toCsv(table));
    writeAtomic(path.join(out, "families.md"), toMarkdown(table));
    writeJson(path.join(out, "families.json"), { settings: config, rows, provenance: provenanceHere(await openBackend()) });
    return { json: rows, text: toMarkdown(table) };
  }
  const evaluation = await fewShotExperiment({ table: given.need("table"), out, config, ...(given.one("months") === undefined ? {} : { months: monthsOf(given.one("months")!) }), ...context });
  const { months, sites, tooShort, notAdapted, tuning } = evaluation;
  return { json: { months, sites, tooShort, notAdapted, tuning, rows: fewShotRows(evaluation) }, text: fewShotText(evaluation) };
}

function monthsOf(text: string): number[] {
  const months = text.split(",").map((m) => Number(m.trim() === "" ? NaN : m));
  if (months.some((m) => !Number.isInteger(m) || m < 1 || m > 120)) throw new WorkbookError("BadArgument", `few-shot: --months: whole numbers from 1 to 120 separated by commas required, got "${text}"`);
  return months;
}
