"use strict";
// A worker of the engine: loads the TypeScript itself, so that any launcher (our own pool, a cluster's) can start it with `node worker.cjs`.
require("tsx/cjs");
require("./worker").serve();
