/**
 * `npm run image [-- --output FILE]`: the controller as an OCI archive for this machine's architecture, made without
 * Docker. It has the name that the manifests ask for. Prints the size of each layer.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import manifest from "../package.json" with { type: "json" };
import { parseFlags } from "./arguments.ts";
import { type Size, writeArchive } from "./image/archive.ts";
import { imageConfig, makeLayers } from "./image/layers.ts";
import { ROOT } from "./run-part.ts";

const SOURCE = "https://github.com/kubectl-qos/kubectl-qos";
const DEPLOYMENT = join(ROOT, "manifests/base/controller/deployment.yaml");

const containersSchema = z.object({ containers: z.tuple([z.object({ image: z.string() })]) });
const deploymentSchema = z.object({ spec: z.object({ template: z.object({ spec: containersSchema }) }) });
const reportSchema = z.object({ header: z.object({ glibcVersionRuntime: z.string().optional() }) });

const { values } = parseFlags(
	{ options: { output: { type: "string", default: join(ROOT, "dist/qos-controller.tar") } } },
	"npm run image [-- --output FILE]",
);
const file = resolve(values.output);
const folder = mkdtempSync(join(tmpdir(), "kubectl-qos-layers-"));
try {
	const architecture = architectureHere();
	const reference = referenceOfManifests();
	mkdirSync(dirname(file), { recursive: true });
	const sizes = writeArchive(file, {
		reference,
		architecture,
		config: imageConfig(),
		annotations: {
			"org.opencontainers.image.title": "qos-controller",
			"org.opencontainers.image.description": manifest.description,
			"org.opencontainers.image.version": manifest.version,
			"org.opencontainers.image.licenses": manifest.license,
			"org.opencontainers.image.source": SOURCE,
		},
		layers: await makeLayers(folder),
	});
	for (const size of sizes) console.log(line(size));
	console.log(line({ name: "archive", unpacked: total(sizes), packed: statSync(file).size }));
	console.log(`${relative("", file)}: ${reference}, linux/${architecture}`);
} catch (error) {
	console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
	process.exitCode = 1;
} finally {
	rmSync(folder, { recursive: true });
}

/** @throws Error where no image can be made */
function architectureHere(): "amd64" | "arm64" {
	const { glibcVersionRuntime } = reportSchema.parse(process.report.getReport()).header;
	if (glibcVersionRuntime === undefined) {
		throw new Error("an image is made on Linux with glibc: its shared libraries become those of the image");
	}
	if (process.arch === "x64") return "amd64";
	if (process.arch === "arm64") return "arm64";
	throw new Error(`onnxruntime has no library for ${process.arch}: make the image on x64 or arm64`);
}

/** The name by which the Deployment asks for the image of this version. @throws Error when it names another one */
function referenceOfManifests(): string {
	const deployment = deploymentSchema.parse(parse(readFileSync(DEPLOYMENT, "utf8")));
	const [{ image }] = deployment.spec.template.spec.containers;
	if (image.endsWith(`:${manifest.version}`)) return image;
	throw new Error(`${relative("", DEPLOYMENT)} asks for ${image}, package.json is of version ${manifest.version}`);
}

function total(sizes: readonly Size[]): number {
	return sizes.reduce((sum, { unpacked }) => sum + unpacked, 0);
}

function line({ name, unpacked, packed }: Size): string {
	return `${name.padEnd(18)} ${megabytes(packed)} MB packed ${megabytes(unpacked)} MB unpacked`;
}

function megabytes(bytes: number): string {
	return (bytes / 1e6).toFixed(1).padStart(6);
}
