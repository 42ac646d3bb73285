import { WorkbookError } from "../core/errors";
import { nearest } from "../core/nearest";

/** What a parameter may be; the default decides which. */
export type ParameterValue = string | number | boolean;
type Widened<T extends ParameterValue> = T extends string ? string : T extends number ? number : boolean;

/**
 * A notebook's parameter: the environment variable `name`, read as the type of the default, else the default.
 * @throws WorkbookError BadArgument for a value that is not of that type or not among `choices`, naming them
 * @example const site = parameter("SITE", "DE-Hai", ["DE-Hai", "FR-Pue"])
 */
export function parameter<T extends ParameterValue>(name: string, byDefault: T, choices?: readonly string[], env: NodeJS.ProcessEnv = process.env): Widened<T> {
  const text = env[name];
  if (text === undefined || text === "") return byDefault as unknown as Widened<T>;
  const fail = (required: string): never => {
    throw new WorkbookError("BadArgument", `parameter: ${name}: ${required} required, got "${text}"; set or unset that environment variable`, { column: name });
  };
  if (choices !== undefined && !choices.includes(text)) fail(`one of ${listed(text, choices)}`);
  if (typeof byDefault === "number") {
    const value = Number(text);
    return (Number.isFinite(value) && text.trim() !== "" ? value : fail("a number")) as Widened<T>;
  }
  if (typeof byDefault === "boolean") {
    if (["1", "true"].includes(text)) return true as Widened<T>;
    return (["0", "false"].includes(text) ? false : fail("1, 0, true or false")) as Widened<T>;
  }
  return text as Widened<T>;
}

/** All choices while they are few, else the nearest. */
function listed(text: string, choices: readonly string[]): string {
  return choices.length <= 12 ? choices.join(", ") : `${choices.length} choices (nearest ${nearest(text, choices, 3).join(", ")})`;
}

/** Whether notebooks run at test size (`TAMRL_QUICK=1`). @example const epochs = quick() ? 2 : 40 */
export function quick(env: NodeJS.ProcessEnv = process.env): boolean {
  return env["TAMRL_QUICK"] === "1";
}
