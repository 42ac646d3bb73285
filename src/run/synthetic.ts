import { openBackend, tf } from "../backend/tf";
import { WorkbookError } from "../core/errors";
import { nearest } from "../core/nearest";
import { counter, silent, type Progress } from "../core/progress";
import { random, type Random } from "../core/random";
import { drawPoints, FAMILIES, type Family, type FunctionPoints } from "../data/synthetic/families";
import { fewShotRegressor, POINT_CHANNELS, type FewShotRegressor } from "../model/few-shot-regressor";
import { gradients } from "../model/gradients";
import { mamlRegressor, type MamlRegressor } from "../model/maml-regressor";
import { adam } from "../model/optimiser";

/** An experiment on the synthetic families. */
export interface FamiliesOptions {
  /** default all five, learnt by one model each of TAM-RL and MAML */
  readonly families?: readonly Family[];
  /** points shown of a new function; default 5 */
  readonly support?: number;
  /** points asked of it; default 5 in training and in the test */
  readonly query?: number;
  /** standard deviation of the noise on y, in support and query; default 0.3, so that no mean squared error can be below 0.09 */
  readonly noise?: number;
  /** training steps; default 2000 */
  readonly steps?: number;
  /** functions of each family in a step; default 10 */
  readonly tasks?: number;
  /** functions of each family in the test; default 400 */
  readonly testTasks?: number;
  readonly hidden?: number;
  readonly latent?: number;
  readonly lr?: number;
  /** MAML: default 0.1, 5 steps, exact gradient */
  readonly innerRate?: number;
  readonly innerSteps?: number;
  readonly order?: 1 | 2;
  readonly seed?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** Error on functions not met in training. */
export interface FamilyScore {
  readonly family: Family;
  readonly model: "tamrl" | "maml";
  /** points shown; 0 = not adapted */
  readonly k: number;
  readonly n_tasks: number;
  /** mean squared error over tasks and query points, and its standard error over tasks */
  readonly mse: number;
  readonly mse_se: number;
}

const DEFAULTS = { families: FAMILIES, support: 5, query: 5, noise: 0.3, steps: 2000, tasks: 10, testTasks: 400, hidden: 40, latent: 32, lr: 1e-3, innerRate: 0.1, innerSteps: 5, order: 2 as const, seed: 1 };
const KEYS: readonly string[] = [...Object.keys(DEFAULTS), "progress", "signal"];
/** x and y are shown to the networks in these units, about their spread. */
const SCALE = { x: 5, y: 5 } as const;

/**
 * Trains few-shot TAM-RL and MAML on functions drawn from the families and judges both on new ones, with and without support points: one
 * row a family, model and number of points. Both have the same perceptron, the same functions in the same order and Adam.
 * @throws WorkbookError BadArgument for an impossible size, NotFinite where training fails
 * @source arXiv 2310.04727 (synthetic data); Vuorio et al. 2019, arXiv 1910.13616 (families, 5 points, noise)
 * @example toMarkdown(await syntheticFamilies({ steps: 500 }))
 */
export async function syntheticFamilies(options: FamiliesOptions = {}): Promise<FamilyScore[]> {
  for (const key of Object.keys(options)) {
    if (!KEYS.includes(key)) throw new WorkbookError("BadArgument", `syntheticFamilies: known options only, got ${key}; nearest ${nearest(key, KEYS)[0]}`, { column: key });
  }
  const given = Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined));
  const o = { ...DEFAULTS, ...given };
  check(o);
  await openBackend();
  const tamrl = fewShotRegressor(o, o.seed);
  const maml = mamlRegressor(o, o, o.seed);
  const optimisers = { tamrl: adam(tamrl.parameters, { lr: o.lr }), maml: adam(maml.parameters, { lr: o.lr }) };
  const report = counter("synthetic families", o.steps, options.progress ?? silent);
  try {
    for (let step = 1; step <= o.steps; step++) {
      const r = random(o.seed, `families step ${step}`);
      const batch = tensorsOf(drawPoints(o.families, o.tasks, o.support + o.query, o.noise, r.split("points")), o.support, shown(o, r.split("shown")));
      const loss = { tamrl: stepTamRl(tamrl, batch, optimisers.tamrl), maml: stepMaml(maml, batch, optimisers.maml) };
      tf.dispose(Object.values(batch));
      for (const [name, value] of Object.entries(loss)) {
        if (!Number.isFinite(value)) throw new WorkbookError("NotFinite", `syntheticFamilies: a finite loss is required, got ${value} for ${name} in step ${step}; lower ${name === "maml" ? "innerRate or lr" : "lr"}`);
      }
      if (step % 50 === 0 || step === o.steps) {
        report(step, `TAM-RL ${loss.tamrl.toFixed(4)}, MAML ${loss.maml.toFixed(4)}`);
        await new Promise((resolve) => setImmediate(resolve));
        if (options.signal?.aborted) throw new WorkbookError("Interrupted", "syntheticFamilies: stopped as asked; nothing was written");
      }
    }
    const test = drawPoints(o.families, o.testTasks, o.support + o.query, o.noise, random(o.seed, "families test"));
    return [0, o.support].flatMap((k) => judge(tamrl, maml, test, k, o));
  } finally {
    for (const part of [tamrl, maml, ...Object.values(optimisers)]) part.dispose();
  }
}

function check(o: Record<string, unknown>): void {
  for (const key of ["support", "query", "steps", "tasks", "testTasks", "hidden", "latent", "innerSteps"]) {
    const value = o[key];
    if (typeof value !== "number" || !Number.isInteger(value) || value < 1) throw new WorkbookError("BadArgument", `syntheticFamilies: ${key}: a whole number of at least 1 required, got ${String(value)}`, { column: key });
  }
  const unknown = (o["families"] as readonly string[]).find((f) => !(FAMILIES as readonly string[]).includes(f));
  if (unknown !== undefined || (o["families"] as readonly string[]).length === 0) throw new WorkbookError("BadArgument", `syntheticFamilies: families: some of ${FAMILIES.join(", ")} required, got ${unknown ?? "none"}`, { column: "families" });
}

/** Points, scaled: support x and y [task, support, 1], what TAM-RL sees of them [task, support, 3], query [task, query, 1]. */
interface FamilyBatch {
  readonly x: tf.Tensor3D;
  readonly y: tf.Tensor3D;
  readonly seen: tf.Tensor3D;
  readonly query: tf.Tensor3D;
  readonly target: tf.Tensor3D;
}

/** How many points of each task TAM-RL is shown in a training step: all in half of the tasks, else any number from none. */
function shown({ families, tasks, support }: { families: readonly Family[]; tasks: number; support: number }, r: Random): number[] {
  return Array.from({ length: families.length * tasks }, () => (r.uniform() < 0.5 ? support : r.int(support + 1)));
}

function tensorsOf({ tasks, points, x, y }: FunctionPoints, support: number, show: readonly number[]): FamilyBatch {
  const n = tasks.length;
  const query = points - support;
  const part = (values: Float32Array, from: number, count: number, scale: number): tf.Tensor3D =>
    tf.tensor3d(Float32Array.from({ length: n * count }, (_, i) => values[Math.floor(i / count) * points + from + (i % count)]! / scale), [n, count, 1]);
  const seen = new Float32Array(n * support * POINT_CHANNELS);
  for (let t = 0; t < n; t++) for (let p = 0; p < show[t]!; p++) {
    seen.set([x[t * points + p]! / SCALE.x, y[t * points + p]! / SCALE.y, 1], (t * support + p) * POINT_CHANNELS);
  }
  return {
    x: part(x, 0, support, SCALE.x), y: part(y, 0, support, SCALE.y), seen: tf.tensor3d(seen, [n, support, POINT_CHANNELS]),
    query: part(x, support, query, SCALE.x), target: part(y, support, query, SCALE.y),
  };
}

function stepTamRl(model: FewShotRegressor, { seen, query, target }: FamilyBatch, optimiser: ReturnType<typeof adam>): number {
  return take(gradients(model.parameters, () => tf.square(tf.sub(model.forward(seen, query, true), target)).mean<tf.Scalar>()), optimiser);
}

function stepMaml(model: MamlRegressor, { x, y, query, target }: FamilyBatch, optimiser: ReturnType<typeof adam>): number {
  return take(model.metaGradients(x, y, query, target), optimiser);
}

function take({ value, grads }: { value: tf.Scalar; grads: Map<string, tf.Tensor> }, optimiser: ReturnType<typeof adam>): number {
  const number = value.dataSync()[0]!;
  if (Number.isFinite(number)) optimiser.step(grads);
  tf.dispose([value, ...grads.values()]);
  return number;
}

function judge(tamrl: FewShotRegressor, maml: MamlRegressor, test: FunctionPoints, k: number, o: { support: number; query: number; innerSteps: number }): FamilyScore[] {
  const batch = tensorsOf(test, o.support, test.tasks.map(() => k));
  const errors = (predict: () => tf.Tensor3D): Float32Array => tf.tidy(() => tf.square(tf.mul(tf.sub(predict(), batch.target), SCALE.y)).mean([1, 2]).dataSync() as Float32Array); // [task]
  const found = {
    tamrl: errors(() => tamrl.forward(batch.seen, batch.query, false)),
    maml: errors(() => maml.predict(batch.x, batch.y, batch.query, k === 0 ? 0 : o.innerSteps)),
  };
  tf.dispose(Object.values(batch));
  return [...new Set(test.tasks.map((t) => t.family))].flatMap((family) => (["tamrl", "maml"] as const).map((model) => {
    const own = [...found[model]].filter((_, t) => test.tasks[t]!.family === family);
    const mse = own.reduce((a, b) => a + b, 0) / own.length;
    const variance = own.reduce((a, b) => a + (b - mse) ** 2, 0) / Math.max(1, own.length - 1);
    return { family, model, k, n_tasks: own.length, mse, mse_se: Math.sqrt(variance / own.length) };
  }));
}
