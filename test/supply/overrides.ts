import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../../src/core/files";
import { readJson } from "../../src/core/json";

/** An override of package.json: what would happen without it, as far as the installed packages tell. */
export interface Override {
  /** as environment.md names it */
  readonly key: string;
  /** the direct dependency that needs it */
  readonly of: string;
  /** why it is still needed by what is installed, or null */
  needed(): string | null;
  /** whether a lock file made without it is as good: then it is no longer needed */
  readonly needless: (lock: string) => boolean;
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}
const manifest = (name: string): Manifest => readJson<Manifest>(path.join(projectRoot(), "node_modules", name, "package.json"));

/** Every override with its reason; `test/supply/overrides.long.ts` asks the registry whether it still holds. */
export const OVERRIDES: readonly Override[] = [
  {
    key: "@uwdata/flechette", of: "arquero",
    needed() {
      const range = manifest("arquero").dependencies?.["@uwdata/flechette"] ?? "";
      return range.startsWith("^2.") ? `arquero takes ${range}, and with it 2.7, which asks for a package that is not in the registry` : null;
    },
    needless: () => true,
  },
  {
    key: "danfojs-node", of: "danfojs-node",
    needed() {
      const range = manifest("danfojs-node").dependencies?.["@tensorflow/tfjs-node"] ?? "";
      return /^\^?3\./.test(range) ? `danfo asks for @tensorflow/tfjs-node ${range}: a second TensorFlow` : null;
    },
    needless: (lock) => !/"node_modules\/(.*\/)?@tensorflow\/tfjs-node"/.test(lock),
  },
  {
    key: "xlsx", of: "danfojs-node",
    needed() {
      const range = manifest("danfojs-node").dependencies?.["xlsx"] ?? "";
      return /^https?:/.test(range) ? "danfo names it by an address outside the registry" : null;
    },
    needless: (lock) => !/"node_modules\/xlsx": \{[^}]*"version": "https?:|"resolved": "https?:[^"]*xlsx/.test(lock),
  },
];

/** The overrides of package.json by key. */
export function overridesHere(): Readonly<Record<string, unknown>> {
  return readJson<{ overrides: Record<string, unknown> }>(path.join(projectRoot(), "package.json")).overrides;
}

/** The table of overrides in environment.md. */
export function overridesExplained(): string {
  const text = fs.readFileSync(path.join(projectRoot(), "environment.md"), "utf8");
  return text.slice(text.indexOf("| override | why |"), text.indexOf("## Environment variables"));
}
