import { readFileSync } from "node:fs";

const COUNT = 40;

/** The last lines of a controller's log without those that every second brings; none when it cannot be read. */
export function tellingLines(file: string): string {
	try {
		const lines = readFileSync(file, "utf8").trimEnd().split("\n");
		return lines
			.filter((line) => !line.includes('"job ran"'))
			.slice(-COUNT)
			.join("\n");
	} catch {
		return "";
	}
}
