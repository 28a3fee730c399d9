import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

export interface Layer {
	readonly name: string;
	/** Holds what the layer adds to the root. */
	readonly folder: string;
}

export interface Image {
	/** `registry/name:tag`. */
	readonly reference: string;
	readonly architecture: "amd64" | "arm64";
	/** What runs, as whom, and with which environment: `config` of an OCI image configuration. */
	readonly config: object;
	readonly annotations: Readonly<Record<string, string>>;
	/** The lowest first. */
	readonly layers: readonly Layer[];
}

export interface Size {
	readonly name: string;
	/** Bytes. */
	readonly unpacked: number;
	readonly packed: number;
}

interface Blob {
	readonly digest: string;
	readonly size: number;
}

const TYPE = "application/vnd.oci.image";

/**
 * Writes an OCI image layout as one tar file, as `ctr images import` and `podman load` take it. Equal layers make
 * equal bytes: no times, no owners, one order. Returns the size of each layer.
 */
export function writeArchive(file: string, { reference, architecture, config, annotations, layers }: Image): Size[] {
	const layout = mkdtempSync(join(tmpdir(), "kubectl-qos-image-"));
	try {
		mkdirSync(join(layout, "blobs", "sha256"), { recursive: true });
		const packed = layers.map(({ name, folder }) => {
			const tar = tarOf(folder);
			return { name, id: digest(tar), unpacked: tar.length, blob: putBlob(layout, gzipSync(tar, { level: 9 })) };
		});
		const configuration = putJson(layout, {
			architecture,
			os: "linux",
			config,
			rootfs: { type: "layers", diff_ids: packed.map(({ id }) => id) },
			history: packed.map(({ name }) => ({ created_by: `kubectl-qos: ${name}` })),
		});
		const manifest = putJson(layout, {
			schemaVersion: 2,
			mediaType: `${TYPE}.manifest.v1+json`,
			config: { mediaType: `${TYPE}.config.v1+json`, ...configuration },
			layers: packed.map(({ blob }) => ({ mediaType: `${TYPE}.layer.v1.tar+gzip`, ...blob })),
			annotations,
		});
		const index = {
			schemaVersion: 2,
			mediaType: `${TYPE}.index.v1+json`,
			manifests: [
				{
					mediaType: `${TYPE}.manifest.v1+json`,
					...manifest,
					platform: { architecture, os: "linux" },
					annotations: {
						"io.containerd.image.name": reference,
						"org.opencontainers.image.ref.name": reference,
					},
				},
			],
		};
		writeFileSync(join(layout, "index.json"), JSON.stringify(index));
		writeFileSync(join(layout, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
		writeFileSync(file, tarOf(layout));
		return packed.map(({ name, unpacked, blob }) => ({ name, unpacked, packed: blob.size }));
	} finally {
		rmSync(layout, { recursive: true });
	}
}

function tarOf(folder: string): Buffer {
	const reproducible = ["--format=ustar", "--sort=name", "--mtime=@0", "--owner=0", "--group=0", "--numeric-owner"];
	const args = [...reproducible, "--mode=u=rwX,go=rX", "--create", "--directory", folder, "."];
	return execFileSync("tar", args, { maxBuffer: 2 ** 30 });
}

function putJson(layout: string, value: object): Blob {
	return putBlob(layout, Buffer.from(JSON.stringify(value)));
}

function putBlob(layout: string, bytes: Buffer): Blob {
	const name = digest(bytes);
	writeFileSync(join(layout, "blobs", name.replace(":", "/")), bytes);
	return { digest: name, size: bytes.length };
}

function digest(bytes: Buffer): string {
	return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
