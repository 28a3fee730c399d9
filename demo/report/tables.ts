import { escapeText } from "../../src/charts/markup.ts";
import { type DemoRecord, HALVES, type MoveRecord } from "../record.ts";
import { formatLatency, summarise } from "../summary.ts";

/** QoS per app and in total, both halves under each other. */
export function summarySection(record: DemoRecord): string {
	const rows = summarise(record);
	const body = rows.flatMap((row, rowIndex) =>
		HALVES.map((half, index) => {
			const { mean, p95, violationSeconds, silentSeconds } = row.halves[half];
			const classes = [index === 1 ? "last" : "", rowIndex === rows.length - 1 ? "total" : ""].join(" ").trim();
			const cells = [
				`<td class="wraps">${index === 0 ? escapeText(row.app) : ""}</td>`,
				`<td class="text ${half}">${half === "with" ? "kubectl-qos" : `default<span class="roomy"> scheduler</span>`}</td>`,
				...[formatLatency(mean), formatLatency(p95), `${violationSeconds} s`, `${silentSeconds} s`].map(
					(text) => `<td>${text}</td>`,
				),
			];
			return `<tr class="${classes}">${cells.join("")}</tr>`;
		}),
	);
	const head = `<tr><th>app</th><th class="text">placed by</th><th>mean</th><th>p95</th><th><span class="roomy">SLO </span>violated</th><th>no answer</th></tr>`;
	return `<div class="scroll"><table><thead>${head}</thead><tbody>${body.join("")}</tbody></table></div>`;
}

/** On a phone each cell stands in a line of its own, behind its label. */
const MOVE_COLUMNS = [
	{ label: "app", kind: "text" },
	{ label: "move", kind: "text" },
	{ label: "asked by", kind: "text" },
	{ label: "before", kind: "number" },
	{ label: "promised", kind: "number" },
	{ label: "measured", kind: "number" },
	{ label: "least available", kind: "number" },
	{ label: "end", kind: "text" },
] as const;

/** What each move promised and what was measured afterwards. */
export function movesSection(moves: readonly MoveRecord[]): string {
	if (moves.length === 0) return "<p>No app was moved.</p>";
	const rows = moves.map((move) => {
		const interval = move.promised
			? `${formatLatency(move.promised.value)} <span class="soft">(${formatLatency(move.promised.lower)} to ${formatLatency(move.promised.upper)})</span>`
			: "–";
		const values = [
			escapeText(move.app),
			escapeText(`${move.from} → ${move.to}`),
			escapeText(move.requestedBy),
			formatLatency(move.before),
			interval,
			formatLatency(move.measured),
			move.leastAvailable ?? "–",
			escapeText(move.phase),
		];
		const cells = MOVE_COLUMNS.map(
			({ label, kind }, index) => `<td class="${kind}" data-label="${label}"><span>${values[index]}</span></td>`,
		);
		return `<tr>${cells.join("")}</tr>`;
	});
	const head = MOVE_COLUMNS.map(({ label, kind }) => `<th class="${kind}">${label}</th>`).join("");
	return `<div class="scroll"><table class="stacked"><thead><tr>${head}</tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}
