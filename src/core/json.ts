import { isWorkbookError, WorkbookError } from "./errors";
import { appendLine, readText, writeAtomic } from "./files";
import { didYouMean } from "./nearest";
import { brief, printable } from "./printable";

/** Any JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** How deep lists and objects may lie in each other. What we read is at most ten deep; thousands take the stack of whatever turns them into text. */
const MAX_DEPTH = 100;

/**
 * JSON that others wrote, as a value.
 * @throws SyntaxError as JSON.parse, and for what is nested more than 100 deep
 * @example parseJson("[1, 2]")
 */
export function parseJson(text: string): unknown {
  if (nestedTooDeep(text)) throw new SyntaxError(`lists and objects are nested more than ${MAX_DEPTH} deep in each other`);
  return JSON.parse(text);
}

function nestedTooDeep(text: string): boolean {
  let [depth, inText] = [0, false];
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 34) inText = !inText;
    else if (inText) i += c === 92 ? 1 : 0;
    else if (c === 91 || c === 123) depth++;
    else if (c === 93 || c === 125) depth--;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

/**
 * Reads a JSON file.
 * @throws WorkbookError BadFile when it is missing or not JSON
 */
export function readJson<T>(file: string, where = "readJson"): T {
  let text: string;
  try {
    text = readText(file);
  } catch (cause) {
    if (isWorkbookError(cause)) throw cause;
    throw new WorkbookError("BadFile", `${where}: a readable file is required, ${file} is not (${(cause as NodeJS.ErrnoException).code}); check the path`, { file, cause });
  }
  try {
    return parseJson(text) as T;
  } catch (cause) {
    throw new WorkbookError("BadFile", `${where}: JSON is required, ${file} is not (${(cause as Error).message}); mend or remove it`, { file, cause });
  }
}

/**
 * As `readJson`, of a file that must hold an object.
 * @throws WorkbookError BadFile also where it holds anything else
 */
export function readJsonObject<T extends object>(file: string, where: string): T {
  const value = readJson<unknown>(file, where);
  if (!isObject(value)) throw new WorkbookError("BadFile", `${where}: ${file}: a JSON object is required, found ${brief(value, 40)}; mend or remove it`, { file });
  return value as T;
}

/** Whether a value of JSON is an object, neither list nor null. @example isObject({}) // true */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value of JSON is a list of texts. @example isTexts(["DE-Hai"]) // true */
export function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((v) => typeof v === "string");
}

/** Writes JSON, indented, atomically. */
export function writeJson(file: string, value: unknown): void {
  writeAtomic(file, `${JSON.stringify(value, null, 2)}\n`);
}

/** Appends one object with the time to a log, a line of JSON. @example appendJsonLine("log.jsonl", { event: "start" }) */
export function appendJsonLine(file: string, line: object): void {
  appendLine(file, JSON.stringify({ time: new Date().toISOString(), ...line }));
}

/**
 * Refuses keys that are not in `known`, naming the nearest, or all where none is near, and what is no object.
 * @throws WorkbookError BadConfig
 * @example checkKeys("config", { epocs: 3 }, ["epochs"]) // throws: … nearest epochs
 */
export function checkKeys(where: string, value: object, known: readonly string[]): void {
  if (!isObject(value)) throw new WorkbookError("BadConfig", `${where}: an object of keys and values required, got ${brief(value, 40)}`);
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      throw new WorkbookError("BadConfig", `${where}: known keys only, got "${printable(key, 80)}"${didYouMean(key, known) || `; known are ${known.join(", ")}`}`, { column: key });
    }
  }
}
