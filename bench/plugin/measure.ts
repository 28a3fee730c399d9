import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";

/** One run of a program. Times in ms from its start. */
export interface Measured {
	readonly wall: number;
	/** Until a line after the header had arrived; NaN: there was none. */
	readonly firstRow: number;
	/** NaN where the system does not tell. */
	readonly peakMiB: number;
	readonly lines: number;
}

/** Runs a program to its end. @throws Error when it fails */
export async function measure(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Measured> {
	const start = performance.now();
	const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "ignore"] });
	let firstRow = Number.NaN;
	let lines = 0;
	let peakMiB = Number.NaN;
	const watch = setInterval(() => {
		peakMiB = peakOf(child.pid) ?? peakMiB;
	}, 10);
	child.stdout.on("data", (chunk: Buffer) => {
		for (const byte of chunk) if (byte === 0x0a) lines += 1;
		if (lines >= 2 && Number.isNaN(firstRow)) firstRow = performance.now() - start;
		peakMiB = peakOf(child.pid) ?? peakMiB;
	});
	const [code] = await once(child, "close");
	clearInterval(watch);
	if (code !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${code}`);
	return { wall: performance.now() - start, firstRow, peakMiB, lines };
}

/** Peak resident memory of a process, as Linux tells it. */
function peakOf(pid: number | undefined): number | undefined {
	try {
		const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
		return kibibytes === undefined ? undefined : Number(kibibytes) / 1024;
	} catch {
		return undefined;
	}
}

export function summary(measured: readonly Measured[]): { readonly min: number; readonly median: number } {
	const walls = measured.map(({ wall }) => wall).toSorted((left, right) => left - right);
	return { min: walls[0] ?? Number.NaN, median: walls[Math.floor(walls.length / 2)] ?? Number.NaN };
}
