import { isWorkbookError, type ErrorTag } from "../core/errors";
import { show } from "./show";

const LACKS: readonly ErrorTag[] = ["EmptyTable", "MissingColumn", "BadSplit"];

/**
 * Shows what a table can tell, or a line on what it lacks: a notebook goes on over towers without a heat
 * flux or a whole year, or too few to be split. Every other error is thrown.
 * @example whereKnown(() => show.table(energyClosure(table)))
 */
export function whereKnown(make: () => void): void {
  try {
    make();
  } catch (error) {
    if (!isWorkbookError(error) || !LACKS.includes(error.tag)) throw error;
    show.markdown(`*Not shown.* ${error.message}`);
  }
}
