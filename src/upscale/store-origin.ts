import * as path from "node:path";

/**
 * What a gridded store says of how it was made (run, table, grid, workbook, device, kernel), for what is made from it in turn.
 * @example storeOrigin(await openGrid("O.zarr")).run_table_sha256
 */
export function storeOrigin({ path: store, attributes }: { readonly path: string; readonly attributes: Readonly<Record<string, unknown>> }): Record<string, string | number | boolean> {
  const plain = Object.entries(attributes).filter((entry): entry is [string, string | number | boolean] => ["string", "number", "boolean"].includes(typeof entry[1]));
  return { store: path.basename(store), ...Object.fromEntries(plain) };
}
