import * as fs from "node:fs";
import { readFinished } from "../run/run-directory";
import { isEnsemble, memberDirs } from "../run/ensemble";
import { unrecorded } from "../run/unrecorded";
import { tableFile, verifyHashes, type Check } from "../run/verify";
import { verifyInputs } from "../run/verify-inputs";
import { verifyMetrics, type VerifyOptions } from "./verify-metrics";

/** What a run says of itself, looked at again. */
export interface Verification {
  readonly dir: string;
  /** every check holds; one that could not be made does not */
  readonly holds: boolean;
  readonly checks: readonly Check[];
}

/**
 * Recomputes what a finished run or ensemble says of itself: hashes of configuration, table, weights and files, whether all of these are
 * recorded, and from weights and table its predictions and metrics. With `inputs` also the files that its table was made from. Nothing is written.
 * @throws WorkbookError BadRun for a folder that is no finished run
 * @example (await verifyRun("data/runs/tamrl")).holds
 */
export async function verifyRun(dir: string, options: VerifyOptions = {}): Promise<Verification> {
  const { config } = readFinished(dir);
  const members = isEnsemble(config) ? memberDirs(dir, config).map((member, k) => ({ member, name: `member ${k + 1}: ` })) : [];
  const hashes = [{ member: dir, name: "" }, ...members].flatMap(({ member, name }) => [...verifyHashes(member, options.table), ...unrecorded(member)].map((check) => ({ ...check, what: `${name}${check.what}` })));
  // what no longer is what it was cannot be computed with
  const intact = hashes.every((check) => check.state !== "broken");
  const metrics: Check[] = intact ? await verifyMetrics(dir, options) : [{ what: "metrics", state: "unknown", detail: "not computed again, for what they are computed from has changed" }];
  const inputs = options.inputs === undefined ? [] : await inputChecks(intact ? tableFile(dir, options.table) : null, options.inputs);
  const checks = [...hashes, ...inputs, ...metrics];
  return { dir, holds: checks.every((check) => check.state === "holds"), checks };
}

async function inputChecks(table: string | null, places: readonly string[]): Promise<Check[]> {
  if (table !== null && fs.existsSync(table)) return verifyInputs(table, places);
  return [{ what: "inputs of the table", state: "unknown", detail: "not compared, for the table is not there or something of the run has changed" }];
}
