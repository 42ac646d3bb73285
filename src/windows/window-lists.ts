import type { SiteRecord } from "./record";
import { predictSupport, supportCandidates, type SupportSeason } from "./support";
import { predictionStarts } from "./windows";

/** Which support windows are taken at inference. */
export interface SupportRule {
  readonly window: number;
  readonly support_season: SupportSeason;
  readonly support_predict: number;
}

/**
 * Lists of windows, each made once for all that ask for it: the members of an ensemble and the classes of a cell look at the same days.
 * Records are one where they share the array of their complete days, as a cell under each of its classes does.
 * @example const lists = new WindowLists(); lists.starts(record, 45) === lists.starts({ ...record }, 45)
 */
export class WindowLists {
  private readonly made = new Map<Uint8Array, Map<string, Int32Array>>();

  /** As `predictionStarts`. */
  starts(record: SiteRecord, window: number): Int32Array {
    return this.once(record, `starts ${window}`, () => predictionStarts(record, window));
  }

  /** As `predictSupport`, of the record's own candidates. */
  support(record: SiteRecord, { window, support_season, support_predict }: SupportRule): Int32Array {
    return this.once(record, `support ${window} ${support_season} ${support_predict}`, () => Int32Array.from(predictSupport(supportCandidates(record, window, support_season), support_predict)));
  }

  private once({ complete }: SiteRecord, rule: string, make: () => Int32Array): Int32Array {
    const own = this.made.get(complete) ?? new Map<string, Int32Array>();
    this.made.set(complete, own);
    const list = own.get(rule) ?? make();
    own.set(rule, list);
    return list;
  }
}
