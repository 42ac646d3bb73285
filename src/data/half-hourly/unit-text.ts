import { WorkbookError } from "../../core/errors";
import { conversion, type Conversion } from "../grid/physical-unit";
import type { HalfHourlyVariable } from "./variables";

/**
 * A unit as loggers and portals write it, in words that `conversion` reads: run-together factors apart, a molar amount as a plain number of µmol.
 * @example spelledOut("umolm-2s-1") // "1 m-2 s-1"
 */
export function spelledOut(unit: string): string {
  return unit
    .replace(/[\u00a0\ufffd]/g, " ")
    .replace(/[⁻−]/g, "-").replace(/[²]/g, "2").replace(/[¹]/g, "1")
    .replace(/(?:umol|[µμ]mol|micromol)\s*(?:co2|photons?)?[+]?1?(?=[\s/m.-]|$)/gi, "1 ")
    .replace(/\bmmol\s*(?:co2|photons?)?(?=[\s/m.-]|$)/gi, "1000 ")
    .replace(/(\d)(?=[A-Za-z])/g, "$1 ")
    .replace(/\b(MJ|kg|mm|W|J|m|g)(?=[ms][-+]?\d)/g, "$1 ")
    .trim();
}

/**
 * The conversion of a column from the unit written above it to the one it is read in.
 * @throws WorkbookError BadUnit for a unit that is not known or of another kind
 * @example fromUnit({ file: "a.csv", line: 2, name: "TA_1_1_1" }, "K", halfHourlyVariable("TA")!) // { scale: 1, offset: -273.15 }
 */
export function fromUnit(where: { readonly file: string; readonly line: number; readonly name: string }, unit: string, variable: HalfHourlyVariable): Conversion {
  const found = conversion(spelledOut(unit), spelledOut(variable.unit), { water: variable.base === "P" });
  if (found !== null) return found;
  const { file, line, name } = where;
  throw new WorkbookError("BadUnit", `ingest: ${file} line ${line}: ${name} in ${variable.unit}, or a unit that converts to it, required, found "${unit.trim()}"; mend the unit or convert the column`, { file, line, column: name });
}
