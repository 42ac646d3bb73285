import { WorkbookError } from "../core/errors";
import { printable } from "../core/printable";
import type { Progress } from "../core/progress";
import { verifyRun, type Verification } from "../evaluate/verify";
import type { Given, OptionSpec } from "./arguments";

/** Options of `verify`. */
export const VERIFY_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  table: { kind: "one", help: "the table the run learned from and was evaluated on, where it has moved" },
  inputs: { kind: "many", help: "the files or folders that the table was ingested from: compared with the hashes it keeps of them" },
};

/** `verify`: whether what a run says of itself still holds; exit code 1 where it does not, or cannot be told. */
export async function verifyVerb(given: Given, context: { progress: Progress; signal: AbortSignal }): Promise<{ json: Verification; text: string; code: number }> {
  const [dir, ...more] = given.words;
  if (dir === undefined || more.length > 0) throw new WorkbookError("BadArgument", `verify: one RUN is required, got ${given.words.length}; see verify --help`);
  const [table, inputs] = [given.one("table"), given.many("inputs")];
  const result = await verifyRun(dir, { ...(table === undefined ? {} : { table }), ...(inputs.length === 0 ? {} : { inputs }), ...context });
  return { json: result, text: verifyText(result), code: result.holds ? 0 : 1 };
}

/** A verification as lines, what does not hold first told in the last. */
function verifyText({ dir, holds, checks }: Verification): string {
  const count = (state: string): number => checks.filter((check) => check.state === state).length;
  const broken = [...(count("broken") > 0 ? [`${count("broken")} no longer hold`] : []), ...(count("unknown") > 0 ? [`${count("unknown")} cannot be told`] : [])];
  const scored = checks.some(({ what }) => what === "predictions" || what === "metrics");
  const unscored = scored ? [] : ["none    predictions, metrics: the run keeps none to be computed again; evaluate RUN --table T.parquet --out DIR keeps them in it"];
  return [...checks.map(({ what, state, detail }) => `${state.padEnd(8)}${printable(what)}: ${detail}`), ...unscored, `${dir}: ${holds ? `all ${checks.length} checks hold` : `of ${checks.length} checks ${broken.join(", ")}`}`].join("\n");
}
