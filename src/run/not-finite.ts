import { tf } from "../backend/tf";
import { asDay, formatDay } from "../core/days";
import { WorkbookError } from "../core/errors";
import { FLUXES } from "../core/quantities";
import type { FluxModel } from "../model/types";
import type { Batch, BatchRule, PreparedSite, Query } from "../windows/batches";
import { disposeBatch, toTensors } from "./tensors";

/** A value of one site and day. */
export interface Suspect {
  readonly site: string;
  /** YYYY-MM-DD */
  readonly date: string;
  readonly column: string;
  readonly value: number;
}

/** The batch whose loss is not a number. */
export interface FailedBatch {
  /** all training sites: the standardiser took in every one of them */
  readonly sites: readonly PreparedSite[];
  readonly queries: readonly Query[];
  readonly rule: BatchRule;
  readonly channels: readonly string[];
  readonly model: Pick<FluxModel, "forward" | "parameters">;
  /** null where a step is not made of one batch */
  readonly batch: Batch | null;
}

/** Where in training it happened. */
export interface Moment {
  readonly dir: string;
  readonly stage: number;
  readonly epoch: number;
  readonly batch: number;
  readonly loss: number;
}

/** Standard deviations beyond which a value, not the error, names the day. */
const EXTREME = 10;

/**
 * The error of a loss that is not a number, with the site and day it came from: the first driver, flux or weight that is not finite,
 * in the batch's windows, then in the records of its sites, then in all training sites; where all are finite, the window with the
 * largest loss and its most extreme value or its worst day.
 * @example throw notFinite(failed, { dir, stage: 1, epoch: 3, batch: 0, loss: NaN })
 */
export function notFinite(failed: FailedBatch, { dir, stage, epoch, batch, loss }: Moment): WorkbookError {
  const { suspect, cause, cure } = explain(failed, stage);
  const where = `train: ${dir}: a finite loss is required, got ${loss} in stage ${stage}, epoch ${epoch}, batch ${batch}`;
  return new WorkbookError("NotFinite", `${where}: ${suspect.site}, ${suspect.date}: ${cause}; ${cure}`, { site: suspect.site, date: suspect.date, column: suspect.column });
}

function explain(failed: FailedBatch, stage: number): { suspect: Suspect; cause: string; cure: string } {
  const bad = firstBad(failed);
  if (bad !== null) return { suspect: bad, cause: `${bad.column} is ${bad.value}`, cure: "mend or remove that value in the table, and make the table again" };
  const lost = [...failed.model.parameters].find(([, weight]) => !weight.dataSync().every(Number.isFinite))?.[0];
  const worst = lost === undefined ? worstWindow(failed) : null;
  const extreme = extremeValue(failed, worst === null ? failed.queries : [worst.query]);
  const finding = lost !== undefined ? `the step before left ${lost} without numbers` : worst !== null ? `of all windows this one has the largest loss (${worst.loss.toPrecision(3)})` : "no window can be told from another here";
  const far = extreme === null ? "" : `; the most extreme value there is ${extreme.column} ${extreme.value}, ${Math.abs(extreme.z).toFixed(0)} standard deviations from the mean`;
  const query = worst?.query ?? failed.queries[0]!;
  const day = query.start + (worst?.day ?? failed.rule.window - 1);
  const suspect = extreme !== null && (worst === null || Math.abs(extreme.z) > EXTREME) ? extreme : { ...placeOf(failed.sites[query.site]!, day), column: "", value: NaN };
  return { suspect, cause: `all values are finite; ${finding}${far}`, cure: `look at that day, or lower lr${stage}` };
}

/** The first value that is not finite and that training uses. */
function firstBad({ sites, queries, rule, channels }: FailedBatch): Suspect | null {
  for (const { site, start } of queries) {
    const found = badDay(sites[site]!, start, start + rule.window, channels);
    if (found !== null) return found;
  }
  const inBatch = [...new Set(queries.map((q) => q.site))];
  for (const site of [...inBatch, ...sites.keys()]) {
    const found = badDay(sites[site]!, 0, sites[site]!.record.length, channels);
    if (found !== null) return found;
  }
  return null;
}

/** NaN is how a record says missing: it is bad only where a day counts as complete, or in a window's own days. */
function badDay(site: PreparedSite, from: number, to: number, channels: readonly string[]): Suspect | null {
  const { record, weight } = site;
  const infinite = (value: number): boolean => value === Infinity || value === -Infinity;
  for (let d = from; d < to; d++) {
    for (const [c, column] of channels.entries()) {
      const value = record.drivers[d * channels.length + c]!;
      if (infinite(value) || (Number.isNaN(value) && record.complete[d])) return { ...placeOf(site, d), column, value };
    }
    for (const [f, column] of FLUXES.entries()) {
      const value = record.targets[d * FLUXES.length + f]!;
      if (infinite(value)) return { ...placeOf(site, d), column, value };
    }
    if (infinite(weight[d]!)) return { ...placeOf(site, d), column: "nee_qc", value: record.qc[d]! };
  }
  return null;
}

/** The window of the largest loss, and the day of its largest error counted from the window's start; a loss without a number is larger than any. */
function worstWindow({ batch, model, rule, channels, queries }: FailedBatch): { query: Query; day: number; loss: number } | null {
  if (batch === null) return null;
  const tensors = toTensors(batch, rule, channels.length);
  const prediction = tf.tidy(() => model.forward(tensors.inputs, { training: false, lastDays: rule.lossDays }).dataSync()); // [batch, lossDays, flux]
  disposeBatch(tensors);
  const size = (value: number): number => (Number.isNaN(value) ? Infinity : value);
  const F = FLUXES.length;
  let worst = { query: queries[0]!, day: 0, loss: -1 };
  queries.forEach((query, b) => {
    let [loss, day, largest] = [0, 0, -1];
    for (let d = 0; d < rule.lossDays; d++) {
      const at = b * rule.lossDays + d;
      let error = 0;
      for (let f = 0; f < F; f++) error += batch.valid[at * F + f]! * batch.weight[at]! * (prediction[at * F + f]! - batch.y[at * F + f]!) ** 2;
      loss += size(error);
      if (size(error) > largest) [largest, day] = [size(error), d];
    }
    if (loss > worst.loss) worst = { query, day: rule.window - rule.lossDays + day, loss };
  });
  return worst;
}

/** The driver or flux farthest from its mean in these windows. */
function extremeValue({ sites, rule, channels }: FailedBatch, queries: readonly Query[]): (Suspect & { readonly z: number }) | null {
  let found: { site: PreparedSite; day: number; column: string; value: number; z: number } | null = null;
  for (const query of queries) {
    const site = sites[query.site]!;
    const look = (names: readonly string[], z: Float32Array, values: Float32Array, from: number): void => {
      for (let d = query.start + from; d < query.start + rule.window; d++) {
        names.forEach((column, c) => {
          const at = d * names.length + c;
          if (Math.abs(z[at]!) > Math.abs(found?.z ?? 0)) found = { site, day: d, column, value: values[at]!, z: z[at]! };
        });
      }
    };
    look(channels, site.x, site.record.drivers, 0);
    look(FLUXES, site.y, site.record.targets, rule.window - rule.lossDays);
  }
  if (found === null) return null;
  const { site, day, column, value, z } = found as { site: PreparedSite; day: number; column: string; value: number; z: number };
  return { ...placeOf(site, day), column, value, z };
}

function placeOf({ record }: PreparedSite, day: number): { site: string; date: string } {
  return { site: record.site.site, date: formatDay(asDay(record.first + day)) };
}
