import { saturation } from "../simulate/weather";
import { takeOutImpossible } from "./limits";
import { refuseMixedVpd } from "./mixed-vpd";
import { pickSensor, type Picked } from "./pick-sensor";
import type { ScannedRows } from "./scan";
import { sensorRule, testOf, type Sensor } from "./sensors";
import { halfHourlyVariable } from "./variables";

/** Values and flags by base name, of a file's rows. */
export interface Assembled {
  readonly columns: ReadonlyMap<string, Float32Array>;
  readonly quality: ReadonlyMap<string, Uint8Array>;
  readonly warnings: readonly string[];
}

const FLUXES = ["NEE", "FC", "LE", "H"];
/** Flag of a value that was not measured and whose filling nobody has graded. */
const FILLED = 2;
const NONE = 255;

/**
 * Makes the table of quantities from a file's sensors: one sensor each, fluxes without half-hours that failed the quality test, the team's
 * gap filling flagged, NEE from FC and its storage where the file has no NEE, VPD from temperature and humidity where it has none.
 * @source quality test 2 = not to be used: Foken et al. 2004, Handbook of Micrometeorology, ch. 9; NEE = FC + SC: Pastorello et al. 2020
 * @throws WorkbookError BadUnit
 */
export function assemble(file: string, site: string, sensors: readonly Sensor[], names: readonly string[], rows: ScannedRows, perDay: number): Assembled {
  const warnings: string[] = [];
  const columns = new Map<string, Float32Array>();
  const quality = new Map<string, Uint8Array>();
  for (const sensor of sensors) clean(file, site, sensor, names, rows, warnings);
  for (const base of new Set(sensors.map((s) => s.base))) {
    const of = sensors.filter((s) => s.base === base);
    const measured = pickSensor(file, of.filter((s) => !s.filled), rows, perDay);
    const filled = pickSensor(file, of.filter((s) => s.filled), rows, perDay);
    const taken = filled ?? measured;
    warnings.push(...(measured?.warnings ?? []), ...(filled?.warnings ?? []));
    if (taken === null) {
      warnings.push(`${file}: ${of.map((s) => s.name).join(", ")}: no value in the file`);
      continue;
    }
    if (of.length > 1) warnings.push(`${file}: ${base} is ${measured?.name ?? taken.name}${filled !== null && measured !== null ? `, its gaps from ${filled.name}` : ""}, of ${of.map((s) => s.name).join(", ")}`);
    const joined = filled === null ? { values: taken.values, flags: null } : withFilling(measured, filled);
    columns.set(base, joined.values);
    if (joined.flags !== null) quality.set(base, joined.flags);
  }
  if (sensors.some((s, k) => sensors.findIndex((o) => o.base === s.base && o.filled === s.filled) !== k)) warnings.push(`${file}: of several sensors one is taken: ${sensorRule}`);
  if (!columns.has("NEE") && columns.has("FC")) warnings.push(`${file}: ${neeFromFc(columns, quality)}`);
  if (columns.has("VPD") && columns.has("TA")) refuseMixedVpd({ file, site }, columns.get("VPD")!, columns.get("TA")!, rows);
  if (!columns.has("VPD") && columns.has("TA") && columns.has("RH")) {
    const [ta, rh] = [columns.get("TA")!, columns.get("RH")!];
    columns.set("VPD", ta.map((t, i) => Math.max(0, saturation(t) * (1 - rh[i]! / 100))));
    warnings.push(`${file}: VPD is made from TA and RH`);
  }
  return { columns, quality, warnings };
}

/** Takes impossible values and failed tests out of one sensor's column, in place. */
function clean(file: string, site: string, sensor: Sensor, names: readonly string[], rows: ScannedRows, warnings: string[]): void {
  const values = rows.numbers.get(sensor.index)!;
  const variable = halfHourlyVariable(sensor.base)!;
  const out = takeOutImpossible({ file, site, name: sensor.name, variable, values }, rows);
  if (out > 0) warnings.push(`${file}: ${sensor.name}: ${out} half-hours outside ${variable.range[0]}…${variable.range[1]} ${variable.unit} are left out`);
  const test = FLUXES.includes(sensor.base) && !sensor.filled ? rows.numbers.get(testOf(sensor, names)) : undefined;
  if (test === undefined) return;
  let failed = 0;
  for (let i = 0; i < values.length; i++) {
    if (test[i] !== 2 || values[i] !== values[i]) continue;
    values[i] = NaN;
    failed++;
  }
  if (failed > 0) warnings.push(`${file}: ${sensor.name}: ${failed} half-hours of quality test 2 are left out`);
}

/** The filled series with its flags: measured where it repeats the measured one; a filter of the team (u*) is thereby kept. */
function withFilling(measured: Picked | null, filled: Picked): { values: Float32Array; flags: Uint8Array } {
  const values = filled.values.map((v, i) => (v === v ? v : (measured?.values[i] ?? NaN)));
  const flags = new Uint8Array(values.length);
  for (let i = 0; i < flags.length; i++) {
    const [v, m] = [values[i]!, measured?.values[i] ?? NaN];
    flags[i] = v !== v ? NONE : Math.abs(v - m) <= 1e-3 * Math.max(1, Math.abs(m)) ? 0 : FILLED;
  }
  return { values, flags };
}

/** NEE from the turbulent flux, with its storage where that is known for at least half of it. Returns what was done. */
function neeFromFc(columns: Map<string, Float32Array>, quality: Map<string, Uint8Array>): string {
  const [fc, sc] = [columns.get("FC")!, columns.get("SC")];
  const known = fc.reduce((n, v) => n + (v === v ? 1 : 0), 0);
  const both = sc === undefined ? 0 : fc.reduce((n, v, i) => n + (v === v && sc[i] === sc[i] ? 1 : 0), 0);
  const flags = quality.get("FC");
  if (flags !== undefined) quality.set("NEE", flags);
  if (both < known / 2) {
    columns.set("NEE", fc);
    return `NEE is FC, without storage below the sensor: ${sc === undefined ? "the file has no SC" : `SC is known for ${both} of ${known} half-hours`}`;
  }
  columns.set("NEE", fc.map((v, i) => v + sc![i]!));
  return `NEE is FC + SC${known > both ? `; ${known - both} half-hours of FC without SC are left out` : ""}`;
}
