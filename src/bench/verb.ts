import { WorkbookError } from "../core/errors";
import type { Verb } from "../workbook/verbs";
import { bench } from "./bench";
import { PARTS } from "./cases";
import { benchText } from "./text";

/** `bench` on the command line; it stands here because the workbook's folders may not import the benchmark. */
export const benchVerb: Verb = {
  usage: "[--only lstm,step,epoch,inference,upscale,ingest] [--full] [--all] [--contenders native,wasm] [--threads 2] [--table T.parquet] [--json]",
  about: "times the product beside PyTorch and pandas, in turn, and keeps the result in data/runs/bench.jsonl",
  options: {
    only: { kind: "one", help: `parts, or beginnings of cases' names, separated by commas: ${PARTS.join(", ")}` },
    full: { kind: "flag", help: "every combination of sizes (about an hour on 2 cores)" },
    all: { kind: "flag", help: "the hybrid LSTM kernel too" },
    contenders: { kind: "one", help: "of ours only these, separated by commas: native, wasm, hybrid" },
    threads: { kind: "one", help: "threads of each contender (2)" },
    table: { kind: "one", help: "a daily table for epoch and inference, instead of the virtual flux network" },
    "skip-install": { kind: "flag", help: "do not fetch PyTorch and pandas where they are missing" },
  },
  async run(given, { progress, signal }) {
    if (given.words.length > 0) throw new WorkbookError("BadArgument", `bench: options only, got "${given.words[0]}"; see bench --help`);
    const threads = given.number("threads", 1, 1024);
    const table = given.one("table");
    const list = (name: string): readonly string[] | undefined => given.one(name)?.split(",").map((word) => word.trim());
    const [only, contenders] = [list("only"), list("contenders")];
    if (threads !== undefined && !Number.isInteger(threads)) throw new WorkbookError("BadArgument", `bench: --threads: a whole number is required, got ${threads}`);
    const report = await bench({
      ...(only === undefined ? {} : { only }), ...(contenders === undefined ? {} : { contenders }), ...(threads === undefined ? {} : { threads }), ...(table === undefined ? {} : { table }),
      full: given.flag("full"), all: given.flag("all"), install: !given.flag("skip-install"), progress, signal, say: (line) => process.stderr.write(`bench: ${line}\n`),
    });
    return { json: report, text: benchText(report), code: report.failed.length > 0 ? 1 : 0 };
  },
};
