/** A buffer of the GPU that is being opened to the processor. */
interface MappedBuffer {
  readonly mapState: "unmapped" | "pending" | "mapped";
  mapAsync(mode: number): Promise<unknown>;
}

const NAP = new Int32Array(new SharedArrayBuffer(4));
const SPINS = 1000;
const NAP_MS = 0.05;

/**
 * Opens a GPU buffer for reading and waits for it without giving the turn back, as `dataSync` must.
 * Dawn tells of finished work only from callbacks that it hands to `setImmediate`; they are taken here and called in turn.
 * Outside this function no callback of Dawn is left waiting, so that it never keeps a process from ending.
 * @returns whether the buffer is open; false when the device was lost
 * @source Dawn, src/dawn/node/binding/AsyncRunner.cpp
 * @example if (!mapAndWait(buffer, GPUMapMode.READ)) throw lost()
 */
export function mapAndWait(buffer: MappedBuffer, mode: number): boolean {
  const host = globalThis as { setImmediate: unknown };
  const shipped = host.setImmediate;
  let waiting: (() => void)[] = [];
  host.setImmediate = (callback: () => void): object => {
    waiting.push(callback);
    return {};
  };
  try {
    // A rejection shows as a buffer that is not mapped.
    buffer.mapAsync(mode).catch(() => undefined);
    for (let turn = 0; buffer.mapState === "pending" && waiting.length > 0; turn++) {
      const now = waiting;
      waiting = [];
      for (const callback of now) callback();
      // Short work ends while spinning; longer work leaves the processor to others.
      if (turn > SPINS) Atomics.wait(NAP, 0, 0, NAP_MS);
    }
    return buffer.mapState === "mapped";
  } finally {
    host.setImmediate = shipped;
    for (const callback of waiting) setImmediate(callback).unref();
  }
}
