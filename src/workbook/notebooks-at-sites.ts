import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { asFileName } from "../core/file-name";
import { unknownSite } from "../core/unknown-site";
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
  const known = (await notebookTable(env)).table.sites.map((s) => s.site);
  const named = parameter("TABLE", "", undefined, env);
  for (const site of sites) {
    if (known.includes(site)) continue;
    throw named === "" ? unknownSite("notebooks: --site: ", site, "the virtual flux network", known, "; give your own table with --table T.parquet") : unknownSite("notebooks: --site: ", site, path.basename(named), known);
  }
  const results: NotebookResult[] = [];
  for (const site of sites) {
    const own = await runNotebooks(wanted, { ...options, outDir: path.join(options.outDir, asFileName(site)), env: { ...options.env, SITE: site } });
    results.push(...own.map((r) => ({ ...r, name: `${r.name} at ${site}` })));
  }
  return results;
}
