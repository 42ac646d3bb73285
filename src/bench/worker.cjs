"use strict";
// Starts one of our contenders: node worker.cjs KIND FOLDER. Plain CommonJS that loads the TypeScript itself.
require("tsx/cjs");
require("./worker.ts").main(process.argv.slice(2));
