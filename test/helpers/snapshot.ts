import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";

/** Numbers to three decimals, one element a line: what is compared and stored. */
export function normalizeSvg(svg: string): string {
  const rounded = svg.replace(/-?\d+\.\d{4,}/g, (number) => String(Number(Number(number).toFixed(3))));
  return `${rounded.replaceAll("><", ">\n<").trim()}\n`;
}

/**
 * Compares an SVG with its stored snapshot. A different one is written beside it as `*-changed.svg`, to be looked at;
 * `UPDATE_SNAPSHOTS=1` accepts it.
 * @example assertSnapshot(path.join(__dirname, "snapshots"), "site-map", svg)
 */
export function assertSnapshot(dir: string, name: string, svg: string): void {
  const [file, changed] = [path.join(dir, `${name}.svg`), path.join(dir, `${name}-changed.svg`)];
  const found = normalizeSvg(svg);
  if (process.env["UPDATE_SNAPSHOTS"] === "1") {
    fs.mkdirSync(dir, { recursive: true });
    fs.writeFileSync(file, found);
  }
  const stored = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : null;
  if (stored === found) {
    fs.rmSync(changed, { force: true });
    return;
  }
  fs.writeFileSync(changed, found);
  assert.fail(`snapshot ${name}: ${stored === null ? "none is stored" : `differs first at ${firstDifference(stored, found)}`}; look at ${changed}, accept with UPDATE_SNAPSHOTS=1`);
}

function firstDifference(stored: string, found: string): string {
  const [a, b] = [stored.split("\n"), found.split("\n")];
  const line = a.findIndex((text, i) => text !== b[i]);
  const at = line < 0 ? a.length : line;
  return `line ${at + 1}: stored ${a[at]?.slice(0, 120) ?? "nothing"}, found ${b[at]?.slice(0, 120) ?? "nothing"}`;
}
