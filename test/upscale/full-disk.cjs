"use strict";
// Preloaded into workers: while the file named by FULL_DISK is there, chunks of a store go to a full device.
const fs = require("node:fs");

const real = fs.promises.writeFile;
fs.promises.writeFile = (file, ...rest) => real(String(file).endsWith(".partial") && fs.existsSync(process.env.FULL_DISK) ? "/dev/full" : file, ...rest);
