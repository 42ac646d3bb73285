"use strict";
// A thread that scans half-hourly text (half-hourly/scan-crew.ts): takes waiting slots of the shared memory, sleeps when there are none.
const { workerData } = require("node:worker_threads");
const { module: compiled, memory, board, slots, words, state } = workerData;

const { scan, stopped } = new WebAssembly.Instance(compiled, { env: { memory, abort: () => undefined } }).exports;
const whole = new Int32Array(memory.buffer, board);
const real = new Float64Array(memory.buffer, board);
for (let k = 0; ; ) {
  const seen = Atomics.load(whole, 0);
  let idle = 0;
  // The slots in turn: the one after the last is the one that waits longest.
  for (; idle < slots; idle++, k++) {
    const at = words * (1 + (k % slots));
    if (Atomics.compareExchange(whole, at, state.waiting, state.taken) !== state.waiting) continue;
    idle = -1;
    try {
      whole[at + 1] = scan(...whole.subarray(at + 3, at + 11), real[(at + 12) / 2]);
      whole[at + 2] = stopped.value;
    } catch {
      whole[at + 1] = 0;
      whole[at + 2] = whole[at + 3];
    }
    Atomics.store(whole, at, state.done);
    Atomics.notify(whole, at);
  }
  Atomics.wait(whole, 0, seen);
}
