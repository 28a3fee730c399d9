import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const blob = z.object({ mediaType: z.string(), digest: z.string(), size: z.number() });
const indexSchema = z.object({
	manifests: z.tuple([
		blob.extend({
			platform: z.object({ architecture: z.string(), os: z.string() }),
			annotations: z.record(z.string(), z.string()),
		}),
	]),
});
const manifestSchema = z.object({
	config: blob,
	layers: z.array(blob),
	annotations: z.record(z.string(), z.string()),
});
const configurationSchema = z.object({
	architecture: z.string(),
	os: z.string(),
	config: z.object({ User: z.string(), Env: z.array(z.string()), Entrypoint: z.array(z.string()) }),
	rootfs: z.object({ diff_ids: z.array(z.string()) }),
});

/** An image as its archive describes it. */
export interface UnpackedImage {
	/** The root that a container of it would see. */
	readonly root: string;
	readonly entry: z.output<typeof indexSchema>["manifests"][0];
	readonly manifest: z.output<typeof manifestSchema>;
	readonly configuration: z.output<typeof configurationSchema>;
}

/** Unpacks an OCI archive into a folder as a container runtime would. @throws Error when a digest or size is wrong */
export function unpack(archive: string, folder: string): UnpackedImage {
	const [layout, root] = [join(folder, "layout"), join(folder, "root")];
	for (const made of [layout, root]) mkdirSync(made, { recursive: true });
	execFileSync("tar", ["-xf", archive, "-C", layout]);
	const read = ({ digest, size }: { digest: string; size: number }): Buffer => {
		const bytes = readFileSync(join(layout, "blobs", digest.replace(":", "/")));
		if (sha256(bytes) !== digest || bytes.length !== size) throw new Error(`${digest} is not what its name says`);
		return bytes;
	};
	const json = (bytes: Buffer): unknown => JSON.parse(bytes.toString("utf8"));
	const [entry] = indexSchema.parse(json(readFileSync(join(layout, "index.json")))).manifests;
	const manifest = manifestSchema.parse(json(read(entry)));
	const configuration = configurationSchema.parse(json(read(manifest.config)));
	for (const [index, layer] of manifest.layers.entries()) {
		const tar = execFileSync("gzip", ["-dc"], { input: read(layer), maxBuffer: 2 ** 30 });
		if (sha256(tar) !== configuration.rootfs.diff_ids[index]) throw new Error(`layer ${index} is not its diff_id`);
		execFileSync("tar", ["-x", "--preserve-permissions", "-C", root], { input: tar });
	}
	return { root, entry, manifest, configuration };
}

function sha256(bytes: Buffer): string {
	return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
