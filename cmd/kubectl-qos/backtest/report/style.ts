import { PAGE_STYLE } from "../../../../src/charts/style.ts";

/** Every policy has a colour and a dash of its own, so that lines are told apart without colour as well. */
export const STYLE = `${PAGE_STYLE}
:root { --original: #b3261e; --argmax: #b4460f; --margin: #6a4fb3; --ewma: #1f62b0; --oracle: #1c2430; }
@media (prefers-color-scheme: dark) {
  :root { --original: #ff8a80; --argmax: #ffb35c; --margin: #b9a3ff; --ewma: #7cb7ff; --oracle: #e4e9ef; } }
.line.kubectl-qos { stroke: var(--with); stroke-width: 2.6; }
.line.oracle { stroke: var(--oracle); stroke-dasharray: 2 3; stroke-width: 1.6; }
.line.original { stroke: var(--original); stroke-dasharray: 8 3; } .line.argmax { stroke: var(--argmax); stroke-dasharray: 3 2; }
.line.margin { stroke: var(--margin); stroke-dasharray: 10 3 2 3; } .line.ewma-margin-cooldown { stroke: var(--ewma); stroke-dasharray: 6 2; }
.moves { stroke: var(--with); stroke-width: 1.4; }
tr.ours td { font-weight: 600; } tr.ours td:first-child { color: var(--with); }
td.why { white-space: normal; text-align: left; min-width: 16em; }
`;
