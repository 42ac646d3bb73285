import { WorkbookError } from "./errors";
import { nearest } from "./nearest";
import type { SiteId } from "./sites";

/**
 * The error of a site that is none of those known, with the nearest.
 * @param where who asks, as it stands before the site: "evaluate: ", or nothing
 * @param of whose sites they are
 * @example throw unknownSite("evaluate: ", "DE-Hia", "T.parquet", ["DE-Hai"])
 */
export function unknownSite(where: string, site: SiteId, of: string, known: readonly SiteId[], cure = ""): WorkbookError {
  return new WorkbookError("BadSite", `${where}${site}: a site of ${of} is required, this is none of its ${known.length}; nearest ${nearest(site, known, 3).join(", ")}${cure}`, { site });
}
