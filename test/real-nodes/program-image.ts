import { chmod, copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeArchive } from "../../scripts/image/archive.ts";

/** An image that is one static program. */
export interface ProgramImage {
	/** Name that pods know it by. */
	readonly reference: string;
	/** What it is called in the image, at its root. */
	readonly name: string;
	/** Executable. */
	readonly program: string;
	/** User and group, numeric. */
	readonly user: number;
}

/** Writes it as an OCI archive. */
export async function writeProgramImage(
	archive: string,
	{ reference, name, program, user }: ProgramImage,
): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), "kubectl-qos-program-"));
	try {
		const root = join(folder, "root");
		await mkdir(root);
		await copyFile(program, join(root, name));
		await chmod(join(root, name), 0o755);
		writeArchive(archive, {
			reference,
			architecture: process.arch === "arm64" ? "arm64" : "amd64",
			config: { Entrypoint: [`/${name}`], User: `${user}:${user}` },
			annotations: {},
			layers: [{ name, folder: root }],
		});
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
