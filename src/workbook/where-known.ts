import { isWorkbookError } from "../core/errors";
import { show } from "./show";

/**
 * Shows what a table can tell, or a line on what it lacks: a notebook goes on over towers without a heat flux or a whole year. Every other error is thrown.
 * @example whereKnown(() => show.table(energyClosure(table)))
 */
export function whereKnown(make: () => void): void {
  try {
    make();
  } catch (error) {
    if (!isWorkbookError(error, "EmptyTable") && !isWorkbookError(error, "MissingColumn")) throw error;
    show.markdown(`*Not shown.* ${error.message}`);
  }
}
