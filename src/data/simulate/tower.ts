import type { Random } from "../../core/random";
import type { Land } from "./land";
import type { SurfaceView } from "./reflectance";
import type { Weather } from "./weather";

/** What the tower's own instruments and the vegetation products give `[day]`; the vegetation is missing where the satellite saw nothing for weeks. */
export interface TowerView {
  readonly ta: Float32Array;
  readonly sw: Float32Array;
  readonly vpd: Float32Array;
  readonly rain: Float32Array;
  readonly pressure: Float32Array;
  readonly wind: Float32Array;
  readonly evi: Float32Array;
  readonly fapar: Float32Array;
}

const COMPOSITE_DAYS = 16;

/**
 * Tower meteorology with instrument error (a lasting calibration error and a daily one), and EVI and fAPAR of the box as composites of the
 * clear scenes of 16 days.
 * @source Huete et al. 2002, doi:10.1016/S0034-4257(02)00096-2 (EVI); Myneni et al. 2002,
 * doi:10.1016/S0034-4257(02)00074-3 (fAPAR)
 */
export function seeTower(weather: Weather, box: Land, surface: SurfaceView, random: Random): TowerView {
  const n = weather.ta.length;
  const column = (): Float32Array => new Float32Array(n);
  const view: TowerView = { ta: column(), sw: column(), vpd: column(), rain: column(), pressure: column(), wind: column(), evi: column().fill(NaN), fapar: column().fill(NaN) };
  const [sw, warm, damp, gauge] = [1 + 0.02 * random.normal(), 0.15 * random.normal(), 1 + 0.04 * random.normal(), 1 - 0.08 * random.uniform()];
  for (let i = 0; i < n; i++) {
    view.ta[i] = weather.ta[i]! + warm + 0.1 * random.normal();
    view.sw[i] = Math.max(0, weather.sw[i]! * sw * (1 + 0.015 * random.normal()));
    view.vpd[i] = Math.max(0, weather.vpd[i]! * damp * (1 + 0.03 * random.normal()));
    view.rain[i] = weather.rain[i]! * gauge;
    view.pressure[i] = weather.pressure[i]! + 0.02 * random.normal();
    view.wind[i] = Math.max(0, weather.wind[i]! * (1 + 0.04 * random.normal()));
  }
  const fapar = faparOf(box, random);
  composite(n, (i) => eviOf(surface, i), view.evi);
  composite(n, (i) => (clearScene(surface, i) ? fapar[i]! : NaN), view.fapar);
  return view;
}

const clearScene = (s: SurfaceView, i: number): boolean => s.clouds[i] === 0 || s.clouds[i] === 3;

function eviOf(s: SurfaceView, i: number): number {
  if (!clearScene(s, i)) return NaN;
  const [red, nir, blue] = [s.bands[0]![i]!, s.bands[1]![i]!, s.bands[2]![i]!];
  // over snow the index leaves its range; the products mask it
  return blue > 0.2 ? 0.05 : Math.min(1, Math.max(-0.2, (2.5 * (nir - red)) / (nir + 6 * red - 7.5 * blue + 1)));
}

function faparOf(box: Land, random: Random): Float64Array {
  return box.leafArea.map((leafArea) => Math.min(0.97, Math.max(0, 0.95 * (1 - Math.exp(-0.5 * leafArea)) + 0.03 * random.normal())));
}

/** The mean over each composite's clear scenes, drawn straight between composites at most two apart. */
function composite(n: number, valueAt: (i: number) => number, out: Float32Array): void {
  const count = Math.ceil(n / COMPOSITE_DAYS);
  const means = new Float64Array(count).fill(NaN);
  for (let c = 0; c < count; c++) {
    let [sum, k] = [0, 0];
    for (let i = c * COMPOSITE_DAYS; i < Math.min(n, (c + 1) * COMPOSITE_DAYS); i++) {
      const v = valueAt(i);
      if (!Number.isNaN(v)) {
        sum += v;
        k++;
      }
    }
    if (k > 0) means[c] = sum / k;
  }
  for (let i = 0; i < n; i++) {
    const at = (i - COMPOSITE_DAYS / 2) / COMPOSITE_DAYS;
    let a = Math.floor(at);
    while (a >= 0 && a > at - 3 && !(means[a]! === means[a]!)) a--;
    let b = Math.floor(at) + 1;
    while (b < count && b < at + 3 && !(means[b]! === means[b]!)) b++;
    const [va, vb] = [a >= 0 ? means[a]! : NaN, b < count ? means[b]! : NaN];
    if (!Number.isNaN(va) && !Number.isNaN(vb)) out[i] = va + ((vb - va) * (at - a)) / (b - a);
    else if (!Number.isNaN(va) && at - a < 2) out[i] = va;
    else if (!Number.isNaN(vb) && b - at < 2) out[i] = vb;
  }
}
