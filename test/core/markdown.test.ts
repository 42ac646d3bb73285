import assert from "node:assert/strict";
import { test } from "node:test";
import { markdownCode, markdownText } from "../../src/core/markdown";

test("a name in Markdown opens no tag, no code, no cell, no link and no line of its own, and ordinary names stay as they are", () => {
  for (const name of ["DE-Hai", "ridge (seed 1)", "u* 5 %", "n_sites", "0.1 [0.0, 0.2]", "GPP & RECO"]) assert.equal(markdownText(name), name);
  assert.equal(markdownText("<img src=x>|`c`"), "\\<img src=x>\\|\\`c\\`");
  assert.equal(markdownText("a\\<b>"), "a\\\\\\<b>", "a backslash of the name does not free what follows it");
  assert.equal(markdownText("[x](javascript:alert(1)) [x][y]"), "[x\\](javascript:alert(1)) [x\\][y]");
  assert.equal(markdownText("a\r\n## b\u2028c"), "a ## b c");
  assert.equal(markdownCode("a`<b>`\n"), "`a'<b>' `");
});
