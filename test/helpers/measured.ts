import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot, sha256 } from "../../src/core/files";
import { ingest } from "../../src/data/ingest/ingest";
import { hasNotebooks } from "../../src/workbook/venv";
import { scratch } from "./cli";
import { needsShared, sharedPath } from "./shared";

/** The `skip` option of a test that runs notebooks on measured towers. */
export const needsMeasured = { skip: hasNotebooks() ? needsShared("data/fluxnet2015").skip : "needs the notebook kernel in .venv; run npm run setup" };

/** A table of the 16 original FLUXNET2015 towers, with their classes. */
export async function measuredTable(): Promise<string> {
  const out = path.join(scratch("measured"), "T.parquet");
  await ingest([sharedPath("data/fluxnet2015")!], { out, sites: sharedPath("data/sites/sites_consolidated.csv")! });
  return out;
}

/** Removes what notebooks trained on a table in the checkout. */
export function removeNotebookRuns(table: string): void {
  for (const size of ["", "quick-"]) fs.rmSync(path.join(projectRoot(), "data", "runs", `notebook-${size}${sha256(table).slice(0, 8)}`), { recursive: true, force: true });
}
