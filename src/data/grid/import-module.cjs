"use strict";
// Packages that are ES modules only: a plain file keeps import() as it is, where tsx and the kernel would turn it into require().
const path = require("node:path");
const { pathToFileURL } = require("node:url");

const modules = path.resolve(__dirname, "..", "..", "..", "node_modules");

/** Imports `file` of the package, e.g. ("zarrita", "dist/src/index.js"). */
module.exports.importModule = (name, file) => import(pathToFileURL(path.join(modules, name, file)).href);
