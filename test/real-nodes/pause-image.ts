import { createHash } from "node:crypto";
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../cluster/programs/run.ts";
import { PAUSE_IMAGE } from "./machine-files.ts";

/** Writes an OCI archive whose image is one static program. */
export async function writePauseImage(program: string, archive: string): Promise<void> {
	const folder = await mkdtemp(join(tmpdir(), "kubectl-qos-pause-"));
	try {
		const root = join(folder, "root");
		const blobs = join(folder, "image", "blobs", "sha256");
		await mkdir(root);
		await mkdir(blobs, { recursive: true });
		await copyFile(program, join(root, "pause"));
		await chmod(join(root, "pause"), 0o755);
		await tar(root, join(folder, "layer.tar"));
		const put = async (content: Buffer): Promise<{ digest: string; size: number }> => {
			const hash = createHash("sha256").update(content).digest("hex");
			await writeFile(join(blobs, hash), content);
			return { digest: `sha256:${hash}`, size: content.length };
		};
		const layer = await put(await readFile(join(folder, "layer.tar")));
		const config = await put(
			json({
				architecture: process.arch === "x64" ? "amd64" : process.arch,
				os: "linux",
				config: { Entrypoint: ["/pause"], User: "65535:65535" },
				rootfs: { type: "layers", diff_ids: [layer.digest] },
			}),
		);
		const mediaType = "application/vnd.oci.image.manifest.v1+json";
		const manifest = await put(
			json({
				schemaVersion: 2,
				mediaType,
				config: { mediaType: "application/vnd.oci.image.config.v1+json", ...config },
				layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", ...layer }],
			}),
		);
		const annotations = { "io.containerd.image.name": PAUSE_IMAGE };
		const index = json({ schemaVersion: 2, manifests: [{ mediaType, ...manifest, annotations }] });
		await writeFile(join(folder, "image", "index.json"), index);
		await writeFile(join(folder, "image", "oci-layout"), json({ imageLayoutVersion: "1.0.0" }));
		await tar(join(folder, "image"), archive);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

function json(value: object): Buffer {
	return Buffer.from(JSON.stringify(value));
}

async function tar(folder: string, file: string): Promise<void> {
	const { code, stderr } = await run("tar", ["--owner=0", "--group=0", "-C", folder, "-cf", file, "."]);
	if (code !== 0) throw new Error(`tar ${folder}: ${stderr.trim()}`);
}
