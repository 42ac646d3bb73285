import { isWorkbookError, WorkbookError } from "./core/errors";
import { didYouMean } from "./core/nearest";
import { printable } from "./core/printable";
import { storageFault, unwritable } from "./core/storage-fault";
import { benchVerb } from "./bench/verb";
import { VERBS as OF_WORKBOOK, type Verb, type VerbResult } from "./workbook/verbs";
import { parseGiven } from "./workbook/arguments";
import { optionsHelp, setKeysHelp } from "./workbook/help";
import { stderrProgress } from "./workbook/stderr-progress";

const VERBS: Readonly<Record<string, Verb>> = { ...OF_WORKBOOK, bench: benchVerb };

const HELP = `tamrl <verb> …   the TAM-RL workbook on the command line

${Object.entries(VERBS).map(([name, v]) => `  ${name.padEnd(11)}${v.about}`).join("\n")}

tamrl <verb> --help tells a verb's options. Exit 0 done, 2 bad input, 1 anything else.
`;

/** Runs one verb and returns the exit code: 0 done, 2 bad input (one message on stderr), 1 anything else. */
async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(HELP);
    return name === undefined ? 2 : 0;
  }
  const verb = Object.prototype.hasOwnProperty.call(VERBS, name) ? VERBS[name] : undefined;
  if (!verb) throw new WorkbookError("BadArgument", `tamrl: a verb is required, got "${name}"${didYouMean(name, Object.keys(VERBS), 2)}; see tamrl --help`);
  const options = { ...verb.options, json: { kind: "flag" as const, help: "print one JSON object on stdout and nothing else there" } };
  if (rest.includes("--help") || rest.includes("-h")) {
    process.stdout.write(`tamrl ${name} ${verb.usage}\n${verb.about}\n\n${optionsHelp(options)}\n${"set" in options ? `\n${setKeysHelp()}\n` : ""}`);
    return 0;
  }
  const given = parseGiven(name, rest, options);
  const { json, text, code } = await verb.run(given, contextOf()).catch(planned);
  const shown = printable(text);
  process.stdout.write(given.flag("json") ? `${JSON.stringify(json)}\n` : shown.endsWith("\n") || shown === "" ? shown : `${shown}\n`);
  return code ?? 0;
}

/** What a verb works in. One that takes the signal stops by it at a good place; any other ends at once, as by a kill: what is whole stays. */
function contextOf(): Parameters<Verb["run"]>[1] {
  let controller: AbortController | null = null;
  const taken = (): AbortController => {
    const own = new AbortController();
    for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => own.abort());
    return own;
  };
  return {
    progress: stderrProgress(),
    get signal() {
      return (controller ??= taken()).signal;
    },
  };
}

/** Tasks laid out as asked are what was wanted, though they end the verb. */
function planned(error: unknown): VerbResult {
  if (!isWorkbookError(error, "Planned")) throw error;
  return { json: { tasks: error.fields.file }, text: error.message };
}

main(process.argv.slice(2)).then(
  (code) => leave(code),
  (thrown: unknown) => {
    const error = onDisk(thrown);
    const ours = isWorkbookError(error);
    process.stderr.write(ours ? `${error.message}\n` : `${printable(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`);
    leave(ours && error.tag !== "Interrupted" && error.tag !== "MissingPart" && error.tag !== "NotFinite" ? 2 : 1);
  },
);

/** A full disk or a forbidden folder as what a user can act on, wherever it was met. */
function onDisk(error: unknown): unknown {
  const file = (error as NodeJS.ErrnoException | null)?.path ?? process.cwd();
  return isWorkbookError(error) || storageFault(error, file) === null ? error : unwritable("tamrl", file, error);
}

/** Ends the process once stdout has taken everything: a database or thread pool may still hold it open. */
function leave(code: number): void {
  process.stdout.write("", () => process.exit(code));
}
