import { parsePreparation } from "../data/preparation";
import type { IngestOptions } from "../data/ingest/ingest";
import type { Given, OptionSpec } from "./arguments";

/** Options of `ingest` that bring drivers and classes from elsewhere. */
export const DRIVER_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  drivers: { kind: "many", help: "a file or folder of drivers: MODIS or ERA5-Land at points, an ERA companion of FLUXNET, a tidy table; may be repeated" },
  preparation: { kind: "one", help: "satellite values as published (paper), or without cloud and shadow and with snow as a column (clean)" },
  layers: { kind: "many", help: "a map of IGBP or Köppen (NetCDF, GeoTIFF, Zarr) for sites without a class; may be repeated" },
};

/** What those options say. @throws WorkbookError BadConfig for another mode @example driverOptions(given).drivers */
export function driverOptions(given: Given): Partial<Pick<IngestOptions, "drivers" | "preparation" | "layers">> {
  const preparation = parsePreparation(given.one("preparation"), "ingest: --preparation");
  return { drivers: given.many("drivers"), layers: given.many("layers"), ...(preparation === null ? {} : { preparation }) };
}
