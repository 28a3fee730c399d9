import { existsSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { withLock } from "../../cluster/programs/lock.ts";

const folder = mkdtempSync(join(tmpdir(), "lock-"));
const file = join(folder, "sub", "lock");

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function hold(log: string[], name: string): Promise<void> {
	await withLock(
		file,
		() => void log.push(`${name} waits`),
		async () => {
			log.push(`${name} begins`);
			await new Promise((resolve) => setTimeout(resolve, 20));
			log.push(`${name} ends`);
		},
	);
}

test("holders take turns, and the lock is gone afterwards", async () => {
	const log: string[] = [];
	await Promise.all([hold(log, "a"), hold(log, "b")]);
	const [first] = log.filter((line) => line.endsWith("begins"));
	expect(log.indexOf(`${first?.[0]} ends`)).toBe(log.lastIndexOf(`${first?.[0]} ends`));
	expect(log.filter((line) => !line.endsWith("waits")).map((line) => line.split(" ")[1])).toEqual([
		"begins",
		"ends",
		"begins",
		"ends",
	]);
	expect(existsSync(file)).toBe(false);
});

test("the lock of a holder that was killed is taken over", async () => {
	const log: string[] = [];
	await withLock(
		file,
		() => undefined,
		async () => undefined,
	);
	writeFileSync(file, "999999999");
	await hold(log, "a");
	writeFileSync(file, String(process.pid));
	const longAgo = new Date(Date.now() - 60_000);
	utimesSync(file, longAgo, longAgo);
	await hold(log, "b");
	expect(log).toEqual(["a begins", "a ends", "b begins", "b ends"]);
});

test("an error of the work frees the lock", async () => {
	await expect(
		withLock(
			file,
			() => undefined,
			() => Promise.reject(new Error("no")),
		),
	).rejects.toThrow("no");
	expect(existsSync(file)).toBe(false);
});
