import type { Random } from "../../core/random";

/** Waves that make a field: enough for its values to be close to normal. */
const WAVES = 48;
const EARTH_KM = 6371.0088;

/** A smooth random field over the globe: a value at any place, degrees. */
export type Field = (lat: number, lon: number) => number;

/**
 * A random field of zero mean and unit variance whose correlation falls with distance d as exp(−d²/2·km²): a sum of waves through the
 * Earth's ball in random directions. Its value at a place depends on the seed alone, not on any grid.
 * @source Rahimi & Recht 2007, Random Features for Large-Scale Kernel Machines
 * @example randomField(700, random(1).split("fertility"))(51, 10)
 */
export function randomField(km: number, random: Random): Field {
  const scale = EARTH_KM / km;
  const waves = Array.from({ length: WAVES }, () => [scale * random.normal(), scale * random.normal(), scale * random.normal(), 2 * Math.PI * random.uniform()] as const);
  const size = Math.sqrt(2 / WAVES);
  return (lat, lon) => {
    const [phi, lambda] = [(lat * Math.PI) / 180, (lon * Math.PI) / 180];
    const [x, y, z] = [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
    let sum = 0;
    for (const [a, b, c, phase] of waves) sum += Math.cos(a * x + b * y + c * z + phase);
    return size * sum;
  };
}
