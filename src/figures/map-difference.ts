import { FLUX_LABEL, type Flux } from "../core/quantities";
import type { XbaseSideBySide } from "../upscale/compare-xbase";
import type { Figure } from "./figure";
import { fixed } from "./fixed";
import { cellMap } from "./map";
import type { FieldContext } from "./map-fields";
import { divergingScale } from "./map-scale";
import { FLUX_STYLE } from "./style";

/**
 * Map of a flux less X-BASE's over common cells and months, on a scale centred on 0, with what must stand beside it.
 * @throws WorkbookError EmptyTable where no cell is common
 * @source method §9
 * @example differenceMap(await besideXbase("O.zarr", "data/raw/xbase-monthly"), "nee")
 */
export function differenceMap(comparison: XbaseSideBySide, flux: Flux, context: FieldContext = {}): Figure {
  const values = comparison.difference[flux] ?? new Float64Array(comparison.land.length).fill(NaN);
  const name = FLUX_STYLE[flux].label;
  const global = comparison.rows.find((r) => r.flux === flux && r.by === "all" && r.period === "mean year");
  const shown = (v: number | null | undefined): string => (v === null || v === undefined ? "–" : fixed(v, 2));
  return cellMap({
    name: `map-${flux}-xbase`, title: `${FLUX_LABEL[flux]} less X-BASE's`, column: `${flux}_difference`, unit: "g C m⁻² d⁻¹", frame: comparison.frame, values, land: comparison.land, period: comparison.period,
    missing: "land that both do not have", caption: `Mean ${name} less that of FLUXCOM-X-BASE over the cells and months that both have; cells above X-BASE are hatched.`,
    scale: divergingScale(`difference (g C m⁻² d⁻¹)`, values, "above X-BASE"), hatched: (value) => value >= 0,
    notes: [`Common cells and ${comparison.n_months} common months: ${name} ${shown(global?.own_mean)}, X-BASE ${shown(global?.xbase_mean)} g C m⁻² d⁻¹.`, ...comparison.words],
  }, { ...context, simulated: comparison.simulated });
}
