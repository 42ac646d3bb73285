import type { Random } from "../../core/random";

/** Families of functions of one variable, on which few-shot learners can be compared where the truth is known. */
export const FAMILIES = ["sine", "linear", "quadratic", "l1", "tanh"] as const;
export type Family = (typeof FAMILIES)[number];

/** Where x is drawn from. */
export const DOMAIN = [-5, 5] as const;

/** A function of a family: its task. */
export interface FunctionTask {
  readonly family: Family;
  /** what was drawn, by name */
  readonly parameters: Readonly<Record<string, number>>;
  value(x: number): number;
}

/** Points of many tasks. */
export interface FunctionPoints {
  readonly tasks: readonly FunctionTask[];
  readonly points: number;
  /** `[task, point]` */
  readonly x: Float32Array;
  /** `[task, point]`, noise added */
  readonly y: Float32Array;
}

/**
 * Draws a function: sine A·sin(x − φ), A in [0.1, 5], φ in [0, π]; linear a·x + b; quadratic ±α·(x − c)² + b, α in [0.02, 0.15];
 * l1 a·|x − c| + b; tanh a·tanh(x − c) + b; a, b and c in [−3, 3].
 * @source families: arXiv 2310.04727, after Vuorio et al. 2019, arXiv 1910.13616; ranges: the defaults of the code released with the latter
 * @example drawFunction("sine", random(1, "functions")).value(0)
 */
export function drawFunction(family: Family, r: Random): FunctionTask {
  const within = (low: number, high: number): number => low + (high - low) * r.uniform();
  const any = (): number => within(-3, 3);
  if (family === "sine") {
    const [amplitude, phase] = [within(0.1, 5), within(0, Math.PI)];
    return { family, parameters: { amplitude, phase }, value: (x) => amplitude * Math.sin(x - phase) };
  }
  if (family === "linear") {
    const [slope, intercept] = [any(), any()];
    return { family, parameters: { slope, intercept }, value: (x) => slope * x + intercept };
  }
  if (family === "quadratic") {
    const [centre, bias, sign] = [any(), any(), r.uniform() < 0.5 ? -1 : 1];
    const curvature = sign * within(0.02, 0.15);
    return { family, parameters: { curvature, centre, bias }, value: (x) => curvature * (x - centre) ** 2 + bias };
  }
  const [slope, centre, bias] = [any(), any(), any()];
  const shape = family === "l1" ? Math.abs : Math.tanh;
  return { family, parameters: { slope, centre, bias }, value: (x) => slope * shape(x - centre) + bias };
}

/**
 * Draws `each` functions of each family and `points` points of each, x even over the domain, normal noise of `noise` standard deviations on y.
 * @source noise 0.3 in arXiv 1910.13616
 * @example drawPoints(FAMILIES, 25, 10, 0.3, random(1, "train"))
 */
export function drawPoints(families: readonly Family[], each: number, points: number, noise: number, r: Random): FunctionPoints {
  const tasks = families.flatMap((family) => Array.from({ length: each }, () => drawFunction(family, r)));
  const x = new Float32Array(tasks.length * points);
  const y = new Float32Array(x.length);
  tasks.forEach((task, t) => {
    for (let p = t * points; p < (t + 1) * points; p++) {
      x[p] = DOMAIN[0] + (DOMAIN[1] - DOMAIN[0]) * r.uniform();
      y[p] = task.value(x[p]!) + noise * r.normal();
    }
  });
  return { tasks, points, x, y };
}
