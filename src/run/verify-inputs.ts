import { findInput } from "../data/input-hashes";
import { readTableInputs } from "../data/store";
import { compared, type Check } from "./verify";

/**
 * Compares the files that a table was made from with those of today.
 * @param places folders and files as they were named to `ingest`, wherever they lie now
 * @throws WorkbookError BadFile for a table that cannot be read
 * @example (await verifyInputs("T.parquet", ["data/raw"])).every((check) => check.state === "holds")
 */
export async function verifyInputs(table: string, places: readonly string[]): Promise<Check[]> {
  const inputs = await readTableInputs(table);
  if (inputs === null) return [{ what: "inputs of the table", state: "unknown", detail: `${table} names none: it was not made by ingest, or by an older one` }];
  return inputs.map((input) => {
    const what = `input ${input.name}`;
    const found = findInput(places, input);
    return found === null ? { what, state: "unknown" as const, detail: `it is not in ${places.join(", ")}` } : compared(what, input.sha256, found.sha256);
  });
}
