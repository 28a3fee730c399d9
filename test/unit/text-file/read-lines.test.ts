import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TextFileError } from "../../../src/adapters/text-file/errors.ts";
import { openTextFile } from "../../../src/adapters/text-file/read-lines.ts";

let directory = "";
beforeAll(async () => {
	directory = await mkdtemp(join(tmpdir(), "text-file-"));
});
afterAll(() => rm(directory, { recursive: true }));

async function linesOf(content: string | Buffer): Promise<string[]> {
	const path = join(directory, "file");
	await writeFile(path, content);
	const file = await openTextFile(path);
	const lines: string[] = [];
	try {
		for await (const batch of file.lines()) {
			expect(batch.first).toBe(lines.length + 1);
			lines.push(...batch.lines);
		}
	} finally {
		await file.close();
	}
	return lines;
}

async function complaint(content: string | Buffer): Promise<string> {
	const error: unknown = await linesOf(content).catch((thrown: unknown) => thrown);
	if (!(error instanceof TextFileError)) throw new Error("nothing was wrong");
	return `${error.line}: ${error.message}`;
}

/** Larger than any buffer on the way, with characters of several bytes. */
const LONG = Array.from({ length: 60_000 }, (_, index) => `zeile ${index} für ${"ü".repeat(index % 7)}`);

describe("lines of a text file", () => {
	it.each(["\n", "\r\n"])("come without their ends, %j", async (end) => {
		expect(await linesOf(LONG.join(end))).toEqual(LONG);
		expect(await linesOf(`a${end}b${end}`)).toEqual(["a", "b"]);
	});

	it("come without a byte order mark", async () => {
		expect(await linesOf("\uFEFFa\nb")).toEqual(["a", "b"]);
	});

	it("come out of gzip, whatever the file's name", async () => {
		expect(await linesOf(gzipSync(LONG.join("\n")))).toEqual(LONG);
		const members = Buffer.concat([gzipSync("a\nb"), gzipSync("c\n")]);
		expect(await linesOf(members)).toEqual(["a", "bc"]);
	});

	it("are none in an empty file", async () => {
		expect(await linesOf("")).toEqual([]);
	});
});

describe("a file that is no text is refused", () => {
	it("when its gzip data ends early", async () => {
		const whole = gzipSync(LONG.join("\n"));
		expect(await complaint(whole.subarray(0, whole.length / 2))).toMatch(/^\d+: the gzip file ends in the middle/);
	});

	it("when it is not UTF-8, with the line", async () => {
		expect(await complaint(Buffer.concat([Buffer.from("a\nb\nc"), Buffer.from([0xff]), Buffer.from("\nd")]))).toMatch(
			/^3: the text is not UTF-8/,
		);
	});

	it("when a line never ends", async () => {
		expect(await complaint(`a\n${"x".repeat(3_000_000)}`)).toMatch(/^2: the line is longer than 1 MiB/);
	});

	it("when it is a directory or is not there", async () => {
		await expect(openTextFile(directory)).rejects.toThrow("is a directory");
		await expect(openTextFile(join(directory, "none"))).rejects.toThrow("there is no such file");
	});
});
