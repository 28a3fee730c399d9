/** The whole terminal, taken over until it is closed. */
export interface Screen {
	readonly columns: number;
	readonly rows: number;
	/** Replaces what is shown; lines that do not fit are cut off. */
	draw(lines: readonly string[]): void;
	/** A key as the terminal sends it; `resize` when the size has changed. */
	onKey(listener: (key: string) => void): void;
	onResize(listener: () => void): void;
	/** Gives the terminal back as it was. May be called twice. */
	close(): void;
}

const ENTER = "\u001B[?1049h\u001B[?25l\u001B[?7l";
const LEAVE = "\u001B[?7h\u001B[?25h\u001B[?1049l";
const HOME = "\u001B[H";
const ERASE_LINE = "\u001B[K";
const ERASE_BELOW = "\u001B[J";
/** What a terminal without a size has. */
const COLUMNS = 80;
const ROWS = 24;

/** Takes over the terminal of this process: the alternate screen, raw keys. However the process ends, it is given back. */
export function openScreen(): Screen {
	const { stdin, stdout } = process;
	let isOpen = true;
	function close(): void {
		if (!isOpen) return;
		isOpen = false;
		stdout.write(LEAVE);
		stdin.setRawMode(false);
		stdin.pause();
		process.off("exit", close);
		for (const signal of SIGNALS) process.off(signal, endBySignal);
	}
	function endBySignal(signal: NodeJS.Signals): void {
		close();
		// With our handlers gone it ends the process as it would have without them.
		process.kill(process.pid, signal);
	}
	process.on("exit", close);
	for (const signal of SIGNALS) process.on(signal, endBySignal);
	stdin.setRawMode(true);
	stdin.setEncoding("utf8");
	stdin.resume();
	stdout.write(ENTER);
	return {
		get columns() {
			return stdout.columns || COLUMNS;
		},
		get rows() {
			return stdout.rows || ROWS;
		},
		draw(lines) {
			if (!isOpen) return;
			const shown = lines.slice(0, this.rows).map((line) => `${line}${ERASE_LINE}`);
			stdout.write(`${HOME}${shown.join("\r\n")}${ERASE_BELOW}`);
		},
		onKey: (listener) => void stdin.on("data", (key) => listener(String(key))),
		onResize: (listener) => void stdout.on("resize", listener),
		close,
	};
}

const SIGNALS = ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGINT"] as const;
