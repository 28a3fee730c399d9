import { PAGE_STYLE } from "../../src/charts/style.ts";

/** The page's style sheet: two colours for the two halves, both told apart without colour as well. */
export const STYLE = `${PAGE_STYLE}
.line.with { stroke: var(--with); stroke-width: 2.6; } .line.without { stroke: var(--without); stroke-dasharray: 5 3; }
.silence.with { fill: var(--with); } .silence.without { fill: var(--without); }
.mark line { stroke: var(--mark); stroke-dasharray: 1 3; } .mark circle, .badge { fill: var(--soft); background: var(--soft); }
svg .mark text { fill: var(--paper); font-weight: 600; font-size: 11px; }
.mark.disturbance circle, .mark.death circle, .badge.disturbance, .badge.death { fill: var(--bad); background: var(--bad); }
.mark.move circle, .mark.placement circle, .mark.release circle, .badge.move, .badge.placement, .badge.release {
  fill: var(--with); background: var(--with); }
.stay rect { fill: none; stroke-width: 1.4; } .stay.with rect { stroke: var(--with); } .stay.without rect { stroke: var(--without); stroke-dasharray: 4 2; }
tr.last td { border-bottom-color: var(--mark); } tr.total td { font-weight: 600; }
td.with { color: var(--with); } td.without { color: var(--without); }
.marks { list-style: none; padding: 0; margin: .6em 0; }
.marks li { display: grid; grid-template-columns: 26px 46px 1fr; gap: 6px; padding: 3px 0; }
.badge { color: var(--paper); border-radius: 50%; width: 20px; height: 20px; font: 600 11px/20px system-ui, sans-serif; text-align: center; margin-top: 2px; }
time { color: var(--soft); font-variant-numeric: tabular-nums; }
`;
