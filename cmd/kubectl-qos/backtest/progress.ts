import type { TextFile } from "../../../src/adapters/text-file/read-lines.ts";
import type { Terminal } from "../terminal.ts";

const WIDTH = 30;
const EVERY_MS = 100;

/** Passes lines on and draws how far the file is read, where somebody sees it. */
export async function* withProgress<Batch>(
	batches: AsyncIterable<Batch>,
	{ file, terminal }: { readonly file: TextFile; readonly terminal: Terminal },
): AsyncGenerator<Batch> {
	const { progress } = terminal;
	if (!progress) {
		yield* batches;
		return;
	}
	let drawnAt = Number.NEGATIVE_INFINITY;
	try {
		for await (const batch of batches) {
			const now = terminal.now();
			if (now - drawnAt >= EVERY_MS) {
				progress(bar(file));
				drawnAt = now;
			}
			yield batch;
		}
	} finally {
		progress("");
	}
}

function bar(file: TextFile): string {
	const mebibytes = `${(file.bytesRead() / 2 ** 20).toFixed(0)} MiB`;
	if (file.size === undefined || file.size === 0) return `reading ${mebibytes}`;
	const share = Math.min(1, file.bytesRead() / file.size);
	const full = Math.round(share * WIDTH);
	return `[${"#".repeat(full)}${".".repeat(WIDTH - full)}] ${Math.round(share * 100)}%  ${mebibytes}`;
}
