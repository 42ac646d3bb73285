"use strict";

/**
 * tslab binds its five sockets at once and reads and answers while they are still being bound; ZeroMQ refuses both (EBUSY), and a refused read ends tslab's loop of
 * reading, so that the kernel never hears again. Messages are now answered when all sockets are bound, in the order they came, and a socket is read again when it is.
 * @example answerWhenBound(require("tslab/dist/jupyter.js").ZmqServer)
 */
function answerWhenBound(Server) {
  const { bindSocket, handleShellMessage } = Server.prototype;
  const bound = new WeakMap();
  const binding = new WeakMap();
  const patched = new WeakSet();
  Server.prototype.bindSocket = function (socket, ...args) {
    readWhenBound(Object.getPrototypeOf(socket), binding, patched);
    const one = bindSocket.call(this, socket, ...args);
    const ended = () => void binding.delete(socket);
    binding.set(socket, one.then(ended, ended));
    bound.set(this, Promise.all([bound.get(this), one]));
    return one;
  };
  Server.prototype.handleShellMessage = async function (...args) {
    await bound.get(this);
    return handleShellMessage.apply(this, args);
  };
}

/** Sockets take no properties of their own, so it is their class that learns to wait. A read before the binding begins is not put off: it would then fall into it. */
function readWhenBound(prototype, binding, patched) {
  const { receive } = prototype;
  if (typeof receive !== "function" || patched.has(prototype)) return;
  patched.add(prototype);
  const value = function (...args) {
    const waits = binding.get(this);
    return waits === undefined ? receive.apply(this, args) : waits.then(() => receive.apply(this, args));
  };
  Object.defineProperty(prototype, "receive", { value, configurable: true, writable: true });
}

module.exports = { answerWhenBound };
