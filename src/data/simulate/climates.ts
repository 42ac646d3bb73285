import type { KoppenDetail } from "../../core/quantities";

/** A low and a high end. */
export type Span = readonly [number, number];

/** Where a climate is found: south, north, west, east (degrees) and lowest, highest ground (m). */
export type Region = readonly [south: number, north: number, west: number, east: number, low: number, high: number];

/** Spans from which the normals of one climate are drawn; draws that break the class's own rules are thrown away. */
export interface ClimateClass {
  /** mean annual temperature, °C */
  readonly mean: Span;
  /** half the difference between the warmest and the coldest month, °C */
  readonly swing: Span;
  /** annual precipitation, mm */
  readonly rain: Span;
  /** seasonality of rain: monthly rain ∝ exp(x · warmth of the month); above 0 summer rain, below 0 winter rain */
  readonly season: Span;
  /** leaf area a stand of its class reaches here, relative to the class's own */
  readonly leafiness: number;
  readonly regions: readonly Region[];
}

const climate = (mean: Span, swing: Span, rain: Span, season: Span, leafiness: number, ...regions: Region[]): ClimateClass => ({ mean, swing, rain, season, leafiness, regions });

/**
 * The climates in which the network has towers, and three more. Spans follow the climatologies shown per class by Peel et al. 2007 and Beck et al. 2018;
 * regions are land boxes inside the areas those maps show.
 * @source Peel et al. 2007, doi:10.5194/hess-11-1633-2007; Beck et al. 2018, doi:10.1038/sdata.2018.214
 */
export const CLIMATES: Readonly<Record<KoppenDetail, ClimateClass>> = {
  Af: climate([25, 27.5], [0.3, 1.2], [2000, 3400], [-0.25, 0.25], 1.05, [-5, 1, -71, -62, 60, 180], [-1, 3, 111, 116, 40, 300], [-1, 2, 18, 24, 350, 480]),
  Am: climate([24.5, 27], [0.5, 2], [2000, 2900], [0.5, 1], 1.05, [-6, -2, -58, -50, 30, 180], [4.5, 6.5, 9.5, 13, 250, 700]),
  Aw: climate([23, 27.5], [1.5, 4], [850, 1600], [0.9, 2], 0.8, [-16, -8, -55, -46, 250, 700], [9, 12, -4, 4, 180, 350], [-15.5, -13.5, 130.5, 134, 20, 200]),
  BWh: climate([18.5, 26], [6, 10], [70, 190], [-0.5, 1], 0.22, [29, 32, -114.5, -110.5, 200, 900], [-26, -22.5, 125, 135, 400, 650]),
  BWk: climate([6, 16], [10, 15], [70, 170], [-0.4, 1], 0.22, [38.5, 42, 98, 105, 1000, 1600], [37, 40.5, -118, -114.5, 1300, 1800]),
  BSh: climate([18.2, 26], [4, 9], [330, 620], [-0.6, 1.3], 0.5, [13, 14.8, -5, 8, 220, 420], [-33, -30.5, 140.5, 146, 60, 220], [31, 32.5, -111, -109.5, 900, 1400]),
  BSk: climate([4, 15], [9, 14], [250, 430], [-0.4, 1.1], 0.5, [40.6, 41.8, -1.5, 0.2, 200, 700], [36, 42, -106, -102, 1200, 1900], [43, 46, 112, 118, 900, 1300]),
  Csa: climate([14, 18], [7, 9.5], [480, 900], [-1.3, -0.6], 0.8, [37.8, 40.5, -8, -5, 200, 600], [41.8, 42.8, 11.8, 13, 100, 500], [38, 39.6, -121.4, -120.6, 100, 700]),
  Csb: climate([10, 14.5], [4.5, 8], [650, 1500], [-1.2, -0.6], 1, [41, 42.8, -8.2, -6, 300, 900], [44, 46, -123.2, -122, 100, 900], [-38, -36, -72.4, -71.8, 100, 500]),
  Cfa: climate([12.5, 20], [8, 12], [900, 1600], [-0.2, 0.5], 1.05, [32, 36, -90, -82, 80, 300], [-31.5, -28.5, 151, 152.6, 300, 900], [27, 30.5, 112, 118, 60, 400]),
  Cfb: climate([7.5, 13], [5, 9], [620, 1300], [-0.2, 0.3], 1, [47.5, 51.8, 1, 13, 60, 700], [-38.2, -37, 145, 147.8, 200, 900], [52, 54.2, -2.4, -0.8, 40, 250]),
  Cfc: climate([3, 6], [4, 6.5], [700, 1500], [-0.3, 0.2], 0.7, [60.2, 61.8, 5.8, 7.2, 100, 600], [64, 65.4, -21, -18, 100, 300]),
  Cwa: climate([16.5, 21.5], [6, 10], [850, 1500], [1.2, 1.9], 1, [23.5, 26.5, 100.5, 106, 800, 1800], [24.5, 27, 78.5, 84, 80, 250]),
  Cwb: climate([13, 16.5], [2.5, 5], [850, 1300], [1.2, 1.9], 0.95, [19.2, 20, -101, -98.5, 2000, 2600], [-27.4, -26, 28.5, 30, 1400, 1700]),
  Dsa: climate([7, 10.5], [12.5, 14.5], [420, 700], [-1.1, -0.65], 0.7, [38.4, 39.8, 38.5, 42, 1100, 1700]),
  Dsb: climate([3, 7.5], [9, 13], [450, 900], [-1.2, -0.65], 0.75, [44.2, 46, -118.6, -115, 1100, 1900], [39.8, 40.8, 40.5, 43, 1500, 2100]),
  Dsc: climate([-2, 2], [9.5, 13], [350, 700], [-1.1, -0.65], 0.6, [61.6, 63.5, -149.5, -145, 400, 900]),
  Dwa: climate([4, 10.5], [14, 18], [550, 900], [1.25, 2], 0.95, [41.2, 44, 123.5, 126.5, 120, 400], [37.2, 40, 112, 115, 800, 1300]),
  Dwb: climate([0.5, 5], [15, 18.5], [450, 700], [1.25, 2], 0.9, [44.2, 48, 125, 130, 200, 600]),
  Dwc: climate([-6, -0.5], [16, 22], [320, 550], [1.25, 2], 0.7, [50.5, 54, 107, 116, 600, 1000]),
  Dwd: climate([-14, -10], [28, 31], [180, 320], [1.2, 1.9], 0.5, [65.5, 67, 131, 138, 150, 500]),
  Dfa: climate([7, 11], [12.5, 16], [700, 1100], [0, 0.7], 1.05, [39.8, 42.4, -95, -84, 180, 320], [46, 47.4, 27, 28.8, 80, 250]),
  Dfb: climate([3, 8.5], [10.5, 15], [520, 1050], [0, 0.6], 0.95, [43.6, 47.8, -93, -72, 150, 600], [50.5, 57, 23.5, 38, 100, 250], [49.2, 50.8, 14, 19, 350, 900]),
  Dfc: climate([-5, 2.5], [11, 18], [380, 750], [0.1, 0.8], 0.65, [60.5, 67.2, 23.5, 31, 80, 350], [54, 58, -112, -98, 250, 500], [60.5, 65, 14.5, 18.5, 180, 500]),
  Dfd: climate([-13, -9.5], [29, 31], [200, 340], [0.3, 0.9], 0.5, [62.2, 65, 128, 136, 150, 400]),
  ET: climate([-12, 1], [6, 16], [200, 800], [-0.2, 0.8], 0.5, [68.6, 70.3, -156, -142, 10, 300], [32.5, 35.5, 92.5, 98, 4000, 4800], [46.5, 46.9, 9.8, 11.6, 2100, 2500]),
  EF: climate([-26, -14], [7, 13], [180, 500], [-0.2, 0.4], 0, [67.5, 75, -47, -39, 2000, 3000]),
  // these have no tower: only the grid meets them
  Csc: climate([3, 6.5], [4, 7], [700, 1500], [-1.2, -0.6], 0.7),
  Cwc: climate([4, 8], [3, 6], [700, 1200], [1.2, 1.9], 0.7),
  Dsd: climate([-14, -10], [26, 30], [250, 500], [-1.1, -0.65], 0.5),
};

/**
 * The climate of a class in the table.
 * @example climateOf("Dfb").mean // [3, 8.5]
 */
export function climateOf(detail: KoppenDetail): ClimateClass {
  return CLIMATES[detail];
}
