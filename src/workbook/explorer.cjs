"use strict";
// The plot server of `explore`. nodeplotlib listens on every address and prints its own log: here it is bound to this
// machine only, silent, and ends when its window is closed.
const { NestFactory } = require("@nestjs/core");
const { plot } = require("nodeplotlib");

const create = NestFactory.create.bind(NestFactory);
NestFactory.create = async (module) => {
  const app = await create(module, { logger: false });
  const listen = app.listen.bind(app);
  app.listen = async (port) => {
    const server = await listen(port, "127.0.0.1");
    process.send({ url: `http://127.0.0.1:${app.getHttpServer().address().port}` });
    return server;
  };
  const close = app.close.bind(app);
  app.close = async () => {
    await close();
    process.exit(0);
  };
  return app;
};
process.once("message", ({ traces, layout }) => plot(traces, layout));
process.once("disconnect", () => process.exit(0));
