import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../../core/errors";
import { projectRoot } from "../../core/files";

/** A C function of the library; all but the version and the last message return 0 when they worked. */
export type CFunction = (...args: unknown[]) => unknown;

/** XGBoost's C library, opened. */
export interface XgboostLibrary {
  readonly file: string;
  readonly version: string;
  /** a function by its C prototype */
  bind(prototype: string): CFunction;
  /** `count` values copied from where the library left them */
  read(pointer: unknown, type: "float", count: number): Float32Array;
  read(pointer: unknown, type: "uint8_t", count: number): Uint8Array;
}

/** Model files and calls are those of this major version. */
const MAJOR = 3;
const CURE = "run npm run setup and read its messages, or name another libxgboost of version 3 with TAMRL_XGBOOST";

/** Where set-up lays the library out of its wheel. @example xgboostFile("/src", "linux") // "/src/.cache/xgboost/xgboost/lib/libxgboost.so" */
export function xgboostFile(root = projectRoot(), platform: string = process.platform): string {
  const name = platform === "win32" ? "xgboost.dll" : platform === "darwin" ? "libxgboost.dylib" : "libxgboost.so";
  return path.join(root, ".cache", "xgboost", "xgboost", "lib", name);
}

/**
 * Opens XGBoost's C library: the one that TAMRL_XGBOOST names, else set-up's.
 * @throws WorkbookError MissingPart when it is not there, does not load or is of another major version, with the cure
 * @source XGBoost C API, Chen & Guestrin 2016, doi:10.1145/2939672.2939785
 * @example openXgboostLibrary().version // "3.2.0"
 */
export function openXgboostLibrary(file = process.env["TAMRL_XGBOOST"] || xgboostFile()): XgboostLibrary {
  if (!fs.existsSync(file)) throw missing(`there is none at ${file}`, file);
  let library: ReturnType<(typeof import("koffi"))["load"]>;
  let koffi: typeof import("koffi");
  let version: string;
  try {
    koffi = require("koffi") as typeof import("koffi");
    library = waitingPatiently(() => koffi.load(file));
    const parts = [[0], [0], [0]];
    library.func("void XGBoostVersion(_Out_ int *major, _Out_ int *minor, _Out_ int *patch)")(...parts);
    version = parts.join(".");
  } catch (cause) {
    throw missing(`${file} does not load (${String((cause as Error).message).split("\n")[0]})`, file, cause);
  }
  if (!version.startsWith(`${MAJOR}.`)) throw missing(`${file} is version ${version}`, file);
  const read = (pointer: unknown, type: "float" | "uint8_t", count: number): never => koffi.decode(pointer, koffi.array(type, count, "Typed")).slice() as never;
  return { file, version, bind: (prototype) => library.func(prototype) as CFunction, read };
}

/**
 * Loads with OpenMP told to let idle threads sleep, which it reads once, at load: beside other work on the same processors its spinning
 * threads doubled the time of a round; alone it makes no difference. What the environment says already holds.
 */
function waitingPatiently<T>(load: () => T): T {
  const before = process.env["OMP_WAIT_POLICY"];
  process.env["OMP_WAIT_POLICY"] = before ?? "passive";
  try {
    return load();
  } finally {
    if (before === undefined) delete process.env["OMP_WAIT_POLICY"];
  }
}

function missing(found: string, file: string, cause?: unknown): WorkbookError {
  return new WorkbookError("MissingPart", `xgboost: the XGBoost library, version ${MAJOR}, is required for model xgboost, ${found}; ${CURE}`, { file, cause });
}
