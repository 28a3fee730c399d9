import { open } from "node:fs/promises";
import { PassThrough, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { explained, TextFileError } from "./errors.ts";

/** Some lines that follow each other, without their ends. */
export interface LineBatch {
	/** Number of the first of them; a file begins with line 1. */
	readonly first: number;
	readonly lines: readonly string[];
}

export interface TextFile {
	/** Size on the disk in bytes; `undefined` for a pipe. */
	readonly size: number | undefined;
	/** Bytes taken from the disk so far. */
	bytesRead(): number;
	/** All lines, read once and as they are asked for. @throws TextFileError */
	lines(): AsyncGenerator<LineBatch>;
	/** Closes a file that was not read to its end. */
	close(): Promise<void>;
}

// Small, so that what is read is done with before the garbage collector sees it: larger ones only take more memory.
const CHUNK_BYTES = 16 * 1024;
/** No record of ours comes near this; a file that is no text often has no line ends at all. */
const MAX_LINE_BYTES = 1024 * 1024;
const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/** Opens a file or a pipe of UTF-8 text, gzip-compressed or not (its content tells). @throws TextFileError */
export async function openTextFile(path: string): Promise<TextFile> {
	try {
		const file = await open(path);
		const about = await file.stat();
		if (about.isDirectory()) {
			await file.close();
			throw new TextFileError("is a directory; name the file in it");
		}
		const stream = file.createReadStream({ highWaterMark: CHUNK_BYTES });
		return {
			size: about.isFile() ? about.size : undefined,
			bytesRead: () => stream.bytesRead,
			lines: () => decoded(uncompressed(stream)),
			async close() {
				stream.destroy();
				await file.close();
			},
		};
	} catch (error) {
		throw explained(error, 0);
	}
}

async function* uncompressed(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
	const chunks = stream[Symbol.asyncIterator]();
	const first = await chunks.next();
	if (first.done) return;
	async function* all() {
		yield first.value as Buffer;
		for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
	}
	yield* isGzip(first.value) ? gunzipped(all()) : all();
}

function isGzip(bytes: Buffer): boolean {
	return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

async function* gunzipped(chunks: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
	const source = Readable.from(chunks, { objectMode: false });
	const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
	source.on("error", (error) => gunzip.destroy(error));
	source.pipe(gunzip);
	const output = gunzip.pipe(new PassThrough());
	gunzip.on("error", (error) => output.destroy(error));
	for await (const chunk of output) yield chunk as Buffer;
}

/** Cuts at line ends before decoding, so that no character is cut in two and a bad one has a line number. */
async function* decoded(chunks: AsyncGenerator<Buffer>): AsyncGenerator<LineBatch> {
	let first = 1;
	let rest: Buffer = Buffer.alloc(0);
	try {
		for await (const chunk of chunks) {
			const end = chunk.lastIndexOf(NEWLINE);
			if (end < 0) {
				rest = Buffer.concat([rest, chunk]);
			} else {
				const lines = textLines(Buffer.concat([rest, chunk.subarray(0, end)]), first);
				yield { first, lines };
				first += lines.length;
				rest = Buffer.from(chunk.subarray(end + 1));
			}
			if (rest.length > MAX_LINE_BYTES) throw tooLong(first);
		}
		if (rest.length > 0) yield { first, lines: textLines(rest, first) };
	} catch (error) {
		throw explained(error, first - 1);
	}
}

function tooLong(line: number): TextFileError {
	return new TextFileError("the line is longer than 1 MiB; is this a text file with one record a line?", line);
}

function textLines(bytes: Buffer, first: number): readonly string[] {
	const lines = decode(bytes, first).split("\n");
	for (const [index, line] of lines.entries()) {
		if (line.charCodeAt(line.length - 1) === CARRIAGE_RETURN) lines[index] = line.slice(0, -1);
		if (line.length > MAX_LINE_BYTES) throw tooLong(first + index);
	}
	return lines;
}

function decode(bytes: Buffer, first: number): string {
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
	} catch {
		throw new TextFileError(
			"the text is not UTF-8; convert it with 'iconv -t UTF-8', or decompress it if it is an archive",
			first + lineOfBadByte(bytes),
		);
	}
}

/** How many lines stand before the one that does not decode. */
function lineOfBadByte(bytes: Buffer): number {
	let line = 0;
	for (let from = 0; from <= bytes.length; line += 1) {
		const end = bytes.indexOf(NEWLINE, from);
		const part = bytes.subarray(from, end < 0 ? bytes.length : end);
		if (Buffer.from(part.toString("utf8"), "utf8").compare(part) !== 0) return line;
		if (end < 0) return line;
		from = end + 1;
	}
	return line;
}
