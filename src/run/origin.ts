import * as path from "node:path";
import { configHash, readHashes } from "./hashes";
import type { Engine } from "./learner";
import { provenanceOf, readProvenance, type NamedTable, type Provenance } from "./provenance";
import { readHeader } from "./run-directory";

/** A run as the provenance of what is made from it names it. */
export interface RunOrigin extends Provenance {
  readonly run: string;
  readonly model: string;
  readonly config_sha256: string;
  /** SHA-256 of its weights, by file; of an ensemble of its members' own records. Null for a run that recorded none */
  readonly weights: Readonly<Record<string, string>> | null;
}

/** What a run is and was made from. @example runOrigin("data/runs/tamrl").table.sha256 */
export function runOrigin(dir: string): RunOrigin {
  const header = readHeader(dir);
  const files = readHashes(dir)?.files;
  const weights = files === undefined ? null : Object.fromEntries(Object.entries(files).filter(([name]) => /^(weights|members)\//.test(name)));
  return { run: path.basename(path.resolve(dir)), model: header.config.model, ...readProvenance(dir, "runOrigin"), config_sha256: configHash(header), weights };
}

/** Provenance of something made from several runs and a table. @example writeJson("out/provenance.json", provenanceOfRuns(named, dirs, engine)) */
export function provenanceOfRuns(table: NamedTable, dirs: readonly string[], engine: Engine | null): Provenance & { readonly runs: readonly RunOrigin[] } {
  return { ...provenanceOf(table, null, engine), runs: dirs.map(runOrigin) };
}
