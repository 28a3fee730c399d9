import { existsSync } from "node:fs";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * `mkdir -p`. Node's own `recursive` climbs on every ENOENT, so it never returns where a file system gives that
 * answer although the parent is there, as /proc does.
 */
export async function makeFolder(path: string): Promise<void> {
	const parent = dirname(path);
	if (parent !== path && !existsSync(parent)) await makeFolder(parent);
	await mkdir(path).catch((error: unknown) => {
		if (!existsSync(path)) throw error;
	});
}

/**
 * Makes the folder of a file that is to be written hours later.
 * @throws Error when it cannot be written there
 */
export async function confirmWritable(file: string): Promise<void> {
	if ((await stat(file).catch(() => undefined))?.isDirectory()) throw new Error("it is a folder");
	await makeFolder(dirname(file));
	await writeFile(`${file}.part`, "");
	await rm(`${file}.part`);
}
