import type { Flux } from "../core/quantities";

/** A published number. It is context for an order of models, never a mark to reach: the sites are not these. */
export interface PublishedScore {
  readonly model: string;
  readonly flux: Flux;
  readonly metric: "rmse" | "r2" | "r2_median";
  /** RMSE in g C m⁻² d⁻¹ */
  readonly value: number;
  readonly source: string;
  readonly sites: string;
  readonly same_sites: false;
}

const PAPER = "TAM-RL paper, arXiv 2603.09974, main table, from second-hand notes; aggregation over sites unknown";
const PAPER_SITES = "579 sites, 2000–2023, zero-shot, 10 runs";
const BENCHMARK = "CarbonFluxBench, arXiv 2603.09868, Köppen split, minimal features; made with the balance term switched off";
const BENCHMARK_SITES = "92 held-out sites of the benchmark";

const paper: readonly (readonly [model: string, gppRmse: number, gppR2: number, neeRmse: number, neeR2: number])[] = [
  ["FLUXCOM-X-BASE", 2.18, 0.36, 1.76, 0.16],
  ["XGBoost", 2.17, 0.34, 1.76, 0.16],
  ["CT-LSTM", 2.03, 0.42, 1.67, 0.21],
  ["TAMLSTM", 2.04, 0.4, 1.63, 0.21],
  ["TAM-RL", 1.97, 0.43, 1.62, 0.23],
];
const benchmark: readonly (readonly [model: string, gpp: number, reco: number, nee: number])[] = [
  ["TAM-RL", 0.644, 0.593, 0.27],
  ["CT-LSTM", 0.648, 0.489, 0.296],
  ["LSTM", 0.608, 0.401, 0.241],
  ["LightGBM", 0.608, 0.541, 0.283],
  ["XGBoost", 0.469, 0.426, 0.162],
];

/**
 * Published scores, each with its source, for the side of a comparison table.
 * @source method §8
 * @example PUBLISHED.filter((p) => p.flux === "gpp" && p.metric === "rmse")
 */
export const PUBLISHED: readonly PublishedScore[] = [
  ...paper.flatMap(([model, gppRmse, gppR2, neeRmse, neeR2]) => {
    const of = (flux: Flux, metric: "rmse" | "r2", value: number): PublishedScore => ({ model, flux, metric, value, source: PAPER, sites: PAPER_SITES, same_sites: false });
    return [of("gpp", "rmse", gppRmse), of("gpp", "r2", gppR2), of("nee", "rmse", neeRmse), of("nee", "r2", neeR2)];
  }),
  ...benchmark.flatMap(([model, gpp, reco, nee]) => {
    const of = (flux: Flux, value: number): PublishedScore => ({ model, flux, metric: "r2_median", value, source: BENCHMARK, sites: BENCHMARK_SITES, same_sites: false });
    return [of("gpp", gpp), of("reco", reco), of("nee", nee)];
  }),
];
