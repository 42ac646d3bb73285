import type { FileBlocks } from "./site-block";

/** Blocks of one file that was read in parts, each part with sites of its own. @example joinBlocks([first, second]).blocks */
export function joinBlocks(parts: readonly FileBlocks[]): FileBlocks {
  return {
    blocks: parts.flatMap((p) => p.blocks),
    sites: parts.flatMap((p) => p.sites),
    unsorted: parts.reduce((sum, p) => sum + p.unsorted, 0),
    excluded: parts.flatMap((p) => p.excluded),
    // what is said of the file as a whole comes with each part
    warnings: [...new Set(parts.flatMap((p) => p.warnings))],
  };
}
