/** What all our pages have in common: colours for light and dark, type, tables, charts, and what a phone needs. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1c2430; --soft: #5b6675; --faint: #e6e9ee; --card: #f6f8fa;
  --with: #0a6e6a; --without: #b4460f; --bad: #b3261e; --good: #116329; --mark: #8792a2; }
@media (prefers-color-scheme: dark) {
  :root { --paper: #0e1318; --ink: #e4e9ef; --soft: #9aa6b4; --faint: #242c35; --card: #161d25;
    --with: #3fd0c3; --without: #ff9a5c; --bad: #ff8a80; --good: #6fdd8b; --mark: #6b7787; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1020px; padding: 28px 20px 60px; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .4em; text-wrap: balance; }
h2 { font-size: 1.15rem; margin: 2.2em 0 .5em; }
h3 { font-size: 1rem; margin: 1.6em 0 .2em; }
p { margin: .4em 0; max-width: 72ch; } .soft, figcaption { color: var(--soft); }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px; margin: 20px 0 8px; }
.tile { background: var(--card); border-radius: 10px; padding: 12px 14px; }
.tile b { display: block; font-size: 1.45rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.tile span { color: var(--soft); font-size: .86rem; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 22px; padding: 0; margin: .6em 0; list-style: none; font-size: .9rem; }
.legend svg { width: 34px; height: 12px; margin-right: 7px; vertical-align: -1px; }
figure { margin: 0; } figcaption { font-size: .88rem; margin-top: .6em; }
.chart { width: 100%; height: auto; display: block; } .chart.narrow { display: none; }
svg text { fill: var(--ink); font-size: 11.5px; } svg .tick { fill: var(--soft); }
svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
.grid { stroke: var(--faint); } .axis { stroke: var(--mark); }
.line { fill: none; stroke-linejoin: round; stroke-width: 2; }
.objective { stroke: var(--ink); stroke-width: 1.2; stroke-dasharray: 2 3; } svg .objective-label { font-weight: 600; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .94rem; }
th, td { text-align: right; padding: 6px 10px; border-bottom: 1px solid var(--faint); white-space: nowrap; }
th { color: var(--soft); font-weight: 600; } th:first-child, td:first-child, th.text, td.text { text-align: left; }
details { margin-top: 1.4em; } summary { cursor: pointer; font-weight: 600; }
pre { background: var(--card); border-radius: 10px; padding: 14px; overflow-x: auto; font: 12.5px/1.5 ui-monospace, "DejaVu Sans Mono", monospace; }
footer { margin-top: 2.4em; font-size: .86rem; color: var(--soft); }
@media (max-width: 640px) {
  body { padding: 18px 14px 40px; } h1 { font-size: 1.3rem; }
  .tiles { grid-template-columns: repeat(2, 1fr); gap: 8px; } .tile { padding: 10px; } .tile b { font-size: 1.2rem; }
  .chart.wide, .roomy { display: none; } .chart.narrow { display: block; } table { font-size: .76rem; }
  th { vertical-align: bottom; } th, td.wraps { white-space: normal; } th, td { padding: 5px 3px; }
  .stacked, .stacked tbody, .stacked tr, .stacked td { display: block; } .stacked thead { display: none; }
  .stacked tr { border-bottom: 1px solid var(--mark); padding: 6px 0; }
  .stacked td, .stacked td.text { display: flex; justify-content: space-between; gap: 12px; border: 0; padding: 2px 4px; font-size: .9rem; }
  .stacked td::before { content: attr(data-label); color: var(--soft); }
}
@media print { details { display: none; } }
`;
