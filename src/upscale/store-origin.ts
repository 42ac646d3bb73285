import * as path from "node:path";
import { openGrid } from "../data/grid/open";

/**
 * What a gridded store says of how it was made (run, table, grid, workbook, device, kernel), for what is made from it in turn.
 * @example storeOrigin(await openGrid("O.zarr")).run_table_sha256
 */
export function storeOrigin({ path: store, attributes }: { readonly path: string; readonly attributes: Readonly<Record<string, unknown>> }): Record<string, string | number | boolean> {
  const plain = Object.entries(attributes).filter((entry): entry is [string, string | number | boolean] => ["string", "number", "boolean"].includes(typeof entry[1]));
  return { store: path.basename(store), ...Object.fromEntries(plain) };
}

/** As `storeOrigin`, of a store that is not open. @example (await originOf("O.zarr")).run_table_sha256 */
export async function originOf(store: string): Promise<ReturnType<typeof storeOrigin>> {
  const grid = await openGrid(store);
  try {
    return storeOrigin(grid);
  } finally {
    grid.close();
  }
}
