import { WorkbookError } from "../core/errors";
import { brief } from "../core/printable";
import type { RunConfig } from "./config";

/** Configuration key `protocol`: ours, or the benchmark's in one switch. */
export const PROTOCOL_NAMES = ["own", "carbonfluxbench"] as const;
export type ProtocolName = (typeof PROTOCOL_NAMES)[number];

/** What makes a result comparable with the published ones: other values are refused. */
const HELD: { readonly [K in keyof RunConfig]?: readonly RunConfig[K][] } = {
  window: [30], stride: [15], split: ["published-koppen", "published-igbp"], features: ["minimal", "standard", "full"],
};

/** Where the benchmark differs from our defaults; any of these may be overridden. */
const USUAL: Partial<RunConfig> = {
  window: 30, stride: 15, split: "published-koppen", features: "minimal", position: true, validation: "time", class_weights: "product",
  batch: 32, hidden: 128, lr1: 1e-4, lr2: 1e-3, max_gap: 366,
};
/** The published search's choice for TAM-RL on either split. */
const TUNED: Readonly<Record<string, Partial<RunConfig>>> = {
  "published-koppen": { latent: 32, dropout: 0.3, layers: 1 },
  "published-igbp": { latent: 64, dropout: 0.2, layers: 2 },
};

/**
 * The defaults of a protocol: for `carbonfluxbench` windows of 30 days and stride 15, the published splits (random_state 56), its feature
 * sets, its validation in time, class weights and tuned sizes. Testing on QC = 1 needs no key: its tables know every QC.
 * @throws WorkbookError BadConfig for an override that would make results incomparable
 * @source CarbonFluxBench, arXiv 2603.09868, baselines/train_single and the tuned configurations of tam-rl
 * @example protocolDefaults({ protocol: "carbonfluxbench" }, "config").window // 30
 */
export function protocolDefaults(overrides: object, where: string): Partial<RunConfig> {
  const given = overrides as Partial<RunConfig>;
  if (given.protocol !== "carbonfluxbench") return {};
  for (const key of Object.keys(HELD) as (keyof typeof HELD)[]) {
    const allowed = HELD[key] as readonly unknown[];
    if (given[key] !== undefined && !allowed.includes(given[key])) {
      throw new WorkbookError("BadConfig", `${where}: ${key}: ${allowed.join(" or ")} required with protocol carbonfluxbench, got ${brief(given[key])}; leave one of the two out`, { column: key });
    }
  }
  return { ...USUAL, ...TUNED[String(given.split ?? USUAL.split)] };
}

/**
 * A configuration with the benchmark's values written out and its switch taken away, for runs inside its training side: they learn as the
 * benchmark does, on splits that it does not know.
 * @example spelledOut({ protocol: "carbonfluxbench", epochs: 3 }, "published-igbp").latent // 64
 */
export function spelledOut(overrides: object, split: string): Partial<RunConfig> {
  const { protocol: _, ...given } = overrides as Partial<RunConfig>;
  const { split: __, ...values } = { ...protocolDefaults({ ...overrides, split }, "config"), ...given };
  return values;
}
