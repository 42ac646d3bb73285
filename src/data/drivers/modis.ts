import { WorkbookError } from "../../core/errors";
import type { FileBlocks } from "../ingest/site-block";
import { dailySeries } from "./composites";
import { driverBlock } from "./driver-block";
import type { DriverContext } from "./driver-context";
import { modisProductOf, readModisProducts } from "./modis-products";
import { observe } from "./modis-values";
import { sitesOf, type PointRows } from "./point-rows";

/**
 * Turns a MODIS point export into daily drivers of its sites.
 * @param name the file's name, in which product and site may stand
 * @throws WorkbookError BadFile where the product is not told, and what its steps throw
 * @example modisBlocks(readWideCsv(bytes, file, products, variables), "AT-Neu_MCD15A2H.csv", context).blocks[0].numbers.get("lai")
 */
export function modisBlocks(rows: PointRows, name: string, context: DriverContext): FileBlocks {
  const products = readModisProducts();
  const product = modisProductOf(products, [name, ...rows.hints], [...rows.bands.keys()]);
  if (product === null) {
    const known = products.flatMap((p) => p.names).join(", ");
    throw new WorkbookError("BadFile", `ingest: ${rows.file}: the product's name in the file's required (${known}), found ${name}; rename the file, e.g. US-Var_MOD13A1.csv`, { file: rows.file });
  }
  const observed = observe(rows, sitesOf(rows, name, context.sites), product, context.preparation);
  const daily = observed.sites.map((site) => dailySeries(site, product.period, product.id, context.preparation));
  const made = daily.map((d) => driverBlock({ file: rows.file, site: d.site, day: d.day, columns: d.columns, source: product.source, dayConvention: null }, context.variables));
  return {
    blocks: made.map((m) => m.block), sites: [], unsorted: 0, warnings: [],
    excluded: [...observed.excluded, ...daily.flatMap((d) => d.excluded), ...made.flatMap((m) => m.excluded)],
  };
}
