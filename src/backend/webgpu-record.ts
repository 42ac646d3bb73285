import * as tf from "@tensorflow/tfjs";
import type { WebgpuBackend } from "./webgpu";

/** Names of the WebGPU standard; its numbers are fixed. @source W3C WebGPU, GPUBufferUsage and GPUShaderStage */
const COPY_DST = 8;
const UNIFORM = 64;
const COMPUTE = 4;

/** A compute program run many times in a row, with other small whole numbers each time. */
export interface Walk {
  /** names the compiled program in the backend's cache */
  readonly key: string;
  /** WGSL; made only when the program is not compiled yet. Binding 0 is the numbers, then come `inputs`, then `outputs` */
  readonly shader: () => string;
  readonly inputs: readonly tf.TensorInfo[];
  readonly outputs: readonly tf.TensorInfo[];
  /** the numbers of each run */
  readonly steps: readonly Int32Array[];
  readonly workgroups: readonly [number, number];
}

/** A tensor on the GPU whose values are still to be written. @example newTensor(backend, [batch, hidden]) */
export function newTensor(backend: WebgpuBackend, shape: readonly number[]): tf.Tensor {
  const info = backend.makeTensorInfo(shape, "float32");
  backend.uploadToGPU(info.dataId);
  return tf.engine().makeTensorFromTensorInfo(info, backend as unknown as tf.KernelBackend);
}

/**
 * Records all steps into TensorFlow.js's own stream of GPU work, so that they run in order with its operations and nothing goes
 * through the processor. One group of bindings serves all steps: only the place of the numbers moves.
 * @example record(backend, { key: "day", shader, inputs: [x], outputs: [h], steps, workgroups: [8, 4] })
 */
export function record(backend: WebgpuBackend, { key, shader, inputs, outputs, steps, workgroups }: Walk): void {
  const tensors = [...inputs, ...outputs];
  for (const { dataId } of tensors) backend.uploadToGPU(dataId);
  const stride = backend.device.limits["minUniformBufferOffsetAlignment"]!;
  const numbers = new Int32Array((steps.length * stride) / 4);
  steps.forEach((step, n) => numbers.set(step, (n * stride) / 4));
  const uniform = backend.bufferManager.acquireBuffer(numbers.byteLength, COPY_DST | UNIFORM);
  backend.queue.writeBuffer(uniform, 0, numbers.buffer);
  const pipeline = (backend.pipelineCache[key] ??= compile(backend, shader(), inputs.length, outputs.length));
  const group = backend.device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: [
      { binding: 0, resource: { buffer: uniform, size: stride } },
      ...tensors.map(({ dataId }, n) => ({ binding: n + 1, resource: { buffer: backend.tensorMap.get(dataId).resource } })),
    ],
  });
  backend.ensureCommandEncoderReady();
  const pass = (backend.computePassEncoder ??= backend.commandEncoder.beginComputePass());
  pass.setPipeline(pipeline);
  steps.forEach((_, n) => {
    pass.setBindGroup(0, group, [n * stride]);
    pass.dispatchWorkgroups(workgroups[0], workgroups[1]);
  });
  // What these tensors hold must not be handed out again before the work is sent.
  for (const { dataId } of tensors) backend.commandQueueOwnedIds.add(dataId);
  backend.endComputePassEncoder();
  backend.uniformPendingDisposal.push(uniform);
  backend.submitQueue();
}

function compile(backend: WebgpuBackend, code: string, inputs: number, outputs: number): { getBindGroupLayout(index: number): unknown } {
  const { device } = backend;
  const layout = device.createBindGroupLayout({
    entries: [
      { binding: 0, visibility: COMPUTE, buffer: { type: "uniform", hasDynamicOffset: true } },
      ...Array.from({ length: inputs + outputs }, (_, n) => ({ binding: n + 1, visibility: COMPUTE, buffer: { type: n < inputs ? "read-only-storage" : "storage" } })),
    ],
  });
  return device.createComputePipeline({
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module: device.createShaderModule({ code }), entryPoint: "main" },
  });
}
