import { printable } from "./printable";

/** Longest message: a hostile file may hold a name of a megabyte. */
const MAX_MESSAGE = 4000;

/** What went wrong, as a word that code can branch on. */
export type ErrorTag =
  | "BadFile" | "MissingColumn" | "BadUnit" | "BadDate" | "DuplicateDay" | "EmptyTable"
  | "BadConfig" | "BadRun" | "BadSite" | "Leakage" | "BadSplit" | "MissingPart" | "BadArgument"
  | "NotFinite" | "OutOfMemory" | "Interrupted" | "Planned";

/** Fields that a message may carry, so that callers need not parse the text. */
export interface ErrorFields {
  readonly file?: string;
  readonly site?: string;
  readonly column?: string;
  readonly line?: number;
  readonly date?: string;
  /** number of the process that works in what was asked for */
  readonly holder?: number;
  readonly cause?: unknown;
}

/**
 * An error a user can act on: `where: requirement, found; what to do`. The command line prints its message and exits 2.
 * @example throw new WorkbookError("BadDate", "readFluxnet: FR-Tou line 7: a date YYYYMMDD is required, got 20181301; mend the line", { line: 7 })
 */
export class WorkbookError extends Error {
  readonly tag: ErrorTag;
  readonly fields: ErrorFields;

  constructor(tag: ErrorTag, message: string, fields: ErrorFields = {}) {
    super(printable(message, MAX_MESSAGE), fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = "WorkbookError";
    this.tag = tag;
    this.fields = fields;
  }
}

/**
 * Whether `error` is ours, of `tag` when one is given. The name is compared, not the class: a notebook that re-imports
 * `src/` after an edit holds two copies of the class.
 * @example if (isWorkbookError(e, "MissingColumn")) console.error(e.fields.column)
 */
export function isWorkbookError(error: unknown, tag?: ErrorTag): error is WorkbookError {
  if (!(error instanceof Error) || error.name !== "WorkbookError") return false;
  return tag === undefined || (error as WorkbookError).tag === tag;
}
