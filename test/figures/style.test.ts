import assert from "node:assert/strict";
import { test } from "node:test";
import { FLUXES, IGBP, KOPPEN } from "../../src/core/quantities";
import { fixed } from "../../src/figures/fixed";
import { FLUX_STYLE, FOLD_STYLES, IGBP_STYLE, KOPPEN_STYLE, lineStyles, MODEL_STYLE, RAMP, SPLIT_SIDES, SPLIT_STYLE, textWidth } from "../../src/figures/style";

/** Linear-light channels of a hex colour. @source IEC 61966-2-1 */
function linear(hex: string): [number, number, number] {
  return [1, 3, 5].map((i) => {
    const v = parseInt(hex.slice(i, i + 2), 16) / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
}

/** CIE lightness 0..100. */
function lightness(hex: string): number {
  const [r, g, b] = linear(hex);
  const y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}

/** Distance of two colours as a deuteranope sees them, linear light. @source Viénot, Brettel & Mollon 1999 */
function deutanDistance(a: string, b: string): number {
  const seen = (hex: string): number[] => {
    const [r, g, blue] = linear(hex);
    const luma = 0.29275 * r + 0.70725 * g;
    return [luma, luma, -0.02234 * r + 0.02234 * g + blue].map((v) => Math.cbrt(Math.max(0, v)));
  };
  const [x, y] = [seen(a), seen(b)];
  return Math.hypot(...x.map((v, i) => v - y[i]!));
}

test("every class and model has a colour of its own and a symbol that tells it apart where colours are near", () => {
  const groups = [IGBP.map((k) => IGBP_STYLE[k]), KOPPEN.map((k) => KOPPEN_STYLE[k]), SPLIT_SIDES.map((k) => SPLIT_STYLE[k]), FOLD_STYLES, FLUXES.map((k) => FLUX_STYLE[k]), Object.values(MODEL_STYLE)];
  for (const styles of groups) {
    assert.equal(new Set(styles.map((s) => s.color)).size, styles.length, "colours differ");
    for (const [i, a] of styles.entries()) {
      for (const b of styles.slice(i + 1)) {
        const grey = Math.abs(lightness(a.color) - lightness(b.color)) > 12;
        assert.ok(a.symbol !== b.symbol || (grey && deutanDistance(a.color, b.color) > 0.1), `${a.color} ${b.color}: one symbol, and too near in grey or for a colour-blind reader`);
      }
    }
  }
});

test("no two models share a dash, except the observed line and TAM-RL, which are the dark and the bright solid one", () => {
  const dashes = Object.entries(MODEL_STYLE).filter(([name]) => name !== "observed").map(([, s]) => s.dash);
  assert.equal(new Set(dashes).size, dashes.length);
  assert.ok(lightness(MODEL_STYLE["tamrl"]!.color) - lightness(MODEL_STYLE["observed"]!.color) > 30);
});

test("the sequential ramp falls in lightness at every step, so that it reads in grey", () => {
  for (let i = 1; i < RAMP.length; i++) assert.ok(lightness(RAMP[i]!) < lightness(RAMP[i - 1]!), `step ${i}`);
});

test("a name that is no model's gets a free style and keeps its own label; known names keep theirs", () => {
  const styles = lineStyles(["observed", "tamrl", "my run", "toString"]);
  assert.equal(styles.get("tamrl")!.label, "TAM-RL");
  assert.equal(styles.get("my run")!.label, "my run");
  assert.equal(styles.get("toString")!.label, "toString");
  assert.equal(new Set([...styles.values()].map((s) => s.color)).size, 4);
});

test("text is measured within a few percent of the font's own widths", () => {
  // advance widths of DejaVuSans.ttf, px at 10: sum of hmtx of the characters / 2048 × 10
  const cases: [string, number][] = [["quartiles over sites, observed", 148.4], ["GPP (g C m⁻² d⁻¹)", 88.3], ["1,234 site-days at 51 sites", 132.7]];
  for (const [text, width] of cases) assert.ok(Math.abs(textWidth(text, 10) / width - 1) < 0.08, `${text}: ${textWidth(text, 10)} against ${width}`);
});

test("a number in a figure has a true minus sign, and none before a zero", () => {
  assert.deepEqual([fixed(-1.236, 2), fixed(1, 1), fixed(-0.004, 2), fixed(-0, 0), fixed(-1000.5, 1)], ["−1.24", "1.0", "0.00", "0", "−1000.5"]);
});
