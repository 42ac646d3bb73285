"use strict";
// The plot server of `explore`, a process of its own: nodeplotlib would listen on every address and print its own log.
// Here it listens on this machine only, tells its parent where, and ends with its window or its parent.
const net = require("node:net");

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function listenHere(port, ...rest) {
  this.once("listening", () => process.send({ url: `http://127.0.0.1:${this.address().port}` }));
  this.once("close", () => process.exit(0));
  return listen.call(this, port, "127.0.0.1", ...rest.filter((argument) => typeof argument === "function"));
};
process.once("message", ({ traces, layout }) => require("nodeplotlib").plot(traces, layout));
process.once("disconnect", () => process.exit(0));
