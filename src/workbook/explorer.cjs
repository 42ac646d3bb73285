"use strict";
// The plot server of `explore`, a process of its own: nodeplotlib would listen on every address, print its own log, and its page would ask
// public servers for plotly.js and fonts. Here it listens on this machine only, answers under its names alone, tells its parent where, gives
// plotly.js from the package, and ends with its window or its parent.
const fs = require("node:fs");
const net = require("node:net");
const path = require("node:path");

const PLOTLY = require.resolve("plotly.js-dist-min/plotly.min.js");
const WEB = path.join(path.dirname(require.resolve("nodeplotlib")), "lib", "server", "web");

/** nodeplotlib's page without anything from elsewhere, its one plot as wide as the window. */
function page() {
  const html = fs.readFileSync(path.join(WEB, "index.html"), "utf8");
  return html.replace(/https:\/\/cdn\.plot\.ly\/[^"]*/, "plotly.min.js").replace(/<link rel="preconnect"[^>]*>|<style type="text\/css">@font-face[\s\S]*?<\/style>/g, "").replace("</head>", "<style>npl-plots { grid-template-columns: 1fr !important; }</style></head>");
}

const OWN = { "/": ["text/html; charset=utf-8", page], "/plotly.min.js": ["text/javascript; charset=utf-8", () => fs.readFileSync(PLOTLY)] };

/** Whether this machine's own page asks. A page of elsewhere can have its name point here (DNS rebinding) and read what it is answered under that name. */
function isOurs({ headers, socket }) {
  const here = ["127.0.0.1", "localhost"].map((name) => `${name}:${socket.localPort}`);
  return here.includes(headers.host) && (headers.origin === undefined || here.some((name) => headers.origin === `http://${name}`));
}

function answerFirst(server) {
  const theirs = server.listeners("request");
  server.removeAllListeners("request");
  server.on("request", (request, response) => {
    if (!isOurs(request)) return response.writeHead(403).end();
    const own = OWN[request.url];
    if (own === undefined) return theirs.forEach((answer) => answer.call(server, request, response));
    response.writeHead(200, { "content-type": own[0] }).end(own[1]());
  });
}

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function listenHere(port, ...rest) {
  this.once("listening", () => process.send({ url: `http://127.0.0.1:${this.address().port}` }));
  this.once("close", () => process.exit(0));
  answerFirst(this);
  return listen.call(this, port, "127.0.0.1", ...rest.filter((argument) => typeof argument === "function"));
};
process.once("message", ({ traces, layout }) => require("nodeplotlib").plot(traces, layout));
process.once("disconnect", () => process.exit(0));
