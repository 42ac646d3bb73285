import { DEFAULT_CONFIG } from "../run/config";
import type { OptionSpec } from "./arguments";

/** Letters a line of help may have. */
const WIDTH = 100;
/** Blanks between an option's name and its text. */
const GUTTER = 2;

/**
 * The options of a verb, a line each: texts stand in one column behind the longest name and go on below themselves.
 * @example optionsHelp({ out: { kind: "one", help: "folder" } }) // "  --out  folder"
 */
export function optionsHelp(options: Readonly<Record<string, OptionSpec>>): string {
  const names = Object.keys(options).map((name) => `  --${name}`);
  const column = Math.max(...names.map((name) => name.length)) + GUTTER;
  return Object.values(options).map(({ help }, i) => wrapped(help.split(" "), `${names[i]!.padEnd(column)}`, " ".repeat(column))).join("\n");
}

/**
 * The keys of `--set` with their defaults.
 * @example setKeysHelp() // "keys of --set and their defaults:\n  model=tamrl, protocol=own, …"
 */
export function setKeysHelp(): string {
  const keys = Object.entries(DEFAULT_CONFIG).map(([key, value]) => `${key}=${String(value)}`);
  return `keys of --set and their defaults:\n${wrapped(keys.map((key, i) => (i < keys.length - 1 ? `${key},` : key)), "  ", "  ")}`;
}

/** Words in lines of at most `WIDTH` letters, each begun as told; a longer word has a line of its own. */
function wrapped(words: readonly string[], first: string, rest: string): string {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of words) {
    if (!empty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      [line, empty] = [rest, true];
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line].join("\n");
}
