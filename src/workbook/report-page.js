"use strict";
// Runs inside a report: tables sort, sites open, the theme changes. What comes from data is set as text, never as markup.
(() => {
  const make = (name, attributes, ...children) => fill(document.createElement(name), attributes, children);
  const draw = (name, attributes, ...children) => fill(document.createElementNS("http://www.w3.org/2000/svg", name), attributes, children);
  const fill = (element, attributes, children) => {
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const said = make("p", { role: "status", class: "skip" });
  document.body.append(said);

  // theme: as the system has it, or one of the two; kept where the browser lets a page keep something
  const kept = { read: () => { try { return localStorage.getItem("theme"); } catch { return null; } }, write: (theme) => { try { localStorage.setItem("theme", theme); } catch { /* a page from a file may not */ } } };
  const themes = ["auto", "light", "dark"];
  const toggle = make("button", { type: "button", class: "control", id: "theme" });
  const setTheme = (theme) => {
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    toggle.textContent = `Theme: ${theme === "auto" ? "as the system" : theme}`;
    toggle.value = theme;
  };
  toggle.addEventListener("click", () => {
    const next = themes[(themes.indexOf(toggle.value) + 1) % themes.length];
    setTheme(next);
    kept.write(next);
  });
  setTheme(themes.includes(kept.read()) ? kept.read() : "auto");
  document.querySelector("header").append(toggle);

  // sorting: a header is a button; missing values stand last either way, a site's open details stay under it
  const NUMBER = /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?( %| \(.*\))?$/;
  const MISSING = "–";
  const text = (row, column) => row.cells[column].textContent.trim();
  function sort(table, header, column) {
    const ascending = header.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    const groups = [];
    for (const row of table.tBodies[0].rows) {
      if (row.classList.contains("detail")) groups[groups.length - 1].push(row);
      else groups.push([row]);
    }
    const values = groups.map(([row]) => text(row, column));
    const numeric = values.every((v) => v === MISSING || NUMBER.test(v));
    const order = values.map((value, i) => ({ i, value, key: value === MISSING ? null : numeric ? parseFloat(value) : value }));
    order.sort((a, b) => {
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.i - b.i;
      const by = numeric ? a.key - b.key : a.key.localeCompare(b.key, "en");
      return (ascending ? by : -by) || a.i - b.i;
    });
    table.tBodies[0].append(...order.flatMap(({ i }) => groups[i]));
    said.textContent = `sorted by ${header.textContent}, ${ascending ? "ascending" : "descending"}`;
  }
  for (const table of document.querySelectorAll("main table")) {
    if (table.tBodies[0].rows.length < 2) continue;
    [...table.tHead.rows[0].cells].forEach((header, column) => {
      const button = make("button", { type: "button" }, ...header.childNodes);
      button.addEventListener("click", () => sort(table, header, column));
      header.append(button);
    });
  }

  // site by site
  const holder = document.getElementById("site-data");
  if (holder === null) return;
  const { models, fluxes, scores, sites } = JSON.parse(holder.textContent);
  const table = document.querySelector("table.sites");
  const MONTHS = ["J", "F", "M", "A", "M", "J", "J", "A", "S", "O", "N", "D"];
  const shown = (value, digits) => (value === null ? MISSING : Number.isInteger(value) ? String(value) : value.toFixed(digits));

  /** Mean seasonal cycle of one flux: a line a model, the tower in black. */
  function chart({ label, cycle }) {
    const [width, height, left, right, top, bottom] = [300, 190, 38, 10, 22, 22];
    const values = cycle.flat().filter((v) => v !== null);
    const [low, high] = [Math.min(0, ...values), Math.max(0.1, ...values)];
    const x = (month) => left + ((width - left - right) * month) / 11;
    const y = (value) => top + ((height - top - bottom) * (high - value)) / (high - low);
    const size = { "font-size": 10, fill: "#555555", "font-family": "DejaVu Sans, sans-serif" };
    const lines = cycle.map((line, k) => {
      const { color, dash } = models[k];
      let path = "";
      line.forEach((value, month) => { if (value !== null) path += `${month > 0 && line[month - 1] !== null ? "L" : "M"}${x(month).toFixed(1)},${y(value).toFixed(1)}`; });
      const dots = k > 0 ? [] : line.flatMap((value, month) => (value === null ? [] : [draw("circle", { cx: x(month), cy: y(value), r: 2.5, fill: color })]));
      return draw("g", {}, draw("path", { d: path, fill: "none", stroke: color, "stroke-width": k === 0 ? 2 : 1.6, "stroke-dasharray": dash }), ...dots);
    });
    const peak = cycle[0].reduce((best, v, m) => (v !== null && (best < 0 || Math.abs(v) > Math.abs(cycle[0][best])) ? m : best), -1);
    const told = `${label}, mean by month: ${peak < 0 ? "no scored day" : `observed is farthest from zero in month ${peak + 1}, ${cycle[0][peak].toFixed(2)}; ${models.slice(1).map((m, k) => `${m.label} ${shown(cycle[k + 1][peak], 2)}`).join(", ")} there`}`;
    return draw("svg", { class: "chart", role: "img", "aria-label": told, viewBox: `0 0 ${width} ${height}`, width, height },
      draw("text", { x: 6, y: 14, ...size, fill: "#222222" }, `${label} (g C m⁻² d⁻¹)`),
      draw("line", { x1: left, x2: width - right, y1: y(0), y2: y(0), stroke: "#bbbbbb" }),
      ...[low, high].filter((v) => v !== 0).concat(0).map((v) => draw("text", { x: left - 4, y: y(v) + 3, "text-anchor": "end", ...size }, v.toFixed(v === 0 ? 0 : 1))),
      ...MONTHS.map((m, k) => draw("text", { x: x(k), y: height - 6, "text-anchor": "middle", ...size }, m)),
      ...lines.reverse());
  }

  function scoreTable(site) {
    const head = make("tr", {}, ...["flux", "model", ...scores.map((s) => s.label)].map((label) => make("th", { scope: "col" }, label)));
    const rows = site.rows.map(([flux, model, ...values]) => make("tr", {}, make("td", {}, fluxes[flux].label), make("td", {}, models[model + 1].label), ...values.map((v, k) => make("td", { style: "text-align:right" }, shown(v, scores[k].digits)))));
    return make("div", { class: "scroll" }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...rows)));
  }

  function key() {
    return make("p", { class: "key" }, ...models.map(({ label, color, dash }) => make("span", {}, draw("svg", { width: 30, height: 10, "aria-hidden": "true", style: "background:#fff" }, draw("line", { x1: 1, x2: 29, y1: 5, y2: 5, stroke: color, "stroke-width": 2, "stroke-dasharray": dash })), ` ${label}`)));
  }

  function details(at, columns) {
    const site = sites[at];
    const charts = make("div", { class: "charts" }, ...site.cycles.map((cycle, f) => (cycle === null ? "" : chart({ label: fluxes[f].label, cycle }))));
    const cell = make("td", { colspan: columns }, make("h3", {}, site.site), make("p", {}, site.about), charts, key(), scoreTable(site));
    return make("tr", { class: "detail", id: `detail-${at}` }, cell);
  }

  for (const row of table.tBodies[0].rows) {
    const at = Number(row.dataset.row);
    const cell = row.cells[0];
    const button = make("button", { type: "button", "aria-expanded": "false" }, ...cell.childNodes);
    let open = null;
    const onEscape = (event) => {
      if (event.key !== "Escape" || open === null) return;
      set(false);
      button.focus();
    };
    const set = (wanted) => {
      if (wanted) row.after((open = details(at, row.cells.length)));
      else open.remove();
      if (wanted) open.addEventListener("keydown", onEscape);
      else open = null;
      button.setAttribute("aria-expanded", String(wanted));
      if (wanted) button.setAttribute("aria-controls", `detail-${at}`);
      else button.removeAttribute("aria-controls");
    };
    button.addEventListener("click", () => set(open === null));
    row.addEventListener("keydown", onEscape);
    cell.append(button);
  }

  const count = make("span", { role: "status" });
  const find = make("input", { type: "search", id: "find" });
  const filter = () => {
    const wanted = find.value.trim().toLowerCase();
    let left = 0;
    for (const row of table.tBodies[0].rows) {
      const owner = row.classList.contains("detail") ? row.previousElementSibling : row;
      row.hidden = !owner.textContent.toLowerCase().includes(wanted);
      if (owner === row && !row.hidden) left++;
    }
    count.textContent = ` ${left} of ${sites.length} sites`;
  };
  find.addEventListener("input", filter);
  table.closest(".scroll").before(make("p", { class: "find" }, make("label", { for: "find" }, "Find a site or class "), find, count));
  filter();
})();
