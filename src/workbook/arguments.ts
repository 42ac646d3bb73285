import { parseArgs } from "node:util";
import { WorkbookError } from "../core/errors";
import { near } from "../core/nearest";

/** An option of a verb. */
export interface OptionSpec {
  /** `flag` stands alone, `one` takes a value, `many` may be given again */
  readonly kind: "flag" | "one" | "many";
  readonly help: string;
}

/** What was given to a verb. */
export interface Given {
  readonly words: readonly string[];
  one(name: string): string | undefined;
  many(name: string): readonly string[];
  flag(name: string): boolean;
  /** the option's value, or an error naming it */
  need(name: string): string;
  /** the option's value as a number within bounds, or undefined */
  number(name: string, low: number, high: number): number | undefined;
}

/**
 * Reads a verb's arguments; an unknown option is an error naming the nearest.
 * @throws WorkbookError BadArgument
 * @example parseGiven("train", ["--table", "T.parquet"], { table: { kind: "one", help: "" } }).need("table")
 */
export function parseGiven(verb: string, argv: readonly string[], options: Readonly<Record<string, OptionSpec>>): Given {
  for (const word of argv) {
    const name = /^--(?:no-)?([^=]+)/.exec(word)?.[1];
    if (word === "--") break;
    if (name !== undefined && !Object.prototype.hasOwnProperty.call(options, name)) {
      throw new WorkbookError("BadArgument", `${verb}: known options only, got --${name}${near(name, Object.keys(options)).map((n) => `; nearest --${n}`).join("")}; see ${verb} --help`);
    }
  }
  const spec = Object.fromEntries(Object.entries(options).map(([name, o]) => [name, { type: o.kind === "flag" ? ("boolean" as const) : ("string" as const), multiple: o.kind === "many" }]));
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...argv], options: spec, allowPositionals: true, strict: true });
  } catch (cause) {
    throw new WorkbookError("BadArgument", `${verb}: ${(cause as Error).message.split("\n")[0]}; see ${verb} --help`, { cause });
  }
  const one = (name: string): string | undefined => parsed.values[name] as string | undefined;
  return {
    words: parsed.positionals,
    one,
    many: (name) => (parsed.values[name] as string[] | undefined) ?? [],
    flag: (name) => parsed.values[name] === true,
    need(name) {
      const value = one(name);
      if (value === undefined || value === "") throw new WorkbookError("BadArgument", `${verb}: --${name} is required; see ${verb} --help`);
      return value;
    },
    number(name, low, high) {
      const text = one(name);
      if (text === undefined) return undefined;
      const value = Number(text);
      if (text.trim() === "" || !Number.isFinite(value) || value < low || value > high) throw new WorkbookError("BadArgument", `${verb}: --${name}: a number from ${low} to ${high} is required, got "${text}"`);
      return value;
    },
  };
}
