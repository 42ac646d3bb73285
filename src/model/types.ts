import type { tf } from "../backend/tf";

/** Neural models. The climatology is in climatology.ts: it has no weights. */
export type ModelName = "tamrl" | "tamlstm" | "ctlstm" | "lstm";

/** What fixes a network's shape and its arithmetic. The order of the three fluxes is gpp, reco, nee everywhere. */
export interface ModelConfig {
  readonly model: ModelName;
  /** D, dynamic channels */
  readonly channels: number;
  /** S, static one-hots */
  readonly statics: number;
  /** H */
  readonly hidden: number;
  /** L, width of the task embedding z; used by tamrl only */
  readonly latent: number;
  /** layers of the main LSTM */
  readonly layers: number;
  /** 0 … below 1, on the last hidden states */
  readonly dropout: number;
  /** tied u = s ⊙ e + s; free u = γ ⊙ e + β; none u = e */
  readonly modulation: "tied" | "free" | "none";
  readonly outputModulation: boolean;
  /** where z comes from; `past_only` differs from `support` only in which windows are handed in */
  readonly embedding: "support" | "query" | "static" | "past_only";
  /** few-shot: a support window has six channels more, the z-scored fluxes (0 where unknown) and 1 where each is known; default false */
  readonly supportFluxes?: boolean;
  /** hard: two softplus outputs GPP, RECO and NEE = RECO − GPP; the others differ in the loss only */
  readonly balance: "off" | "soft-z" | "soft" | "hard";
  /** mean of the targets over training days, g C m⁻² d⁻¹ */
  readonly targetMean: readonly [number, number, number];
  /** standard deviation of the targets over training days, g C m⁻² d⁻¹ */
  readonly targetSd: readonly [number, number, number];
}

/** Which support set each query of a batch takes. */
export interface SupportSets {
  /** one-hots [batch, set] */
  readonly of: tf.Tensor2D;
  /** one-hots of the set's site [set, static] */
  readonly statics: tf.Tensor2D;
}

/** One batch of windows. */
export interface ModelInputs {
  /** standardised drivers [batch, time, channel] */
  readonly x: tf.Tensor3D;
  /** one-hots [batch, static] */
  readonly statics: tf.Tensor2D;
  /** standardised drivers of the support windows [set·windows, time, channel], few-shot [set·windows, time, channel + 6], a set's windows side by side; a missing one holds zeros */
  readonly support?: tf.Tensor3D;
  /** [set, windows], rows sum to 1; a missing window has weight 0 and stays out of the batch statistics. Left out: all equal */
  readonly supportWeight?: tf.Tensor2D;
  /** support sets that stand for several queries; left out: each row of the batch has its own */
  readonly sets?: SupportSets;
  /** a task embedding made before [batch, latent]; the encoder is then skipped */
  readonly z?: tf.Tensor2D;
}

/** Windows of `time` days each over the days of sites laid end to end; none may cross from one site into the next. */
export interface Windows {
  /** first day of each: site · days of a site + day */
  readonly starts: Int32Array;
  readonly time: number;
}

/** All days of one site, or of several with as many days each. */
export interface DaysInputs {
  /** standardised drivers [site, day, channel]; a day with a missing driver may be NaN if no window holds it */
  readonly x: tf.Tensor3D;
  /** one-hots [site, static] */
  readonly statics: tf.Tensor2D;
  /** task embedding [site, latent] */
  readonly z?: tf.Tensor2D;
}

/** How `forward` runs. */
export interface ForwardOptions {
  /** batch statistics and dropout (true), or running statistics (false) */
  readonly training: boolean;
  /** only the last days of a window are predicted */
  readonly lastDays: number;
  /** required where training with dropout; the mask depends on nothing else (pass a number made of seed and step) */
  readonly dropoutSeed?: number;
}

/** A model with its weights. */
export interface FluxModel {
  readonly config: ModelConfig;
  /** trainable, by PyTorch state_dict name */
  readonly parameters: Map<string, tf.Variable>;
  /** running statistics of BatchNorm, by PyTorch state_dict name */
  readonly buffers: Map<string, tf.Variable>;
  /** whether `forward` wants `support` windows, or a `z` made of them */
  readonly needsSupport: boolean;
  /** Standardised fluxes [batch, lastDays, flux]; the caller disposes. In training the running statistics move. */
  forward(inputs: ModelInputs, options: ForwardOptions): tf.Tensor3D;
  /**
   * Task embedding z [batch, latent] by running statistics; the caller disposes. With embedding `query` the windows are the query's own,
   * with `static` they are not looked at and may be null.
   * @throws WorkbookError BadArgument for a model without an embedding (`lstm`, `ctlstm`, `tamlstm`)
   */
  encode(support: tf.Tensor3D | null, statics: tf.Tensor2D, supportWeight?: tf.Tensor2D): tf.Tensor2D;
  /**
   * Standardised fluxes of the last day of each window [window, flux], as `forward` gives them with `training` off, at about
   * half of the arithmetic; null where the network or the kernel has no such form. The caller disposes.
   */
  slide(days: DaysInputs, windows: Windows): tf.Tensor2D | null;
  dispose(): void;
}

/** The part of a model that a file of this folder defines; it runs inside the caller's tidy. */
export interface Network {
  readonly needsSupport: boolean;
  forward(inputs: ModelInputs, options: ForwardOptions): tf.Tensor3D;
  encode?(support: tf.Tensor3D | null, statics: tf.Tensor2D, supportWeight?: tf.Tensor2D): tf.Tensor2D;
  /** [window, 1, flux], or null */
  slide?(days: DaysInputs, windows: Windows): tf.Tensor3D | null;
}
