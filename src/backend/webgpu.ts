import * as path from "node:path";
import * as tf from "@tensorflow/tfjs";
import { WorkbookError } from "../core/errors";
import { loadVulkan } from "./vulkan";
import { mapAndWait } from "./webgpu-wait";

/** The parts of a GPU buffer that are used here. */
export interface GpuBuffer {
  readonly size: number;
  readonly mapState: "unmapped" | "pending" | "mapped";
  mapAsync(mode: number): Promise<unknown>;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
}

/** A pass of compute work that is being recorded. */
export interface ComputePass {
  setPipeline(pipeline: unknown): void;
  setBindGroup(index: number, group: unknown, offsets: readonly number[]): void;
  dispatchWorkgroups(x: number, y: number): void;
}

/** What names an adapter. */
export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

interface GpuDevice {
  readonly limits: Readonly<Record<string, number>>;
  createShaderModule(descriptor: object): unknown;
  createBindGroupLayout(descriptor: object): unknown;
  createPipelineLayout(descriptor: object): unknown;
  createComputePipeline(descriptor: object): { getBindGroupLayout(index: number): unknown };
  createBindGroup(descriptor: object): unknown;
  addEventListener(name: string, listener: (event: { error: Error; preventDefault(): void }) => void): void;
  readonly lost: Promise<{ message: string }>;
}

interface Adapter {
  readonly info: AdapterInfo;
  readonly features: { has(name: string): boolean };
  readonly limits: Readonly<Record<string, number>>;
  requestDevice(descriptor: object): Promise<GpuDevice>;
}

/** TensorFlow.js's WebGPU backend: what our kernel needs of it. */
export interface WebgpuBackend {
  readonly device: GpuDevice;
  readonly queue: { writeBuffer(buffer: GpuBuffer, offset: number, data: ArrayBuffer): void };
  readonly bufferManager: { acquireBuffer(size: number, usage: number, mapped?: boolean, reuse?: boolean): GpuBuffer; releaseBuffer(buffer: GpuBuffer): void };
  readonly pipelineCache: Record<string, { getBindGroupLayout(index: number): unknown }>;
  readonly tensorMap: { get(id: object): { resource: GpuBuffer | null; values: unknown; dtype: tf.DataType; complexTensorInfos?: unknown } };
  readonly commandQueueOwnedIds: { add(id: object): void };
  readonly uniformPendingDisposal: GpuBuffer[];
  readonly gpu: AdapterInfo;
  commandEncoder: { beginComputePass(): ComputePass; copyBufferToBuffer(from: GpuBuffer, at: number, to: GpuBuffer, offset: number, size: number): void };
  computePassEncoder: ComputePass | null;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  uploadToGPU(id: object): void;
  makeTensorInfo(shape: readonly number[], dtype: string): tf.TensorInfo;
  convertAndCacheOnCPU(id: object, values: unknown): tf.BackendValues;
}

type Constructor = new (device: GpuDevice, info: AdapterInfo) => WebgpuBackend & { readSync(id: object): tf.BackendValues };
interface Globals { readonly GPUBufferUsage: Readonly<Record<string, number>>; readonly GPUMapMode: Readonly<Record<string, number>> }

/** Largest sizes that the adapter allows, asked for because the defaults are those of a telephone. */
const LIMITS = ["maxBufferSize", "maxStorageBufferBindingSize", "maxComputeWorkgroupStorageSize", "maxComputeWorkgroupsPerDimension", "maxComputeWorkgroupSizeX", "maxComputeInvocationsPerWorkgroup"];

/**
 * Registers the backend `webgpu` over Dawn on this machine's fastest adapter.
 * @param software whether an adapter that computes on the processor will do; such a one is for tests only
 * @throws Error with the reason and its cure when there is no adapter to use
 * @example await registerWebgpu(false); await tf.setBackend("webgpu")
 */
export async function registerWebgpu(software: boolean): Promise<void> {
  const present = tf.findBackend("webgpu") as unknown as WebgpuBackend | null;
  if (present !== null) {
    if (!software && isSoftware(present.gpu)) throw new Error(refusal(present.gpu));
    return;
  }
  const missing = loadVulkan();
  if (missing !== null) throw new Error(missing);
  const folder = path.dirname(require.resolve("webgpu/package.json"));
  const platform = process.platform === "darwin" ? "darwin-universal" : `${process.platform}-${process.arch}`;
  const dawn = require(path.join(folder, "dist", platform, "dawn.node")) as { create(flags: string[]): { requestAdapter(o: object): Promise<Adapter | null> }; globals: Globals & Record<string, unknown> };
  const gpu = dawn.create([]);
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) throw new Error("Dawn finds no GPU here; install the driver of the GPU with its Vulkan part, and look at vulkaninfo");
  if (!software && isSoftware(adapter.info)) throw new Error(refusal(adapter.info));
  const device = await adapter.requestDevice({
    requiredFeatures: ["timestamp-query"].filter((name) => adapter.features.has(name)),
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]])),
  });
  // What Dawn still has to tell of these requests comes in a turn of its own, which mapAndWait could not see.
  await new Promise((resolve) => setImmediate(resolve));
  // TensorFlow.js's backend was written for a browser: it reads these names, and navigator.gpu while it starts.
  Object.assign(globalThis, dawn.globals);
  // Loaded before navigator.gpu is there: else it would register a backend of its own making.
  const { WebGPUBackend } = require("@tensorflow/tfjs-backend-webgpu") as { WebGPUBackend: Constructor };
  const backend = withNavigator(gpu, () => makeBackend(WebGPUBackend, gpu, device, adapter.info, dawn.globals));
  tf.registerBackend("webgpu", () => backend as unknown as tf.KernelBackend, 0);
}

/** Whether an adapter computes on the processor. @example isSoftware({ description: "SwiftShader driver" }) */
export function isSoftware(info: AdapterInfo): boolean {
  return info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i.test(`${info.architecture} ${info.device} ${info.description}`);
}

/** One line that names an adapter. @example adapterName(adapter.info) // "GPU over WebGPU, NVIDIA RTX A4000 (570.86)" */
export function adapterName(info: AdapterInfo): string {
  const name = info.device || info.architecture || info.vendor || "unnamed";
  return `${isSoftware(info) ? "software device" : "GPU"} over WebGPU, ${name}${info.description ? ` (${info.description})` : ""}`;
}

function refusal(info: AdapterInfo): string {
  return `the only WebGPU device here is software (${adapterName(info)}), for tests alone; install the driver of the GPU, or force it with TAMRL_BACKEND=webgpu`;
}

/** The current WebGPU backend, or null while another one is current. @example webgpuBackend()?.gpu.vendor */
export function webgpuBackend(): WebgpuBackend | null {
  return tf.getBackend() === "webgpu" ? (tf.backend() as unknown as WebgpuBackend) : null;
}

function makeBackend(Shipped: Constructor, instance: unknown, device: GpuDevice, info: AdapterInfo, { GPUBufferUsage: usage, GPUMapMode: mode }: Globals): WebgpuBackend {
  let fault: string | null = null;
  device.addEventListener("uncapturederror", (event) => {
    event.preventDefault();
    fault ??= event.error.message.split("\n")[0]!;
  });
  device.lost.then(({ message }) => (fault ??= `the device was lost (${message.split("\n")[0]})`)).catch(() => undefined);

  /** The shipped backend reads synchronously through a canvas, which Node does not have; this one waits for the buffer. */
  class Backend extends Shipped {
    readonly gpu = info;
    /** held because Dawn's work outlives the object that it belongs to, and would then touch freed memory */
    readonly instance = instance;

    override readSync(id: object): tf.BackendValues {
      const data = this.tensorMap.get(id);
      if (data.values !== null && data.values !== undefined) return data.values as tf.BackendValues;
      if (data.dtype === "complex64" || data.dtype === "string" || data.resource === null) return super.readSync(id);
      const { size } = data.resource;
      const staging = this.bufferManager.acquireBuffer(size, usage["COPY_DST"]! | usage["MAP_READ"]!);
      this.ensureCommandEncoderReady();
      this.endComputePassEncoder();
      this.commandEncoder.copyBufferToBuffer(data.resource, 0, staging, 0, size);
      this.submitQueue();
      const open = mapAndWait(staging, mode["READ"]!);
      if (fault !== null || !open) throw deviceFailed(fault ?? "the device does not answer");
      const values = staging.getMappedRange().slice(0);
      staging.unmap();
      this.bufferManager.releaseBuffer(staging);
      return this.convertAndCacheOnCPU(id, tf.util.convertBackendValuesAndArrayBuffer(values, data.dtype));
    }

    async read(id: object): Promise<tf.BackendValues> {
      return this.readSync(id);
    }
  }

  const backend = new Backend(device, info);
  const largest = Math.min(device.limits["maxBufferSize"]!, device.limits["maxStorageBufferBindingSize"]!);
  const { bufferManager } = backend;
  const acquire = bufferManager.acquireBuffer.bind(bufferManager);
  bufferManager.acquireBuffer = (size, ...rest) => {
    if (size > largest) throw deviceFailed(`a tensor of ${Math.ceil(size / 2 ** 20)} MiB is out of memory: the device allows ${Math.floor(largest / 2 ** 20)} MiB in one`);
    return acquire(size, ...rest);
  };
  return backend;
}

function deviceFailed(reason: string): WorkbookError {
  const memory = /memory/i.test(reason);
  return new WorkbookError(memory ? "OutOfMemory" : "MissingPart", `webgpu: a working device is required, ${reason}; ${memory ? "lower batch or window" : "update the GPU's driver, or choose another backend with TAMRL_BACKEND"}`);
}

/** Runs `make` with `navigator.gpu` set; it is taken away again because holding Dawn there keeps Node from ending. */
function withNavigator<T>(gpu: unknown, make: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true });
  try {
    return make();
  } finally {
    if (before === undefined) delete (globalThis as { navigator?: unknown }).navigator;
    else Object.defineProperty(globalThis, "navigator", before);
  }
}
