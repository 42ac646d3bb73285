"use strict";

/**
 * tslab binds its five sockets at once and answers as soon as one is bound; a client that asks in that moment is answered on a socket that
 * is still being bound, and ZeroMQ refuses (EBUSY). Messages now wait until all are bound, in the order they came.
 * @example answerWhenBound(require("tslab/dist/jupyter.js").ZmqServer)
 */
function answerWhenBound(Server) {
  const { bindSocket, handleShellMessage } = Server.prototype;
  const bound = new WeakMap();
  Server.prototype.bindSocket = function (...args) {
    const one = bindSocket.apply(this, args);
    bound.set(this, Promise.all([bound.get(this), one]));
    return one;
  };
  Server.prototype.handleShellMessage = async function (...args) {
    await bound.get(this);
    return handleShellMessage.apply(this, args);
  };
}

module.exports = { answerWhenBound };
