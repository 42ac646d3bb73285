import type { Igbp, KoppenDetail } from "../../core/quantities";

/** How the leaf area of a class goes through the year. */
export type LeafHabit = "index" | "crop" | "none";

/** What an IGBP class is made of. Site-to-site spread comes from the traits, not from here. */
export interface Biome {
  /** share of the network's towers, relative */
  readonly share: number;
  /** climates of its towers, with weights; the main classes are filled by weight, the detailed ones drawn */
  readonly climates: Readonly<Partial<Record<KoppenDetail, number>>>;
  /** leaf area index of a full canopy in a good climate, m² m⁻² */
  readonly leafArea: number;
  /** share of that leaf area that stays through the dormant season */
  readonly evergreen: number;
  /** stem and branch area index, m² m⁻²: what stands above the snow */
  readonly stems: number;
  /** share of tall vegetation in the leaf area */
  readonly tall: number;
  /** maximum light-use efficiency of MOD17, g C MJ⁻¹ */
  readonly lightUse: number;
  /** plant-available water at capacity relative to the network's typical store */
  readonly store: number;
  /** respiration relative to photosynthesis, against the network's mean: harvest export and waterlogging lower it */
  readonly respiration: number;
  /** memory of photosynthesis for past temperature, days */
  readonly memory: number;
  readonly habit: LeafHabit;
  /** a water table holds the store at least this full */
  readonly waterTable: number;
}

const biome = (share: number, climates: Biome["climates"], leafArea: number, evergreen: number, stems: number, tall: number, lightUse: number, rest: Partial<Biome> = {}): Biome =>
  ({ share, climates, leafArea, evergreen, stems, tall, lightUse, store: 1, respiration: 1, memory: 4, habit: "index", waterTable: 0, ...rest });

/**
 * The sixteen classes. Shares and climates follow the benchmark's tower list; light-use efficiency is MOD17's biome table; leaf area
 * follows the global compilation of field measurements; memory of past temperature is longest in evergreen conifers.
 * @source CarbonFluxBench, arXiv 2603.09868 (shares); Running & Zhao 2015, MOD17 user's guide v3, Table 2.1 (light use);
 * Asner et al. 2003, doi:10.1046/j.1466-822X.2003.00026.x (leaf area); Mäkelä et al. 2008, doi:10.1111/j.1365-2486.2007.01463.x (memory)
 */
export const BIOMES: Readonly<Record<Igbp, Biome>> = {
  ENF: biome(33, { Dfb: 8, Dfc: 12, Dwb: 1, Dsb: 1, Dsc: 0.5, Cfb: 5, Csa: 1, Csb: 2, Cfa: 2, BSk: 1, ET: 1 }, 4.4, 0.8, 1.6, 0.95, 0.962, { memory: 9 }),
  GRA: biome(25, { Dfb: 6, Dwb: 1, Dfa: 2, Dwa: 0.5, Dfc: 1, Cfb: 5, Cfa: 1.5, Csa: 1.5, Cfc: 0.5, BSk: 3, BSh: 1, BWk: 0.5, ET: 2, Aw: 0.6 }, 3.2, 0.15, 0.05, 0.02, 0.86, { store: 0.7 }),
  DBF: biome(21, { Dfb: 6, Dfa: 5, Dwa: 1, Dwb: 1, Cfa: 4, Cfb: 3, Aw: 1 }, 4.8, 0.05, 1.2, 0.95, 1.165, { store: 1.2 }),
  CRO: biome(20, { Dfa: 6, Dfb: 4, Dwa: 0.5, Cfb: 5, Cfa: 2, Csa: 1, Cwa: 0.6, BSk: 1 }, 4.4, 0.05, 0.02, 0.02, 1.044, { respiration: 0.86, habit: "crop" }),
  WET: biome(16, { Dfc: 6, Dfb: 5, Cfb: 2, Cfa: 1, Af: 1, ET: 2 }, 2.6, 0.25, 0.15, 0.15, 0.9, { respiration: 0.93, waterTable: 0.75 }),
  OSH: biome(8, { BSk: 1.5, BSh: 1, BWh: 1, BWk: 1, Dfc: 1, ET: 1, Csa: 1 }, 1.5, 0.5, 0.3, 0.3, 0.841, { store: 0.8 }),
  EBF: biome(8, { Af: 2, Am: 2, Cfb: 1.5, Csa: 1, Cfa: 1, Cwa: 0.5 }, 5.2, 0.85, 1.6, 0.98, 1.268, { store: 1.7, memory: 6 }),
  MF: biome(6, { Dfb: 4, Dwb: 0.5, Cfb: 1, Cwa: 0.5 }, 4.6, 0.45, 1.4, 0.95, 1.051, { memory: 6, store: 1.1 }),
  WSA: biome(5, { Aw: 2, BSh: 1, Csa: 1, BSk: 0.6 }, 2.3, 0.5, 0.7, 0.6, 1.239, { store: 1.2 }),
  SAV: biome(4, { Aw: 2, BSh: 1.3, Csa: 0.6 }, 2, 0.35, 0.4, 0.35, 1.206, { store: 1.1 }),
  CSH: biome(4, { Csa: 1, BSk: 1, Dfb: 1, Csb: 0.6 }, 2.6, 0.65, 0.5, 0.5, 1.281, {}),
  DNF: biome(2, { Dfc: 0.5, Dwc: 1, Dfd: 0.5, Dwd: 0.3 }, 3.2, 0.1, 1.1, 0.95, 1.086, {}),
  CVM: biome(2, { Cfa: 1, Dfb: 1, Cfb: 0.3 }, 3.6, 0.25, 0.4, 0.4, 1.0, { respiration: 0.95 }),
  SNO: biome(2, { EF: 1, ET: 1 }, 0, 0, 0, 0, 0.8, { habit: "none" }),
  WAT: biome(2, { Dfb: 1, Cfb: 1 }, 0.1, 0.3, 0, 0, 0.8, { waterTable: 1, habit: "index" }),
  URB: biome(2, { Cfa: 1, Dfb: 1, Cfb: 0.5 }, 0.25, 0.3, 1.2, 0.6, 0.9, {}),
};
