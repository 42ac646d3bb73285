const EVENTS = ["uncaughtException", "unhandledRejection"] as const;

/**
 * Does `work` and takes away the handlers of uncaught errors that it put on the process. What Emscripten builds brings some that throw
 * what they are told of: in a notebook they would end the kernel where only a cell, or tslab's own heartbeat, had failed.
 * @example await withoutFaultHandlers(() => tf.setBackend("wasm"))
 */
export async function withoutFaultHandlers<T>(work: () => Promise<T>): Promise<T> {
  const before = EVENTS.map((event) => new Set(process.rawListeners(event)));
  try {
    return await work();
  } finally {
    EVENTS.forEach((event, i) => {
      for (const listener of process.rawListeners(event)) if (!before[i]!.has(listener)) process.removeListener(event, listener as () => void);
    });
  }
}
