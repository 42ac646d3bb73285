import { tf } from "../backend/tf";
import type { Standardized } from "../core/quantities";
import { oneHots } from "../core/sites";
import type { FluxModel } from "../model/types";
import type { SiteRecord } from "../windows/record";
import { standardiseDrivers, type Standardiser } from "../windows/standardise";
import type { WindowLists } from "../windows/window-lists";
import type { RunConfig } from "./config";
import { encodeShots } from "./few-shot-encode";

/** A record as a network takes it. */
export interface SiteView {
  readonly record: SiteRecord;
  /** `[day, channel]` */
  readonly x: Standardized<Float32Array>;
  /** `[static]` */
  readonly statics: Float32Array;
  /** starts of the windows that predict */
  readonly starts: Int32Array;
}

/** Windows encoded at once: more gain nothing, and take memory. */
const ENCODE_WINDOWS = 1536;

/** Z-scores records and lists their windows; drivers that several share, as a cell's do under each of its classes, are scored once. */
export function viewSites(config: RunConfig, s: Standardiser, records: readonly SiteRecord[], lists: WindowLists): SiteView[] {
  const scored = new Map<Float32Array, Standardized<Float32Array>>();
  return records.map((record) => {
    const x = scored.get(record.drivers) ?? standardiseDrivers(s, record.drivers);
    scored.set(record.drivers, x);
    return { record, x, statics: oneHots(record.site), starts: lists.starts(record, config.window) };
  });
}

/**
 * Task embeddings `[site, latent]` from each site's own drivers and, few-shot, its fluxes of the first `months`; every site has a whole
 * window.
 * @throws WorkbookError BadArgument for a model without an embedding
 */
export function encodeViews(model: FluxModel, config: RunConfig, s: Standardiser, views: readonly SiteView[], lists: WindowLists, months = 0): Float32Array {
  const z = new Float32Array(views.length * config.latent);
  const each = config.shots > 0 ? 1 : Math.max(1, Math.floor(ENCODE_WINDOWS / config.support_predict));
  for (let from = 0; from < views.length; from += each) {
    const part = views.slice(from, from + each);
    const encoded = config.shots > 0 ? encodeShots(model, config, s, part[0]!.record, months) : encodeSites(model, config, part, lists);
    z.set(encoded.dataSync(), from * config.latent);
    encoded.dispose();
  }
  return z;
}

/** Task embeddings `[site, latent]` of sites that each have a whole window; the caller disposes. */
export function encodeSites(model: FluxModel, config: RunConfig, sites: readonly Pick<SiteView, "record" | "x" | "statics">[], lists: WindowLists): tf.Tensor2D {
  const supports = sites.map(({ record }) => lists.support(record, config));
  const windows = Math.max(...supports.map((starts) => starts.length));
  const width = sites[0]!.x.length / sites[0]!.record.length;
  const span = config.window * width;
  const flat = new Float32Array(sites.length * windows * span);
  const weight = new Float32Array(sites.length * windows);
  const statics = new Float32Array(sites.length * sites[0]!.statics.length);
  supports.forEach((starts, i) => {
    flat.set(gather(sites[i]!.x, starts, span, width), i * windows * span);
    weight.fill(1 / starts.length, i * windows, i * windows + starts.length);
    statics.set(sites[i]!.statics, i * sites[i]!.statics.length);
  });
  return tf.tidy(() => model.encode(
    tf.tensor3d(flat, [sites.length * windows, config.window, width]),
    tf.tensor2d(statics, [sites.length, statics.length / sites.length]),
    tf.tensor2d(weight, [sites.length, windows]),
  ));
}

/** Windows of days side by side `[window, time · channel]`. */
export function gather(x: Float32Array, starts: Int32Array, span: number, width: number): Float32Array {
  const flat = new Float32Array(starts.length * span);
  starts.forEach((start, i) => flat.set(x.subarray(start * width, start * width + span), i * span));
  return flat;
}
