import * as tf from "@tensorflow/tfjs";
import { WorkbookError } from "../core/errors";
import { threadCount } from "../core/threads";
import { withoutFaultHandlers } from "./fault-handlers";
import { guardHeap, wasmBackend, wasmFiles } from "./wasm-heap";
import { shareClones } from "./wasm-identity";
import { replaceWasmSlices } from "./wasm-slices";
import { wasmThreads } from "./wasm-threads";
import { prepareKernel, useKernel, type KernelName } from "./lstm/kernel";
import { addonNeeds, processorText } from "./processor";
import { readWish, routesFor, type BackendName, type Wish } from "./routes";
import { adapterName, isSoftware, registerWebgpu, webgpuBackend } from "./webgpu";

/** The one TensorFlow.js of the process: the addon, the wasm backend and danfo share it. */
export { tf };
export type { BackendName } from "./routes";

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

/**
 * Opens the fastest backend of this machine with its fastest LSTM kernel (cuda, fused, webgpu on a real GPU, hybrid, reference) and makes
 * it TensorFlow.js's current one. A forced kernel implies its backend.
 * @throws WorkbookError MissingPart when a backend or kernel is forced and cannot be had; BadConfig for an unknown name
 * @example const { backend, kernel, why } = await openBackend()
 */
export async function openBackend(options: BackendOptions = {}): Promise<Backend> {
  const wish = readWish(options.backend ?? process.env["TAMRL_BACKEND"], options.kernel ?? process.env["TAMRL_LSTM"]);
  if ("fault" in wish) throw new WorkbookError("BadConfig", `openBackend: ${wish.fault}`);
  const threads = threadCount(options.threads);
  const failures = new Map<string, string>();
  let active: BackendName | null = null;
  for (const { backend, kernel } of routesFor(wish)) {
    if (failures.has(`backend ${backend}`)) continue;
    if (active !== backend) {
      const failed = await activate(backend, threads, wish.backend === "webgpu");
      active = failed === null ? backend : active;
      if (failed !== null) {
        failures.set(`backend ${backend}`, failed);
        continue;
      }
    }
    const { missing, note } = prepareKernel(kernel, threads);
    if (missing !== null) {
      failures.set(`kernel ${kernel}`, missing);
      continue;
    }
    useKernel(kernel);
    const why = [
      ...[...failures].map(([what, reason]) => `${what}: not used, ${reason}`),
      `backend ${backend}: ${wish.backend !== "auto" ? "asked for" : wish.kernel !== "auto" ? `the one of kernel ${kernel}` : "the fastest that loads here"}${softwareNote()}`,
      `kernel ${kernel}: ${wish.kernel === "auto" ? "the fastest that runs here" : "asked for"}${note}`,
    ];
    return { backend, kernel, device: deviceOf(backend, threads), why, versions: versionsOf(backend) };
  }
  throw new WorkbookError("MissingPart", `openBackend: ${refusal(wish, failures)}`);
}

/** A device for tests says so wherever the choice is reported. */
function softwareNote(): string {
  const adapter = webgpuBackend()?.gpu;
  return adapter !== undefined && isSoftware(adapter) ? "; its device is software, for tests only and hundreds of times slower" : "";
}

/** Why nothing that was wished for can be had: the kernel's reason where its backend loads, else the backend's. */
function refusal({ backend, kernel }: Wish, failures: ReadonlyMap<string, string>): string {
  const asked = [...(kernel === "auto" ? [] : [`kernel ${kernel}`]), ...(backend === "auto" ? [] : [`backend ${backend}`])];
  const reason = asked.map((what) => failures.get(what)).find((r) => r !== undefined) ?? [...failures].map(([what, r]) => `${what} is not here: ${r}`).join("; ");
  return asked.length > 0 ? `${asked[0]} was asked for, ${reason}` : `a backend is required, none loads (${reason})`;
}

/** Makes `name` current; null when it worked, else the reason and its cure. */
async function activate(name: BackendName, threads: number, software: boolean): Promise<string | null> {
  try {
    if (name === "tensorflow") loadAddon(threads);
    if (name === "wasm") loadWasm();
    if (name === "webgpu") await registerWebgpu(software);
    if (!(await withoutFaultHandlers(() => tf.setBackend(name)))) return "it did not start; run npm run setup and read its messages";
    if (name === "wasm") guardHeap(wasmBackend()!);
    if (name === "cpu") (tf.backend() as unknown as { firstUse: boolean }).firstUse = false; // else the first tensor prints a banner
    return null;
  } catch (error) {
    const message = String((error as Error).message).split("\n")[0]!.trim();
    return name === "webgpu" ? message : `it does not load (${message}); run npm run setup`; // WebGPU's reasons name their own cure
  }
}

/** The addon's own entry registers its backend and kernels in our `tf`. */
function loadAddon(threads: number): void {
  const lacking = addonNeeds(processorText());
  if (lacking !== null) throw new Error(lacking);
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "3";
  process.env["TF_NUM_INTRAOP_THREADS"] ??= String(threads);
  process.env["TF_FORCE_GPU_ALLOW_GROWTH"] ??= "true"; // else the first program on a GPU takes all its memory
  require("@tensorflow/tfjs-node-gpu");
}

function loadWasm(): void {
  const wasm = require("@tensorflow/tfjs-backend-wasm") as { setWasmPaths(files: Record<string, string>): void };
  // The files are fixed once the backend has started; asking for it again would only print a warning.
  if (tf.findBackend("wasm") === null || tf.getBackend() !== "wasm") wasm.setWasmPaths(wasmFiles());
  replaceWasmSlices();
  shareClones();
}

function deviceOf(name: BackendName, threads: number): string {
  const gpu = name === "tensorflow" && (tf.backend() as unknown as { isUsingGpuDevice: boolean }).isUsingGpuDevice;
  if (gpu) return "GPU";
  const adapter = name === "webgpu" ? webgpuBackend() : null;
  if (adapter !== null) return adapterName(adapter.gpu);
  const used = name === "tensorflow" ? threads : name === "wasm" ? (wasmThreads()?.threads ?? 1) : 1;
  return `CPU, ${used} thread${used === 1 ? "" : "s"}`;
}

function versionsOf(name: BackendName): Record<string, string> {
  const versions: Record<string, string> = { node: process.versions.node, tfjs: tf.version_core };
  if (name === "tensorflow") versions["libtensorflow"] = (tf.backend() as unknown as { binding: { TF_Version: string } }).binding.TF_Version;
  return versions;
}
