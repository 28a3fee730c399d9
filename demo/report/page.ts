import { escapeText } from "../../src/charts/markup.ts";
import type { DemoRecord } from "../record.ts";
import { formatElapsed, formatLatency, summarise } from "../summary.ts";
import { chart, numberMarks } from "./chart.ts";
import { NARROW, WIDE } from "./size.ts";
import { STYLE } from "./style.ts";
import { movesSection, summarySection } from "./tables.ts";

/** The whole run as one HTML page that needs nothing but itself: no script, no font, no network. */
export function renderPage(record: DemoRecord): string {
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>kubectl-qos: the demo of ${escapeText(record.startedAt.slice(0, 10))}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>${headline(record)}</h1>
<p class="soft">One real Kubernetes control plane, six nodes and their six twins: the same machines, apps, load and misfortunes twice, at the same time. One half is served by kubectl-qos, the other by the default scheduler alone. Kubelets and the apps' work are simulated; API server, scheduler, controllers and Prometheus are real. Time is compressed: minutes of a real cluster are seconds here. The world is made so that requests mislead: the largest node looks emptiest and is not.</p>
${tiles(record)}
<h2>Latency of each app</h2>
${legend()}
${record.apps.map((app) => `<figure><h3>${escapeText(app.name)}</h3>${chart(app, record, WIDE)}${chart(app, record, NARROW)}</figure>`).join("\n")}
<figcaption>One value a second, logarithmic. The strips name the node on which the app ran.</figcaption>
<h2>What happened</h2>
${marks(record)}
<h2>QoS with and without kubectl-qos</h2>
${summarySection(record)}
<p class="soft">Measured by Prometheus in both halves, one value a second over ${formatElapsed(record.seconds - record.from)} minutes. A second without an answer counts as a violation.</p>
<h2>Promise and measurement</h2>
${movesSection(record.moves)}
<p class="soft">“Least available” is the smallest number of available replicas that a watch saw while the move was rolled out.</p>
<details><summary>The story as told in the terminal</summary><pre>${story(record)}</pre></details>
<footer>${record.versions.map(([program, version]) => `${escapeText(program)} ${escapeText(version)}`).join(" · ")} · ${escapeText(record.startedAt)}</footer>
</body>
</html>
`;
}

function headline(record: DemoRecord): string {
	const total = summarise(record).at(-1)?.halves;
	if (!total) return "kubectl-qos: a demo";
	return `The latency objective was missed for ${total.with.violationSeconds} app-seconds with kubectl-qos, and for ${total.without.violationSeconds} with the default scheduler alone.`;
}

function tiles(record: DemoRecord): string {
	const total = summarise(record).at(-1)?.halves;
	if (!total) return "";
	const kept = record.moves.filter(({ phase }) => phase === "Succeeded");
	const least = kept.flatMap(({ leastAvailable }) => leastAvailable ?? []);
	const tile = (value: string, text: string) => `<div class="tile"><b>${value}</b><span>${text}</span></div>`;
	return `<div class="tiles">${[
		tile(
			`${formatLatency(total.with.mean)} <span>vs ${formatLatency(total.without.mean)}</span>`,
			"mean latency, with and without",
		),
		tile(`${formatLatency(total.with.p95)} <span>vs ${formatLatency(total.without.p95)}</span>`, "95th percentile"),
		tile(`${kept.length}`, "moves made and verified"),
		tile(least.length > 0 ? `${Math.min(...least)}` : "–", "available replicas at the worst moment of a move (of 1)"),
	].join("")}</div>`;
}

function legend(): string {
	const key = (shape: string, text: string) =>
		`<li><svg viewBox="0 0 34 12" aria-hidden="true">${shape}</svg>${text}</li>`;
	return `<ul class="legend">${[
		key(`<path class="line with" d="M0 6H34"/>`, "with kubectl-qos"),
		key(`<path class="line without" d="M0 6H34"/>`, "default scheduler alone"),
		key(`<path class="objective" d="M0 6H34"/>`, "service level objective"),
		key(
			`<rect class="silence with" y="1" width="34" height="4"/><rect class="silence without" y="7" width="34" height="4"/>`,
			"no answer",
		),
		key(`<g class="mark move"><circle cx="17" cy="6" r="6"/></g>`, "what kubectl-qos did"),
		key(`<g class="mark death"><circle cx="17" cy="6" r="6"/></g>`, "what befell both halves"),
	].join("")}</ul>`;
}

function marks(record: DemoRecord): string {
	const items = numberMarks(record.marks).map(
		({ number, kind, at, text }) =>
			`<li><span class="badge ${kind.toLowerCase()}">${number}</span><time>${formatElapsed(at)}</time><span>${escapeText(text)}</span></li>`,
	);
	return `<ol class="marks">${items.join("")}</ol>`;
}

function story(record: DemoRecord): string {
	return record.story
		.map(({ at, kind, text }) => {
			if (kind === "Chapter") return `\n${text}\n`;
			const indented = text.replaceAll("\n", "\n      ");
			return kind === "Output" ? `      ${indented}` : `${formatElapsed(at).padStart(4)}  ${indented}`;
		})
		.map(escapeText)
		.join("\n")
		.trim();
}
