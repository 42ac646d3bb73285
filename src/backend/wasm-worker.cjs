"use strict";
// A thread of the wasm operations (wasm-threads.ts): takes tasks off the shared list, sleeps when there are none.
const { workerData } = require("node:worker_threads");
const { compiled, memory, control, place, index } = workerData;

const operations = Object.values(new WebAssembly.Instance(compiled, { env: { memory } }).exports);
const list = new Int32Array(control);
Atomics.add(list, place.ready, 1);
Atomics.notify(list, place.ready);
for (;;) {
  const seen = Atomics.load(list, place.round);
  // The number taken is the only proof that a task is there: what else the list says may already be of the next round.
  while (index < Atomics.load(list, place.limit)) {
    const task = Atomics.sub(list, place.left, 1) - 1;
    if (task < 0) break;
    try {
      operations[list[place.operation]](task, ...list.subarray(place.arguments, place.arguments + list[place.count]));
    } catch {
      Atomics.store(list, place.failed, 1);
    }
    Atomics.add(list, place.done, 1);
    Atomics.notify(list, place.done);
  }
  Atomics.wait(list, place.round, seen);
}
