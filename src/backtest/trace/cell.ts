import { quoted, TraceError } from "./lines.ts";

/** A field of a record: text in CSV, any JSON value in JSON Lines. */
export type Cell = unknown;

/** What people and programs write where there is no number. */
const UNKNOWN = new Set([
	"",
	"nan",
	"null",
	"none",
	"na",
	"n/a",
	"<unknown>",
	"inf",
	"+inf",
	"-inf",
	"infinity",
	"-infinity",
]);
const PLAIN_NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const WITH_UNIT = /^[+-]?[\d.]+(?:e[+-]?\d+)?\s*([a-zµ%/]+)$/i;

/** A number; NaN where there is none, or none that is finite: Unknown is never 0. @throws TraceError */
export function numberOf(cell: Cell, column: string, line: number): number {
	if (typeof cell === "number") return Number.isFinite(cell) ? cell : Number.NaN;
	if (cell === undefined || cell === null || cell === "") return Number.NaN;
	if (typeof cell !== "string") {
		throw new TraceError(`${column} is ${quoted(JSON.stringify(cell))}; write a number or leave it empty`, line);
	}
	return numberIn(cell.trim(), column, line);
}

function numberIn(text: string, column: string, line: number): number {
	if (PLAIN_NUMBER.test(text)) {
		const value = Number(text);
		return Number.isFinite(value) ? value : Number.NaN;
	}
	if (UNKNOWN.has(text.toLowerCase())) return Number.NaN;
	const unit = WITH_UNIT.exec(text)?.[1];
	if (unit !== undefined) {
		throw new TraceError(
			`${column} is ${quoted(text)}, with the unit ${unit}; write plain numbers, all of a column in one unit`,
			line,
		);
	}
	const hint = /^[+-]?\d+,\d+$/.test(text) ? "write a decimal point" : "write a number such as 0.25, or leave it empty";
	throw new TraceError(`${column} is ${quoted(text)}; ${hint}`, line);
}

/** A name; never empty. @throws TraceError */
export function nameOf(cell: Cell, column: string, line: number): string {
	if (typeof cell === "string" && cell !== "") return cell;
	if (typeof cell === "number") return String(cell);
	throw new TraceError(`${column} is empty; every row names its ${column}`, line);
}

const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s*(Z|[+-]\d\d:?\d\d)?$/i;
const DATE = /^\d{4}-\d\d-\d\d$/;
const EPOCH = /^\d{10}(\.\d+)?$|^\d{13}$/;

/**
 * ms since the epoch: ISO 8601 (without a zone it is UTC), or a number that can only be seconds (10
 * digits) or milliseconds (13 digits) since the epoch. @throws TraceError
 */
export function timeOf(cell: Cell, line: number): number {
	const text = typeof cell === "number" ? String(cell) : typeof cell === "string" ? cell.trim() : "";
	const time = readTime(text);
	if (Number.isFinite(time)) return time;
	throw new TraceError(
		`time is ${quoted(text)}; write ISO 8601 such as 2026-01-31T08:00:00Z (or seconds or milliseconds since 1970)`,
		line,
	);
}

function readTime(text: string): number {
	if (EPOCH.test(text))
		return text.length === 13 && !text.includes(".") ? Number(text) : Math.round(Number(text) * 1000);
	if (DATE.test(text)) return dateTime(`${text}T00:00Z`);
	const zone = ISO.exec(text);
	if (!zone) return Number.NaN;
	return dateTime(
		text
			.replace(" ", "T")
			.replaceAll(/\s/g, "")
			.replace(/(\.\d{3})\d+/, "$1") + (zone[3] === undefined ? "Z" : ""),
	);
}

/** Date.parse lets 30 February be 2 March; we do not. */
function dateTime(iso: string): number {
	const time = Date.parse(iso.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
	const day = Number(iso.slice(8, 10));
	const local = new Date(Date.parse(`${iso.slice(0, 7)}-01T00:00Z`));
	const days = new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 0)).getUTCDate();
	return day >= 1 && day <= days ? time : Number.NaN;
}
