import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { projectRoot, writeAtomic } from "../core/files";
import type { Progress } from "../core/progress";
import { temporaryFolder } from "../core/temporary-folder";
import { notebookFile, notebookNames, notebooksText, runNotebooks } from "./notebooks";

interface Cell {
  cell_type: string;
  source: string | string[];
  execution_count?: number | null;
  outputs?: { execution_count?: number | null; metadata?: Record<string, unknown> }[];
  metadata: Record<string, unknown>;
}

/**
 * Executes notebooks at their own size and writes the outputs back into `notebooks/`, as they are committed: without counts, without what
 * progress displays left (it holds times), without the time of a run card, with this machine's folders taken out.
 * @throws WorkbookError BadArgument when a notebook fails; nothing is written then
 * @example await refreshNotebooks(["05"], silent)
 */
export async function refreshNotebooks(names: readonly string[], progress: Progress): Promise<string[]> {
  const wanted = (names.length === 0 ? notebookNames() : names).map((n) => path.basename(notebookFile(n), ".ipynb"));
  const outDir = temporaryFolder("refresh");
  try {
    const results = await runNotebooks(wanted, { outDir, progress });
    if (results.some((r) => r.error !== null)) throw new WorkbookError("BadArgument", `notebooks --refresh: every notebook must run, one did not: ${notebooksText(results)}`);
    return results.map(({ name, file }) => {
      const target = path.join(projectRoot(), "notebooks", `${name}.ipynb`);
      writeAtomic(target, forGit(fs.readFileSync(file, "utf8")));
      return target;
    });
  } finally {
    fs.rmSync(outDir, { recursive: true, force: true });
  }
}

/** An executed notebook as it goes into git. @example forGit(fs.readFileSync("out/05-evaluate.ipynb", "utf8")) */
export function forGit(text: string): string {
  const notebook = JSON.parse(text) as { cells: Cell[] };
  for (const cell of notebook.cells) {
    cell.metadata = {};
    if (cell.cell_type !== "code") continue;
    cell.execution_count = null;
    const source = typeof cell.source === "string" ? cell.source : cell.source.join("");
    if (source.includes("show.progress(")) cell.outputs = [];
    for (const output of cell.outputs ?? []) if ("execution_count" in output) output.execution_count = null;
  }
  // a run card tells how long training took
  const json = `${JSON.stringify(notebook, null, 1)}\n`.replace(/(\d+ epochs) in [^<"\\]+/g, "$1");
  return json.split(projectRoot()).join(".").split(os.homedir()).join("~").split(os.tmpdir()).join("tmp");
}
