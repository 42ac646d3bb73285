/** The report's look: readable measure, light and dark, print; figures keep their white ground. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --ink: #1d2327; --paper: #ffffff; --rule: #d0d7de; --link: #0b5394; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --paper: #14181c; --rule: #3d444d; --link: #79b8ff; } }
body { margin: 0 auto; max-width: 60rem; padding: 1rem 1.5rem 4rem; font: 1rem/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
a { color: var(--link); }
h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--rule); }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding-bottom: .3rem; }
th, td { padding: .2rem .7rem; border-bottom: 1px solid var(--rule); }
figure { margin: 1.5rem 0; }
figure img { max-width: 100%; height: auto; background: #ffffff; }
figcaption { max-width: 45rem; }
.scroll { overflow-x: auto; }
@media print { body { max-width: none; } nav { display: none; } h2, figure, table { break-inside: avoid; } }
`;
