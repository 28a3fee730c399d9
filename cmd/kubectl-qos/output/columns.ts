import { usage } from "../errors.ts";
import { shown, valuesAt } from "./jsonpath/evaluate.ts";
import { parsePath } from "./jsonpath/parse.ts";
import type { Path } from "./jsonpath/template.ts";
import { NONE } from "./number.ts";
import type { Table } from "./table.ts";

/** Columns that the user chose: `NODE:.status.current.node,GAIN:.status.recommended.gain`. */
export interface Column {
	readonly header: string;
	readonly path: Path;
}

/** @throws PluginError Usage */
export function parseColumns(spec: string): readonly Column[] {
	if (spec === "") throw usage("custom-columns format specified but no custom columns given");
	return spec.split(/,(?![^[]*\])/).map((part) => {
		const colon = part.indexOf(":");
		if (colon < 0) {
			throw usage(
				`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>; for example NODE:.status.current.node`,
			);
		}
		return { header: part.slice(0, colon), path: parsePath(part.slice(colon + 1)) };
	});
}

/** The columns of a file: a line of headers, a line of paths, in columns separated by blanks. */
export function parseColumnsFile(text: string): readonly Column[] {
	const [headers = [], paths = []] = text.split("\n").map((line) => line.trim().split(/\s+/));
	if (headers.length !== paths.length) {
		throw usage(`number of headers (${headers.length}) and field specifications (${paths.length}) don't match`);
	}
	return headers.map((header, index) => ({ header, path: parsePath(paths[index] ?? "") }));
}

export function columnsTable(columns: readonly Column[], objects: readonly object[]): Table {
	return {
		headers: columns.map(({ header }) => header),
		rows: objects.map((object) =>
			columns.map(
				({ path }) =>
					valuesAt(path, object)
						.filter((value) => value !== null)
						.map(shown)
						.join(",") || NONE,
			),
		),
	};
}
