import { mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { makeFolder } from "../../../src/files/folder.ts";

let root = "";
beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), "folder-"));
});
afterEach(() => rm(root, { recursive: true }));

describe("makeFolder", () => {
	it("makes a folder with all above it, at once or by several, and is content with one that is there", async () => {
		const path = join(root, "a/b/c");
		await Promise.all([makeFolder(path, 0o700), makeFolder(path, 0o700), makeFolder(join(root, "a/b/d"), 0o700)]);
		await makeFolder(path);
		expect((await stat(path)).mode & 0o777).toBe(0o700);
		await symlink(path, join(root, "link"));
		await makeFolder(join(root, "link/e"));
		expect((await stat(join(path, "e"))).isDirectory()).toBe(true);
	});

	it("says that a file is in its way", async () => {
		await writeFile(join(root, "file"), "");
		await expect(makeFolder(join(root, "file"))).rejects.toThrow("EEXIST");
		await expect(makeFolder(join(root, "file/a"))).rejects.toThrow("ENOTDIR");
	});

	it.runIf(process.platform === "linux")("ends where the kernel lets nobody make anything", async () => {
		await expect(makeFolder("/proc/kubectl-qos/a")).rejects.toThrow("ENOENT");
	});
});
