import { random } from "../../../src/core/random";
import type { HalfHourly } from "../../../src/data/half-hourly/half-hourly-table";

/** Made half-hours of one year and the fluxes they were made of. */
export interface MadeHalfHours {
  readonly table: HalfHourly;
  /** µmol CO₂ m⁻² s⁻¹ `[step]` */
  readonly gpp: Float64Array;
  readonly reco: Float64Array;
}

/** Below this u* the made tower loses respiration at night, m s⁻¹. */
export const MADE_THRESHOLD = 0.2;

/**
 * A year at 45° north with the equations that both partitions fit: a light response by day, Lloyd & Taylor's respiration, noise; calm nights hide respiration, a fifth of
 * the hours and ten days of July are missing.
 */
export function makeHalfHours(change: (columns: Map<string, Float32Array>) => void = () => undefined): MadeHalfHours {
  const draw = random(1, "half-hours");
  const [first, n] = [Date.UTC(2011, 0, 1) / 60_000, 8760];
  const start = Float64Array.from({ length: n }, (_, i) => first + 60 * i);
  const names = ["NEE", "TA", "SW_IN", "VPD", "USTAR"];
  const columns = new Map(names.map((name) => [name, new Float32Array(n)]));
  const [gpp, reco] = [new Float64Array(n), new Float64Array(n)];
  let [cloud, warm] = [1, 0];
  for (let i = 0; i < n; i++) {
    const [day, hour] = [Math.floor(i / 24), i % 24];
    if (hour === 0) [cloud, warm] = [0.3 + 0.7 * draw.uniform(), 2 * draw.normal()];
    const season = -Math.cos((2 * Math.PI * (day - 15)) / 365);
    const sun = Math.sin((45 * Math.PI) / 180) * Math.sin(0.41 * season) + Math.cos((45 * Math.PI) / 180) * Math.cos(0.41 * season) * Math.cos((Math.PI * (hour + 0.5 - 12)) / 12);
    const light = Math.max(0, 1100 * sun * cloud);
    const ta = 10 + 10 * season + warm + 5 * cloud * Math.sin((Math.PI * (hour - 9)) / 12);
    const greatest = 14 + 12 * season;
    gpp[i] = (0.05 * light * greatest) / (0.05 * light + greatest);
    reco[i] = (2 + 0.5 * season) * Math.exp(200 * (1 / 56.02 - 1 / (ta + 46.02)));
    const ustar = Math.min(1, 0.06 + (light > 0 ? 0.35 : 0.22) * Math.abs(draw.normal()));
    const seen = light > 0 ? 1 : Math.min(1, ustar / MADE_THRESHOLD);
    const missing = draw.uniform() < 0.2 || (day >= 190 && day < 200);
    columns.get("NEE")![i] = missing ? NaN : reco[i]! * seen - gpp[i]! + 0.3 * draw.normal();
    columns.get("TA")![i] = ta;
    columns.get("SW_IN")![i] = light;
    columns.get("VPD")![i] = Math.max(0, 0.35 * ta + 3 * cloud * Math.sin((Math.PI * (hour - 9)) / 12));
    columns.get("USTAR")![i] = ustar;
  }
  change(columns);
  const table: HalfHourly = { file: "made.csv", site: "XX-Mad", kind: "made", source: "simulated", stepMinutes: 60, start, utcOffset: null, columns, quality: new Map(), lat: 45, lon: 0, igbp: null, warnings: [] };
  return { table, gpp, reco };
}
