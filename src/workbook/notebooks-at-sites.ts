import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { nearest } from "../core/nearest";
import type { SiteId } from "../core/sites";
import type { DailyTable } from "../data/daily-table";
import { notebookTable } from "./demo";
import { notebookFile, runNotebooks, type NotebookResult, type RunNotebooksOptions } from "./notebooks";
import { parameter } from "./parameter";

/**
 * Executes notebooks that take `SITE` (02 without a name) once for each site, into a folder of `outDir` named after it. A site whose notebook fails does not stop the next.
 * @throws WorkbookError BadSite for an id that the table lacks, naming the nearest; BadArgument for a notebook without `SITE`; nothing is executed then
 * @example await runNotebooksAtSites(["02"], ["DE-Hai", "FR-Pue"], { outDir: "out/notebooks" })
 */
export async function runNotebooksAtSites(names: readonly string[], sites: readonly string[], options: RunNotebooksOptions): Promise<NotebookResult[]> {
  const wanted = names.length === 0 ? ["02"] : names;
  for (const name of wanted) {
    if (!/parameter\(\\?"SITE/.test(fs.readFileSync(notebookFile(name), "utf8"))) throw new WorkbookError("BadArgument", `notebooks: --site: a notebook with the parameter SITE is required, ${path.basename(notebookFile(name), ".ipynb")} has none; name 02`);
  }
  const env = { ...process.env, ...options.env, ...(options.quick ? { TAMRL_QUICK: "1" } : {}) };
  const { table } = await notebookTable(env);
  for (const site of sites) known(table, site, parameter("TABLE", "", undefined, env));
  const results: NotebookResult[] = [];
  for (const site of sites) {
    const own = await runNotebooks(wanted, { ...options, outDir: path.join(options.outDir, site), env: { ...options.env, SITE: site } });
    results.push(...own.map((r) => ({ ...r, name: `${r.name} at ${site}` })));
  }
  return results;
}

/** Holds a site to be one of the table, and tells whose sites those are. */
function known(table: DailyTable, site: SiteId, named: string): void {
  if (table.sites.some((s) => s.site === site)) return;
  const near = nearest(site, table.sites.map((s) => s.site), 3).join(", ");
  const [of, cure] = named === "" ? ["the virtual flux network", "; give your own table with --table T.parquet"] : [path.basename(named), ""];
  throw new WorkbookError("BadSite", `notebooks: --site: ${site}: a site of ${of} is required, this is none of its ${table.sites.length}; nearest ${near}${cure}`, { site });
}
