import { formatPeriod, type Figure, type Stage } from "./figure";
import { drawLegend } from "./legend";
import { FONT, INK, MUTED, textWidth, WIDTH } from "./style";

const SVG = "http://www.w3.org/2000/svg";
const BADGE = { width: 112, height: 18 };

/**
 * Sets a figure in the house frame: title and "simulated data" badge, n and period, legend, rows of panels, notes.
 * @example compose(figure, openStage())
 */
export function compose(figure: Figure, stage: Stage): SVGSVGElement {
  const { document } = stage;
  const root = document.createElementNS(SVG, "svg");
  const make = (name: string, attributes: Readonly<Record<string, string | number>>, parent: Element = root): Element => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    return parent.appendChild(element);
  };
  const write = (text: string, y: number, size: number, fill: string, bold = false): void => {
    make("text", { x: 10, y, "font-size": size, fill, ...(bold ? { "font-weight": "bold" } : {}) }).textContent = text;
  };
  make("title", {}).textContent = figure.title;
  make("desc", {}).textContent = figure.alt;
  const background = make("rect", { width: WIDTH, fill: "#ffffff" });

  let y = 6;
  const titleWidth = WIDTH - 20 - (figure.simulated ? BADGE.width + 10 : 0);
  for (const line of wrap(figure.title, titleWidth, 13, true)) write(line, (y += 16), 13, INK, true);
  const [what, when] = [`n = ${figure.n.toLocaleString("en-US")} ${figure.nOf}`, formatPeriod(figure.period)];
  const facts = textWidth(`${what} · ${when}`, 11) <= titleWidth ? [`${what} · ${when}`] : [...wrap(what, titleWidth, 11), when];
  for (const line of facts) write(line, (y += 16), 11, MUTED);
  if (figure.simulated) badge(make);
  y += 10;

  const legend = drawLegend(stage, figure.legend, figure.ramp);
  const rows = figure.draw(stage);
  const widest = Math.max(...rows.map((row) => row.reduce((sum, panel) => sum + size(panel, "width"), 0)));
  const left = Math.max(0, Math.floor((WIDTH - widest) / 2));
  for (const row of [...(legend === null ? [] : [[legend]]), ...rows]) {
    let x = row[0] === legend ? 0 : left;
    for (const panel of row) {
      adopt(panel, make("g", { transform: `translate(${x},${y})` }));
      x += size(panel, "width");
    }
    y += Math.max(0, ...row.map((panel) => size(panel, "height")));
  }
  for (const note of figure.notes) for (const line of wrap(note, WIDTH - 20, 10)) write(line, (y += 14), 10, MUTED);
  y += 10;

  background.setAttribute("height", String(y));
  const box = { width: WIDTH, height: y, viewBox: `0 0 ${WIDTH} ${y}`, role: "img", "aria-label": figure.alt, "font-family": `${FONT}, sans-serif`, color: INK };
  for (const [key, value] of Object.entries(box)) root.setAttribute(key, String(value));
  return root;
}

function size(panel: SVGSVGElement, side: "width" | "height"): number {
  return Number(panel.getAttribute(side));
}

/** Moves a panel's marks into a group: a flat SVG is easier to edit by hand than nested ones, and its page styles are of no use. */
function adopt(panel: SVGSVGElement, group: Element): void {
  for (const name of ["fill", "font-size", "text-anchor"]) group.setAttribute(name, panel.getAttribute(name) ?? "");
  group.setAttribute("font-size", "10");
  for (const child of [...panel.children]) if (child.tagName !== "style") group.append(child);
}

function badge(make: (name: string, attributes: Readonly<Record<string, string | number>>) => Element): void {
  const x = WIDTH - BADGE.width - 8;
  make("rect", { x, y: 8, width: BADGE.width, height: BADGE.height, rx: 3, fill: "#fff4ec", stroke: "#b03a00" });
  make("text", { x: x + BADGE.width / 2, y: 21, "text-anchor": "middle", "font-size": 11, "font-weight": "bold", fill: "#b03a00" }).textContent = "simulated data";
}

/** Breaks a text at blanks so that no line is wider than `width`, px. */
function wrap(text: string, width: number, size: number, bold = false): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && textWidth(longer, size, bold) > width) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
