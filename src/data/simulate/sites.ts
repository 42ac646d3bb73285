import { IGBP, KOPPEN, type Igbp, type KoppenDetail } from "../../core/quantities";
import type { Random } from "../../core/random";
import { distanceKm, parseKoppen, type Site } from "../../core/sites";
import { allocate } from "./allocate";
import { BIOMES } from "./biomes";
import { climateOf } from "./climates";
import { drawNormals, type Normals } from "./normals";

/** A tower of the virtual network before it has a record. */
export interface Place {
  readonly site: Site & { readonly lat: number; readonly lon: number; readonly igbp: Igbp; readonly koppenDetail: KoppenDetail };
  /** towers of one cluster stand within 10 km of each other and share weather, climate and reanalysis cell */
  readonly cluster: number;
  readonly normals: Normals;
  /** height above the sea, m */
  readonly elevation: number;
}

interface Spot {
  readonly lat: number;
  readonly lon: number;
  readonly elevation: number;
  readonly normals: Normals;
}

/** Least distance between towers of different clusters, km: twice the 15 km at which the splits join sites into a cluster. */
const APART_KM = 30;

/**
 * The site list `[site]`: classes in the benchmark's proportions, positions in regions of their climate, one tower in four with a
 * neighbour within 10 km. At 64 towers and more every IGBP class has at least two.
 * @source CarbonFluxBench, arXiv 2603.09868 (frequencies of classes); method §3 (neighbours)
 * @example placeSites(160, random(1))[0].site.site // "VF-001"
 */
export function placeSites(count: number, random: Random): Place[] {
  const classes = random.split("order").shuffle(drawClasses(count, random.split("classes")));
  const clusterOf = pairUp(classes, Math.round(count / 8), random.split("pairs"));
  const spots = new Map<number, Spot>();
  const width = Math.max(3, String(count).length);
  return classes.map(({ igbp, detail }, i) => {
    const cluster = clusterOf[i]!;
    const first = spots.get(cluster);
    const stream = random.split(`place ${i}`);
    const spot = first ? beside(first, stream) : findSpot(detail, [...spots.values()], stream);
    if (!first) spots.set(cluster, spot);
    const id = `VF-${String(i + 1).padStart(width, "0")}`;
    const site = { site: id, lat: spot.lat, lon: spot.lon, igbp, koppen: parseKoppen(detail).koppen, koppenDetail: detail };
    return { site, cluster, normals: spot.normals, elevation: spot.elevation };
  });
}

interface Classes {
  readonly igbp: Igbp;
  readonly detail: KoppenDetail;
}

/** IGBP and main climate by apportionment, so that the margins hold for every seed; the detailed climate is drawn. */
function drawClasses(count: number, random: Random): Classes[] {
  const floor = count >= 64 ? 2 : count >= 16 ? 1 : 0;
  const perIgbp = allocate(count, IGBP.map((c) => BIOMES[c].share), floor);
  return IGBP.flatMap((igbp, k) => {
    const weights = Object.entries(BIOMES[igbp].climates) as [KoppenDetail, number][];
    const inMain = KOPPEN.map((main) => weights.filter(([detail]) => detail[0] === main));
    const counts = allocate(perIgbp[k]!, inMain.map((list) => list.reduce((a, [, w]) => a + w, 0)));
    return counts.flatMap((n, m) => Array.from({ length: n }, () => ({ igbp, detail: weightedPick(inMain[m]!, random) })));
  });
}

function weightedPick<T>(list: readonly (readonly [T, number])[], random: Random): T {
  let u = random.uniform() * list.reduce((a, [, w]) => a + w, 0);
  for (const [item, w] of list) if ((u -= w) < 0) return item;
  return list[list.length - 1]![0];
}

/** Cluster number of each site: `pairs` pairs of the same detailed climate, every other site alone. */
function pairUp(classes: readonly Classes[], pairs: number, random: Random): number[] {
  const byDetail = new Map<KoppenDetail, number[]>();
  classes.forEach(({ detail }, i) => byDetail.set(detail, [...(byDetail.get(detail) ?? []), i]));
  const candidates = [...byDetail.values()].flatMap((list) => {
    const mixed = random.shuffle(list);
    return Array.from({ length: Math.floor(mixed.length / 2) }, (_, p) => [mixed[2 * p]!, mixed[2 * p + 1]!] as const);
  });
  const clusterOf = classes.map((_, i) => i);
  for (const [a, b] of random.shuffle(candidates).slice(0, pairs)) clusterOf[Math.max(a, b)] = Math.min(a, b);
  return clusterOf;
}

function findSpot(detail: KoppenDetail, taken: readonly Spot[], random: Random): Spot {
  const regions = climateOf(detail).regions;
  for (let attempt = 0; ; attempt++) {
    const [south, north, west, east, low, high] = regions[random.int(regions.length)]!;
    const lat = round(south + (north - south) * random.uniform());
    const lon = round(west + (east - west) * random.uniform());
    // a crowded region gives way in the end: thousands of towers do not fit 30 km apart
    if (attempt < 500 && taken.some((other) => distanceKm(other, { lat, lon }) < APART_KM)) continue;
    const elevation = Math.round(low + (high - low) * random.uniform());
    return { lat, lon, elevation, normals: drawNormals(detail, lat >= 0, random) };
  }
}

/** A spot 1 to 9 km away, at most 60 m higher or lower. */
function beside(first: Spot, random: Random): Spot {
  const km = 1 + 8 * random.uniform();
  const bearing = 2 * Math.PI * random.uniform();
  const lat = round(first.lat + (km * Math.cos(bearing)) / 111.2);
  const lon = round(first.lon + (km * Math.sin(bearing)) / (111.2 * Math.cos((first.lat * Math.PI) / 180)));
  return { lat, lon, elevation: Math.max(0, Math.round(first.elevation + 120 * (random.uniform() - 0.5))), normals: first.normals };
}

const round = (degrees: number): number => Math.round(degrees * 1e4) / 1e4;
