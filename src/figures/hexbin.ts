/** A hexagon's centre, in units of the data, and how many points lie in it. */
export interface Hexagon {
  readonly x: number;
  readonly y: number;
  readonly count: number;
}

/**
 * Counts points in regular hexagons, pointy side up, whose centres are `width` apart in x; pairs with a NaN are left out.
 * x and y share one unit and scale.
 * @source Carr et al. 1987, doi:10.1080/01621459.1987.10478445
 * @example hexbin([0, 0.1], [0, 0], 1) // [{ x: 0, y: 0, count: 2 }]
 */
export function hexbin(xs: ArrayLike<number>, ys: ArrayLike<number>, width: number): Hexagon[] {
  const height = (width * Math.sqrt(3)) / 2;
  const bins = new Map<string, { x: number; y: number; count: number }>();
  for (let i = 0; i < xs.length; i++) {
    if (Number.isNaN(xs[i]) || Number.isNaN(ys[i])) continue;
    const [column, row] = nearestCentre(xs[i]! / width, ys[i]! / height);
    const key = `${column},${row}`;
    const bin = bins.get(key);
    if (bin === undefined) bins.set(key, { x: column * width, y: row * height, count: 1 });
    else bin.count++;
  }
  return [...bins.values()].sort((a, b) => a.y - b.y || a.x - b.x);
}

/** Column (whole in even rows, half in odd ones) and row of the nearest centre: the better of the two nearest rows. */
function nearestCentre(x: number, y: number): [number, number] {
  const low = Math.floor(y);
  let best: [number, number] = [0, 0];
  let least = Infinity;
  for (const row of [low, low + 1]) {
    const shift = row % 2 === 0 ? 0 : 0.5;
    const column = Math.round(x - shift) + shift;
    const distance = (x - column) ** 2 + 0.75 * (y - row) ** 2;
    if (distance < least) [best, least] = [[column, row], distance];
  }
  return best;
}
