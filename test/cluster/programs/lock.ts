import { mkdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const HEARTBEAT_MS = 5000;
/** A holder that missed this many milliseconds of heartbeats is gone, even where another process has its id now. */
const STALE_MS = 30_000;

/**
 * Runs `work` while holding a lock file that other processes of this user respect. A holder that was killed
 * loses it.
 * @param onWait called once, when another holder has to be waited for
 */
export async function withLock<T>(file: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
	await mkdir(dirname(file), { recursive: true });
	for (let waits = 0; !(await tryCreate(file)); waits += 1) {
		if (await isStale(file)) {
			await rm(file, { force: true });
			continue;
		}
		if (waits === 0) onWait();
		await sleep(500);
	}
	const heartbeat = setInterval(() => {
		const now = new Date();
		utimes(file, now, now).catch(() => undefined);
	}, HEARTBEAT_MS);
	try {
		return await work();
	} finally {
		clearInterval(heartbeat);
		await rm(file, { force: true });
	}
}

async function tryCreate(file: string): Promise<boolean> {
	try {
		await writeFile(file, String(process.pid), { flag: "wx" });
		return true;
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
		throw error;
	}
}

async function isStale(file: string): Promise<boolean> {
	try {
		const age = Date.now() - (await stat(file)).mtimeMs;
		if (age > STALE_MS) return true;
		const holder = Number(await readFile(file, "utf8"));
		return holder > 0 && !isAlive(holder);
	} catch {
		return false;
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error instanceof Error && "code" in error && error.code === "EPERM";
	}
}
