import { closeSync, fstatSync, openSync, readSync } from "node:fs";

const TAIL_BYTES = 16_384;

/** The last `count` non-empty lines of a file; empty when it cannot be read. */
export function lastLines(file: string, count: number): string {
	let fd: number | undefined;
	try {
		fd = openSync(file, "r");
		const size = fstatSync(fd).size;
		const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
		readSync(fd, buffer, 0, buffer.length, size - buffer.length);
		const lines = buffer.toString("utf8").split("\n");
		return lines
			.filter((line) => line.trim() !== "")
			.slice(-count)
			.join("\n");
	} catch {
		return "";
	} finally {
		if (fd !== undefined) closeSync(fd);
	}
}
