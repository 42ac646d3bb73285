const LIGHT = "color-scheme: light; --ink: #1d2327; --soft: #57606a; --paper: #ffffff; --raised: #f6f8fa; --rule: #d0d7de; --link: #0b5394;";
const DARK = "color-scheme: dark; --ink: #e6edf3; --soft: #9da7b1; --paper: #14181c; --raised: #1f252b; --rule: #3d444d; --link: #79b8ff;";

/** The look of our pages: readable measure, light and dark by the system or by choice, print always light; figures keep their white ground. */
export const REPORT_STYLE = `
:root { ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
:root[data-theme=light] { ${LIGHT} }
:root[data-theme=dark] { ${DARK} }
body { margin: 0 auto; max-width: 70rem; padding: 1rem 1.5rem 4rem; font: 1rem/1.55 system-ui, "DejaVu Sans", sans-serif; color: var(--ink); background: var(--paper); }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; padding: .3rem .6rem; background: var(--paper); }
header { display: flex; flex-wrap: wrap; gap: .5rem 2rem; align-items: baseline; justify-content: space-between; }
h1 { line-height: 1.2; margin: .5rem 0; }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--rule); }
h3 { margin: 1.5rem 0 .3rem; }
nav ol { columns: 20rem; column-gap: 2.5rem; padding-left: 1.5rem; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; font-size: .93rem; }
caption { text-align: left; color: var(--soft); padding-bottom: .3rem; }
th, td { padding: .2rem .5rem; border-bottom: 1px solid var(--rule); vertical-align: top; }
thead th { vertical-align: bottom; background: var(--raised); }
tbody th { font-weight: inherit; text-align: left; }
code, pre { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .88em; }
pre { background: var(--raised); border: 1px solid var(--rule); border-radius: 4px; padding: .6rem .8rem; overflow-x: auto; white-space: pre-wrap; }
button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-align: inherit; }
th button { font-weight: 600; white-space: nowrap; }
th button::after { content: " ↕"; color: var(--soft); font-weight: 400; }
th[aria-sort=ascending] button::after { content: " ↑"; color: var(--link); }
th[aria-sort=descending] button::after { content: " ↓"; color: var(--link); }
tbody th button { color: var(--link); white-space: nowrap; font-weight: inherit; }
tbody th button::after { content: ""; }
tbody th button::before { content: "▸ "; }
tbody th button[aria-expanded=true]::before { content: "▾ "; }
.control { border: 1px solid var(--rule); border-radius: 4px; padding: .2rem .7rem; background: var(--raised); }
input[type=search] { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--rule); border-radius: 4px; padding: .2rem .5rem; }
figure { margin: 1.5rem 0; }
figure img, .chart { max-width: 100%; height: auto; background: #ffffff; border-radius: 4px; }
figcaption { max-width: 45rem; color: var(--soft); }
.charts { display: flex; flex-wrap: wrap; gap: .8rem; }
.key { color: var(--soft); }
.key span { white-space: nowrap; margin-right: 1rem; }
.detail > td { background: var(--raised); padding: .2rem 1rem 1rem; }
.scroll { overflow-x: auto; }
.tall { max-height: 75vh; overflow: auto; }
.tall > table > thead th { position: sticky; top: 0; }
@media print {
  :root, :root[data-theme=dark] { ${LIGHT} }
  body { max-width: none; }
  nav, .skip, .control, .find { display: none; }
  th button::after { content: "" !important; }
  .scroll, .tall { overflow: visible; max-height: none; }
  figure, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
}
`;
