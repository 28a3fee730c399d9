/** A file that cannot be read as text: `message` says what is wrong and how to mend it. */
export class TextFileError extends Error {
	override readonly name = "TextFileError";
	/** Number of the line, where one is known. */
	readonly line: number | undefined;

	constructor(message: string, line?: number) {
		super(message);
		this.line = line;
	}
}

const SYSTEM: Readonly<Record<string, string>> = {
	ENOENT: "there is no such file; give the path of one that exists",
	EACCES: "you may not read it; change its permissions or copy it",
	EPERM: "you may not read it; change its permissions or copy it",
	EISDIR: "is a directory; name the file in it",
	ENOTDIR: "a part of its path is no directory; correct the path",
	ELOOP: "its symbolic links go round in a circle; name the file itself",
	EIO: "its disk gives an input/output error; copy the file from elsewhere",
};

/** What the operating system or zlib complains of, as one line. `line` is the last one that was read. */
export function explained(error: unknown, line: number): TextFileError {
	if (error instanceof TextFileError) return error;
	const code = error instanceof Error && "code" in error ? String(error.code) : "";
	if (code === "Z_BUF_ERROR") {
		return new TextFileError("the gzip file ends in the middle (it is truncated); fetch or write it again", line);
	}
	if (code.startsWith("Z_")) {
		return new TextFileError("the gzip data is damaged; check it with 'gzip -t' and fetch it again", line);
	}
	const known = SYSTEM[code];
	if (known !== undefined) return new TextFileError(known);
	return new TextFileError(`cannot be read: ${error instanceof Error ? error.message : String(error)}`);
}
