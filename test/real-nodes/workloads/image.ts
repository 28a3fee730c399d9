import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";

/** Name that pods know the workload by. */
export const WORKLOAD_IMAGE = "kubectl-qos.local/workload:1";

interface Entry {
	readonly name: string;
	readonly content: Buffer;
	readonly mode: number;
}

/** Writes an OCI image archive of one layer that holds one static program. */
export async function writeImage(program: string, archive: string): Promise<void> {
	const layer = tar([{ name: "workload", content: await readFile(program), mode: 0o755 }]);
	const config = json({
		architecture: process.arch === "x64" ? "amd64" : process.arch,
		os: "linux",
		config: { Entrypoint: ["/workload"], User: "65534:65534" },
		rootfs: { type: "layers", diff_ids: [digest(layer)] },
	});
	const manifest = json({
		schemaVersion: 2,
		mediaType: "application/vnd.oci.image.manifest.v1+json",
		config: descriptor("application/vnd.oci.image.config.v1+json", config),
		layers: [descriptor("application/vnd.oci.image.layer.v1.tar", layer)],
	});
	const annotations = { "io.containerd.image.name": WORKLOAD_IMAGE };
	const index = json({
		schemaVersion: 2,
		manifests: [{ ...descriptor("application/vnd.oci.image.manifest.v1+json", manifest), annotations }],
	});
	const blobs = [layer, config, manifest].map((content) => ({
		name: `blobs/sha256/${digest(content).slice("sha256:".length)}`,
		content,
		mode: 0o644,
	}));
	const layout = json({ imageLayoutVersion: "1.0.0" });
	await writeFile(
		archive,
		tar([
			{ name: "oci-layout", content: layout, mode: 0o644 },
			{ name: "index.json", content: index, mode: 0o644 },
			...blobs,
		]),
	);
}

function json(value: object): Buffer {
	return Buffer.from(JSON.stringify(value));
}

function digest(content: Buffer): string {
	return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

function descriptor(mediaType: string, content: Buffer): object {
	return { mediaType, digest: digest(content), size: content.length };
}

const BLOCK = 512;

/** POSIX ustar, with no times and owners, so that the same files give the same bytes. */
function tar(entries: readonly Entry[]): Buffer {
	const parts = entries.flatMap(({ name, content, mode }) => [
		header(name, mode, content.length),
		content,
		Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK),
	]);
	return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function header(name: string, mode: number, size: number): Buffer {
	const block = Buffer.alloc(BLOCK);
	const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, "0")}\0`;
	block.write(name, 0, 100);
	block.write(octal(mode, 7), 100);
	block.write(octal(0, 7), 108);
	block.write(octal(0, 7), 116);
	block.write(octal(size, 11), 124);
	block.write(octal(0, 11), 136);
	block.write(" ".repeat(8), 148);
	block.write("0", 156);
	block.write("ustar\u000000", 257);
	const sum = block.reduce((total, byte) => total + byte, 0);
	block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
	return block;
}
