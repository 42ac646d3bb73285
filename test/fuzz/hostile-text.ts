import * as fc from "fast-check";
import { share } from "./share";

/** What is done to a good comma-separated text. Lines and columns are shares of how many there are. */
export type TextMutation =
  | { readonly do: "field"; readonly line: number; readonly column: number; readonly text: string }
  | { readonly do: "header"; readonly column: number; readonly text: string }
  | { readonly do: "swap"; readonly first: number; readonly second: number }
  | { readonly do: "dropLine" | "repeatLine" | "cutLine"; readonly line: number }
  | { readonly do: "ends"; readonly ends: readonly string[] }
  | { readonly do: "mark"; readonly mark: string }
  | { readonly do: "lengthen"; readonly line: number; readonly times: number; readonly unit: string }
  | { readonly do: "blank"; readonly line: number; readonly times: number };

/** Numbers and texts that no measurement holds. */
export const ODD_FIELDS = [
  "NaN", "nan", "Infinity", "-Infinity", "inf", "1e999", "-1e999", "1e-999", "9".repeat(400), "0x10", "1_000", "1,5", "--1", "+", "-", ".", "1e", "٣", "−5", "1.7976931348623157e308", "-9999", "-9999.0", "-6999",
  "", " ", "\0", "a\0b", "null", "undefined", "__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "=1+1", "@SUM(A1)", "\t=1", "<script>alert(1)</script>", "\u001b[2J", "\u202e",
  "00000101", "99991231", "20120230", "2012-13-01", "18000101", "-0001-01-01", "+275760-09-13", "1e8", "\"", "\"\"", "\"unclosed", "'", "\\", "../../x", "C:\\x", "🌲".repeat(20), "x".repeat(5000),
] as const;
const ODD_NAMES = ["__proto__", "constructor", "prototype", "toString", "site", "SITE", "date", "TIMESTAMP", "TIMESTAMP_START", "lat", "lon", "TA_F", "GPP_NT_VUT_REF", "NEE_VUT_REF", "", "\0", "x".repeat(3000), "time", "hour", "koppen"] as const;

const odd = fc.oneof(fc.constantFrom(...ODD_FIELDS), fc.string({ maxLength: 20 }), fc.double().map(String), fc.bigInt().map(String));

const mutation: fc.Arbitrary<TextMutation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("field" as const), line: share, column: share, text: odd }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("header" as const), column: share, text: fc.oneof(fc.constantFrom(...ODD_NAMES), odd) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("swap" as const), first: share, second: share }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("dropLine" as const, "repeatLine" as const, "cutLine" as const), line: share }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("ends" as const), ends: fc.array(fc.constantFrom("\n", "\r\n", "\r", "\n\n"), { minLength: 1, maxLength: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("mark" as const), mark: fc.constantFrom("\uFEFF", "\uFEFF\uFEFF", "\uFFFE", "\0\0", "#", "# a comment\n", "\n\n\n") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lengthen" as const), line: share, times: fc.constantFrom(100, 20_000, 300_000), unit: fc.constantFrom(",", "x", "\"", " ", "1,") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("blank" as const), line: share, times: fc.constantFrom(10, 200_000) }) },
);

/** One to five mutations of a comma-separated text. */
export const textMutations: fc.Arbitrary<readonly TextMutation[]> = fc.array(mutation, { minLength: 1, maxLength: 5 });

/** The text after the mutations. @example mutateText("a,b\n1,2\n", [{ do: "swap", first: 0, second: 0.5 }]) // "b,a\n2,1\n" */
export function mutateText(text: string, mutations: readonly TextMutation[]): Buffer {
  let lines = text.split("\n").filter((line) => line !== "").map((line) => line.split(","));
  let ends: readonly string[] = ["\n"];
  let mark = "";
  const at = (where: number, n: number): number => Math.min(n - 1, Math.floor(where * n));
  for (const m of mutations) {
    if (lines.length === 0) break;
    const line = lines["line" in m ? at(m.line, lines.length) : 0]!;
    if (m.do === "field") line[at(m.column, line.length)] = m.text;
    else if (m.do === "header") lines[0]![at(m.column, lines[0]!.length)] = m.text;
    else if (m.do === "swap") {
      const [first, second] = [at(m.first, lines[0]!.length), at(m.second, lines[0]!.length)];
      for (const fields of lines) [fields[first], fields[second]] = [fields[second] ?? "", fields[first] ?? ""];
    } else if (m.do === "dropLine") lines = lines.filter((fields) => fields !== line);
    else if (m.do === "repeatLine") lines.push([...line]);
    else if (m.do === "cutLine") line.length = Math.ceil(line.length / 2);
    else if (m.do === "lengthen") line.push(m.unit.repeat(m.times));
    else if (m.do === "blank") line[0] = "\n".repeat(m.times) + line[0]!;
    else if (m.do === "ends") ends = m.ends;
    else if (m.do === "mark") mark = m.mark;
  }
  return Buffer.from(mark + lines.map((fields, i) => fields.join(",") + ends[i % ends.length]!).join(""));
}
