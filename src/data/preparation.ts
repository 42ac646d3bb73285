import { WorkbookError } from "../core/errors";
import { nearest } from "../core/nearest";
import { brief } from "../core/printable";

/**
 * How satellite channels were prepared: `paper` as published, clouds included; `clean` with cloud and shadow masked and snow a channel of its own.
 * @source method §3
 */
export const PREPARATIONS = ["paper", "clean"] as const;
export type Preparation = (typeof PREPARATIONS)[number];

/** Global attribute by which a gridded file says its mode. */
export const PREPARATION_ATTRIBUTE = "satellite_preparation";

/**
 * A mode as a file or a person names it; null where nothing is said.
 * @param where names the file, for the message
 * @throws WorkbookError BadConfig for another word
 * @example parsePreparation("paper", "grid: G.zarr") // "paper"
 */
export function parsePreparation(said: unknown, where: string): Preparation | null {
  if (said === undefined || said === null || said === "") return null;
  const found = PREPARATIONS.find((mode) => mode === said);
  if (found === undefined) throw new WorkbookError("BadConfig", `${where}: preparation: ${PREPARATIONS.join(" or ")} required, found ${brief(said)}; nearest ${nearest(brief(said), PREPARATIONS).join(", ")}`, { column: "preparation" });
  return found;
}
