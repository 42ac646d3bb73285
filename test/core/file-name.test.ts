import assert from "node:assert/strict";
import { test } from "node:test";
import { asFileName } from "../../src/core/file-name";

test("a name in a file's name leads to no other folder and can be one everywhere; ids of towers stay as they are", () => {
  for (const name of ["DE-Hai", "VF-001", "Süd_2.1"]) assert.equal(asFileName(name), name);
  assert.equal(asFileName("../../etc/x"), "__.._etc_x");
  assert.equal(asFileName("a\\b\0c:d|e*\n"), "a_b_c_d_e__");
  assert.deepEqual(["", ".", "..", "dots..."].map(asFileName), ["_", "_", "_", "dots_"]);
  assert.equal(asFileName("e\u0301"), "é");
  assert.ok(Buffer.byteLength(asFileName("𝒳".repeat(300))) <= 200);
});
