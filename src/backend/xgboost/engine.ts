import { WorkbookError } from "../../core/errors";
import { openXgboostLibrary, type XgboostLibrary } from "./library";

/** Rows to learn from: x `[row, feature]`, NaN = missing; y and weight `[row]`. */
export interface XgboostRows {
  readonly rows: number;
  readonly width: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly weight: Float32Array;
}

/** Rows in the library's own memory, about 8 bytes a value; the caller disposes. */
export interface XgboostMatrix {
  readonly rows: number;
  readonly handle: unknown;
  dispose(): void;
}

/** A gradient-boosted ensemble of trees in the library; the caller disposes. */
export interface XgboostBooster {
  /** grows the trees of one round, the first is 0 */
  update(round: number, train: XgboostMatrix): void;
  /** the evaluation metric on `rows`, weighted by their weights */
  evaluate(round: number, rows: XgboostMatrix): number;
  /** predictions `[row]` */
  predict(rows: XgboostMatrix): Float32Array;
  /** the first `rounds` rounds as a booster of their own; the caller disposes of it too */
  firstRounds(rounds: number): XgboostBooster;
  /** the model as UBJSON, XGBoost's own format: readable by XGBoost in any language */
  save(): Uint8Array;
  dispose(): void;
}

/** XGBoost through its C interface. */
export interface XgboostEngine {
  readonly version: string;
  matrix(rows: Pick<XgboostRows, "rows" | "width" | "x"> & Partial<XgboostRows>): XgboostMatrix;
  booster(parameters: Readonly<Record<string, string | number>>, train: XgboostMatrix, others?: readonly XgboostMatrix[]): XgboostBooster;
  load(model: Uint8Array): XgboostBooster;
}

const PROTOTYPES = {
  lastError: "const char *XGBGetLastError()",
  matrix: "int XGDMatrixCreateFromMat(const float *data, uint64_t rows, uint64_t columns, float missing, _Out_ void **out)",
  setFloats: "int XGDMatrixSetFloatInfo(void *matrix, const char *field, const float *data, uint64_t length)",
  freeMatrix: "int XGDMatrixFree(void *matrix)",
  booster: "int XGBoosterCreate(void **matrices, uint64_t length, _Out_ void **out)",
  parameter: "int XGBoosterSetParam(void *booster, const char *name, const char *value)",
  update: "int XGBoosterUpdateOneIter(void *booster, int round, void *train)",
  evaluate: "int XGBoosterEvalOneIter(void *booster, int round, void **matrices, const char **names, uint64_t length, _Out_ const char **out)",
  predict: "int XGBoosterPredictFromDMatrix(void *booster, void *matrix, const char *config, _Out_ void **shape, _Out_ uint64_t *dimensions, _Out_ void **out)",
  slice: "int XGBoosterSlice(void *booster, int begin, int end, int step, _Out_ void **out)",
  save: "int XGBoosterSaveModelToBuffer(void *booster, const char *config, _Out_ uint64_t *length, _Out_ void **out)",
  load: "int XGBoosterLoadModelFromBuffer(void *booster, const uint8_t *data, uint64_t length)",
  freeBooster: "int XGBoosterFree(void *booster)",
} as const;
type Call = keyof typeof PROTOTYPES;

const PREDICT = JSON.stringify({ type: 0, training: false, iteration_begin: 0, iteration_end: 0, strict_shape: false });

/**
 * XGBoost, ready to train and predict.
 * @throws WorkbookError MissingPart where the library cannot be had
 * @source XGBoost C API 3.2
 * @example const engine = openXgboost(); engine.version // "3.2.0"
 */
export function openXgboost(library: XgboostLibrary = openXgboostLibrary()): XgboostEngine {
  const bound = Object.fromEntries(Object.entries(PROTOTYPES).map(([name, prototype]) => [name, library.bind(prototype)])) as Record<Call, (...args: unknown[]) => unknown>;
  const call = (name: Exclude<Call, "lastError">, ...args: unknown[]): void => {
    if (bound[name](...args) === 0) return;
    throw new WorkbookError("BadArgument", `xgboost: ${name}: values that XGBoost takes are required, it says: ${reason(String(bound.lastError()))}; look at the table's values, and at the memory left for large ones`);
  };
  const made = (name: Exclude<Call, "lastError">, ...args: unknown[]): unknown => {
    const out: unknown[] = [null];
    call(name, ...args, out);
    return out[0];
  };
  /** frees once, however often it is asked */
  const disposer = (name: "freeMatrix" | "freeBooster", handle: unknown): (() => void) => {
    let live = true;
    return () => {
      if (live) call(name, handle);
      live = false;
    };
  };
  const wrap = (handle: unknown): XgboostBooster => ({
    update: (round, train) => call("update", handle, round, train.handle),
    evaluate(round, rows) {
      const text = String(made("evaluate", handle, round, [rows.handle], ["rows"], 1));
      return Number(text.slice(text.lastIndexOf(":") + 1)); // "[0]\trows-rmse:0.53"
    },
    predict(rows) {
      if (rows.rows === 0) return new Float32Array(0);
      const [shape, dimensions, out]: unknown[][] = [[null], [0], [null]];
      call("predict", handle, rows.handle, PREDICT, shape, dimensions, out);
      return library.read(out![0], "float", rows.rows);
    },
    firstRounds: (rounds) => wrap(made("slice", handle, 0, rounds, 1)),
    save() {
      const [length, out]: unknown[][] = [[0], [null]];
      call("save", handle, JSON.stringify({ format: "ubj" }), length, out);
      return library.read(out![0], "uint8_t", Number(length![0]));
    },
    dispose: disposer("freeBooster", handle),
  });
  return {
    version: library.version,
    matrix({ rows, width, x, y, weight }) {
      const handle = made("matrix", x, rows, width, NaN);
      if (y) call("setFloats", handle, "label", y, rows);
      if (weight) call("setFloats", handle, "weight", weight, rows);
      return { rows, handle, dispose: disposer("freeMatrix", handle) };
    },
    booster(parameters, train, others = []) {
      const matrices = [train, ...others].map((m) => m.handle);
      const handle = made("booster", matrices, matrices.length);
      for (const [name, value] of Object.entries(parameters)) call("parameter", handle, name, String(value));
      return wrap(handle);
    },
    load(model) {
      const handle = made("booster", [], 0);
      call("load", handle, model, model.length);
      return wrap(handle);
    },
  };
}

/** XGBoost's message without its time, source file and stack. @example reason("[12:00:00] /src/a.cc:3: Label is NaN\nStack trace:") // "Label is NaN" */
function reason(message: string): string {
  return message.split("\n")[0]!.replace(/^\[[\d:]+\]\s*\S+:\d+:\s*/, "").trim();
}
