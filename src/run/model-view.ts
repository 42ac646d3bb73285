import { channelsOf, columnsOf, type FeatureSet } from "../core/columns";
import { WorkbookError } from "../core/errors";
import type { FeatureSets } from "../data/daily-table";
import type { SiteRecord } from "../windows/record";
import type { RunConfig } from "./config";

/** Channels that say what a satellite saw; ERA5-Land's leaf area is a climatology of the reanalysis and stays. */
const SATELLITE: readonly string[] = [...columnsOf("reflectance"), ...columnsOf("vegetation")];
const POSITION: readonly string[] = ["lat", "lon"];

/**
 * Channels of the feature set that the configuration lets the model see: `satellite` and `position` off take theirs away.
 * @param featureSets the benchmark's lists, where the table came with them
 * @throws WorkbookError BadConfig where a switch has nothing to switch off in this feature set
 * @example modelChannels({ ...DEFAULT_CONFIG, features: "tower", position: false }) // six tower channels
 */
export function modelChannels(config: Pick<RunConfig, "satellite"> & { readonly features: FeatureSet; readonly position: boolean }, featureSets?: FeatureSets): readonly string[] {
  const all = channelsOf(config.features, featureSets?.[config.features]);
  if (!config.satellite && !all.some((c) => SATELLITE.includes(c))) {
    throw new WorkbookError("BadConfig", `config: satellite: true is required with features ${config.features}, which have no satellite channel to leave out; choose minimal or tower-vi`, { column: "satellite" });
  }
  return all.filter((c) => (config.satellite || !SATELLITE.includes(c)) && (config.position || !POSITION.includes(c)));
}

/**
 * A record as the model may see it: with `static_inputs` off its classes are unknown, so that every one-hot is 0. Splits and class
 * weights are made of the full record before.
 * @example modelRecord(config, record).site.igbp // null with static_inputs off
 */
export function modelRecord(config: Pick<RunConfig, "static_inputs">, record: SiteRecord): SiteRecord {
  return config.static_inputs ? record : { ...record, site: { ...record.site, igbp: null, koppen: null, koppenDetail: null } };
}
