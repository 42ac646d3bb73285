import * as fc from "fast-check";
import { share } from "./share";

/** What is put somewhere into a good JSON document, as the text that stands there: JSON.parse takes what no object literal can say. */
const ODD_JSON = [
  "null", "true", "[]", "{}", "0", "-1", "0.5", "1e999", "-1e999", "1e308", "9007199254740993", "\"\"", "\"NaN\"", "\"Infinity\"", "\"__proto__\"", "\"../../etc\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\u001b[2J\"",
  `"${"x".repeat(20_000)}"`, "[".repeat(20_000) + "]".repeat(20_000), "{\"a\":".repeat(20_000) + "1" + "}".repeat(20_000), `[${"0,".repeat(20_000)}0]`,
  "{\"__proto__\":{\"polluted\":1}}", "{\"constructor\":{\"prototype\":{\"polluted\":1}}}", "{\"length\":1e9}", "[null]", "[[]]", "[1e999]",
];
const ODD_KEYS = ["__proto__", "constructor", "prototype", "toString", "toJSON", "length", "then", "", "\\u0000", "x".repeat(20_000), "epocs", "model"];

/** A place in a document and what is done there. */
export interface JsonMutation {
  /** which of the document's values, as a share of how many there are */
  readonly at: number;
  readonly do: "replace" | "addKey" | "repeatKey" | "drop" | "cut";
  readonly key: string;
  readonly text: string;
}

const mutation: fc.Arbitrary<JsonMutation> = fc.record({
  at: share,
  do: fc.oneof({ weight: 5, arbitrary: fc.constant("replace" as const) }, { weight: 3, arbitrary: fc.constantFrom("addKey" as const, "repeatKey" as const, "drop" as const) }, { weight: 1, arbitrary: fc.constant("cut" as const) }),
  key: fc.oneof(fc.constantFrom(...ODD_KEYS), fc.string({ maxLength: 8 }).map((k) => JSON.stringify(k).slice(1, -1))),
  text: fc.oneof(fc.constantFrom(...ODD_JSON), fc.jsonValue({ maxDepth: 3 }).map((v) => JSON.stringify(v))),
});

/** One to three mutations of a JSON document. */
export const jsonMutations: fc.Arbitrary<readonly JsonMutation[]> = fc.array(mutation, { minLength: 1, maxLength: 3 });

/** A value as it stands in the document being built: its text is put in last, as raw JSON. */
class Raw {
  constructor(readonly text: string) {}
}

/** The document's text after the mutations. @example mutateJson({ a: 1 }, [{ at: 0.9, do: "replace", key: "", text: "null" }]) // "{\"a\":null}" */
export function mutateJson(document: unknown, mutations: readonly JsonMutation[]): string {
  let root: unknown = structuredClone(document);
  let cut = 1;
  for (const m of mutations) {
    if (m.do === "cut") cut = m.at;
    else root = change(root, Math.floor(m.at * size(root)), m);
  }
  const text = write(root);
  return text.slice(0, Math.ceil(cut * text.length));
}

/** How many values a document holds, itself included. */
function size(value: unknown): number {
  return value instanceof Raw || typeof value !== "object" || value === null ? 1 : 1 + Object.values(value).reduce((sum: number, v) => sum + size(v), 0);
}

function change(value: unknown, at: number, m: JsonMutation): unknown {
  if (at === 0) return act(value, m);
  const holder = value as Record<string, unknown>;
  let left = at - 1;
  for (const key of Object.keys(holder)) {
    const n = size(holder[key]);
    if (left < n) {
      if (left === 0 && m.do === "drop") Array.isArray(holder) ? holder.splice(Number(key), 1) : delete holder[key];
      else holder[key] = change(holder[key], left, m);
      return holder;
    }
    left -= n;
  }
  return holder;
}

function act(value: unknown, m: JsonMutation): unknown {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Raw);
  if (!isObject || m.do === "replace" || m.do === "drop") return new Raw(m.text);
  const body = write(value).slice(1, -1);
  const key = m.do === "repeatKey" ? (Object.keys(value as object)[0] ?? m.key) : m.key;
  return new Raw(`{${body}${body === "" ? "" : ","}"${key}":${m.text}}`);
}

function write(value: unknown): string {
  if (value instanceof Raw) return value.text;
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  if (typeof value === "object" && value !== null) return `{${Object.entries(value).map(([k, v]) => `${JSON.stringify(k)}:${write(v)}`).join(",")}}`;
  return JSON.stringify(value) ?? "null";
}
