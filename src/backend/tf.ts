import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { WorkbookError } from "../core/errors";
import { threadCount } from "./threads";
import { replaceWasmSlices } from "./wasm-slices";
import { chooseKernel, type KernelName } from "./lstm/kernel";

/** The one TensorFlow.js of the process: the addon, the wasm backend and danfo share it. */
export { tf };

/** Where tensors are computed. */
export type BackendName = "tensorflow" | "wasm" | "cpu";

/** What computes and why; plain data for `doctor` and the run's log. */
export interface Backend {
  readonly backend: BackendName;
  /** the LSTM kernel in use */
  readonly kernel: KernelName;
  readonly device: string;
  /** one line for each choice made, with the cure where a faster part is missing */
  readonly why: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
}

/** Overrides of the automatic choice; without them the environment variables TAMRL_BACKEND, TAMRL_LSTM and TAMRL_THREADS hold. */
export interface BackendOptions {
  readonly backend?: BackendName | "auto";
  readonly kernel?: KernelName | "auto";
  /** threads of TensorFlow and of the fused LSTM; read once, when the addon loads */
  readonly threads?: number;
}

const BACKENDS: readonly BackendName[] = ["tensorflow", "wasm", "cpu"];

/**
 * Opens the fastest backend of this machine (tensorflow → wasm → cpu) and its fastest LSTM kernel, and makes it TensorFlow.js's current one.
 * @throws WorkbookError MissingPart when a backend or kernel is forced and cannot be had; BadConfig for an unknown name
 * @example const { backend, kernel, why } = await openBackend()
 */
export async function openBackend(options: BackendOptions = {}): Promise<Backend> {
  const wanted = options.backend ?? process.env["TAMRL_BACKEND"] ?? "auto";
  const threads = threadCount(options.threads);
  const names = wanted === "auto" || wanted === "" ? BACKENDS : BACKENDS.filter((name) => name === wanted);
  if (names.length === 0) {
    throw new WorkbookError("BadConfig", `openBackend: TAMRL_BACKEND must be ${BACKENDS.join(", ")} or auto, got "${wanted}"; correct or unset it`);
  }
  const why: string[] = [];
  for (const name of names) {
    const failed = await activate(name, threads);
    if (failed === null) {
      why.push(names.length === 1 ? `backend ${name}: asked for` : `backend ${name}: the fastest of ${BACKENDS.join(", ")} that loads here`);
      const kernel = chooseKernel(options.kernel ?? process.env["TAMRL_LSTM"] ?? "auto", why, threads);
      return { backend: name, kernel, device: deviceOf(name, threads), why, versions: versionsOf(name) };
    }
    if (names.length === 1) throw new WorkbookError("MissingPart", `openBackend: backend ${name} was asked for, ${failed}`);
    why.push(`backend ${name}: not used, ${failed}`);
  }
  throw new WorkbookError("MissingPart", `openBackend: one of ${BACKENDS.join(", ")} is required, none loads (${why.join("; ")}); run npm run setup`);
}

/** Makes `name` current; null when it worked, else the reason and its cure. */
async function activate(name: BackendName, threads: number): Promise<string | null> {
  try {
    if (name === "tensorflow") loadAddon(threads);
    if (name === "wasm") loadWasm();
    if (!(await tf.setBackend(name))) return "it did not start; run npm run setup and read its messages";
    if (name === "cpu") (tf.backend() as unknown as { firstUse: boolean }).firstUse = false; // else the first tensor prints a banner
    return null;
  } catch (error) {
    const message = String((error as Error).message).split("\n")[0]!.trim();
    return `it does not load (${message}); run npm run setup`;
  }
}

/** The addon's own entry registers its backend and kernels in our `tf`. */
function loadAddon(threads: number): void {
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "3";
  process.env["TF_NUM_INTRAOP_THREADS"] ??= String(threads);
  require("@tensorflow/tfjs-node-gpu");
}

function loadWasm(): void {
  const wasm = require("@tensorflow/tfjs-backend-wasm") as { setWasmPaths(prefix: string): void };
  // The prefix is fixed once the backend has started; asking for it again would only print a warning.
  if (tf.findBackend("wasm") === null || tf.getBackend() !== "wasm") wasm.setWasmPaths(path.dirname(require.resolve("@tensorflow/tfjs-backend-wasm")) + path.sep);
  replaceWasmSlices();
}

function deviceOf(name: BackendName, threads: number): string {
  const gpu = name === "tensorflow" && (tf.backend() as unknown as { isUsingGpuDevice: boolean }).isUsingGpuDevice;
  if (gpu) return "GPU";
  const used = name === "tensorflow" ? threads : 1;
  return `CPU, ${used} thread${used === 1 ? "" : "s"}`;
}

function versionsOf(name: BackendName): Record<string, string> {
  const versions: Record<string, string> = { node: process.versions.node, tfjs: tf.version_core };
  if (name === "tensorflow") versions["libtensorflow"] = (tf.backend() as unknown as { binding: { TF_Version: string } }).binding.TF_Version;
  return versions;
}
