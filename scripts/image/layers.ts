import { copyFileSync, cpSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { licences } from "../package/licences.ts";
import { ROOT } from "../run-part.ts";
import type { Layer } from "./archive.ts";
import { bundleController, MAIN } from "./bundle.ts";
import { type Library, librariesOf } from "./libraries.ts";

/** Who the controller runs as: somebody without rights, called so in other images without a shell too. */
const USER = 65532;
/** Paths in the image. */
const NODE = "/usr/local/bin/node";
const LICENCES = "/app/THIRD_PARTY_LICENSES";
const BINDING = `bin/napi-v6/linux/${process.arch}`;
const MODULES = "node_modules";

/** How the image is run: `config` of an OCI image configuration. */
export function imageConfig(): object {
	return {
		// Numeric, so that the kubelet can tell that it is not root.
		User: `${USER}:${USER}`,
		ExposedPorts: { "8443/tcp": {}, "8444/tcp": {}, "8080/tcp": {} },
		Env: ["NODE_ENV=production"],
		// Node's own 16 MB let what was needed for a moment only fill memory before anything is collected.
		Entrypoint: [NODE, "--max-semi-space-size=8", `/app/${MAIN}`],
		WorkingDir: "/app",
	};
}

/** Makes the layers in a folder, what changes least first. */
export async function makeLayers(folder: string): Promise<readonly Layer[]> {
	const layer = (name: string): Layer => ({ name, folder: join(folder, name.replaceAll(" ", "-")) });
	const [system, node, onnxruntime, controller] = [
		layer("system libraries"),
		layer("node"),
		layer("onnxruntime"),
		layer("controller"),
	] as const;
	const libraries = writeSystem(system.folder);
	put(node.folder, NODE, process.execPath);
	writeOnnxruntime(onnxruntime.folder);
	const app = join(controller.folder, "app");
	const packages = await bundleController(app);
	for (const model of readdirSync(join(ROOT, "models")).filter((name) => name.endsWith(".onnx"))) {
		put(controller.folder, `/app/models/${model}`, join(ROOT, "models", model));
	}
	put(controller.folder, "/app/LICENSE", join(ROOT, "LICENSE"));
	const onnxPackages = ["onnxruntime-common", "onnxruntime-node"].map((name) => `${MODULES}/${name}`);
	const texts = licences([...packages, ...onnxPackages], libraryLicences(libraries));
	writeFileSync(join(controller.folder, LICENCES), texts);
	return [system, node, onnxruntime, controller];
}

function writeSystem(folder: string): readonly Library[] {
	const binding = join(ROOT, MODULES, "onnxruntime-node", BINDING);
	const programs = [process.execPath, join(binding, "onnxruntime_binding.node")];
	const libraries = librariesOf(programs, (path) => path.startsWith(binding));
	for (const { path } of libraries) put(folder, path, path);
	mkdirSync(join(folder, "etc"));
	mkdirSync(join(folder, "tmp"));
	writeFileSync(join(folder, "etc/passwd"), `root:x:0:0::/:\nnonroot:x:${USER}:${USER}::/tmp:\n`);
	writeFileSync(join(folder, "etc/group"), `root:x:0:\nnonroot:x:${USER}:\n`);
	// Without it glibc asks for plugins that are not there.
	writeFileSync(join(folder, "etc/nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n");
	return libraries;
}

/** Its own JavaScript, and of its libraries those of this platform. */
function writeOnnxruntime(folder: string): void {
	for (const name of ["onnxruntime-common", "onnxruntime-node"]) {
		const [from, to] = [join(ROOT, MODULES, name), join(folder, "app", MODULES, name)];
		put(to, "package.json", join(from, "package.json"));
		const isCode = (path: string) => !/\.(map|d\.ts)$/.test(path) && !path.includes("/dist/esm");
		cpSync(join(from, "dist"), join(to, "dist"), { recursive: true, filter: isCode });
	}
	const [from, to] = [join(ROOT, MODULES), join(folder, "app", MODULES)].map((at) => join(at, "onnxruntime-node"));
	cpSync(join(from ?? "", BINDING), join(to ?? "", BINDING), { recursive: true });
}

/** One text per package; files that belong to none are named, so that somebody can look. */
function libraryLicences(libraries: readonly Library[]): readonly string[] {
	const known = new Map(libraries.flatMap(({ package: found }) => (found ? [[found.name, found.licence]] : [])));
	const unknown = libraries.filter(({ package: found }) => found === undefined).map(({ path }) => path);
	const texts = [...known].map(([name, licence]) => `${name} (shared libraries of Debian)\n\n${licence}\n`);
	if (unknown.length === 0) return texts;
	return [...texts, `Shared libraries of the system that this image was made on:\n\n${unknown.join("\n")}\n`];
}

/** Copies a file to a path below a folder. */
function put(folder: string, path: string, file: string): void {
	const target = join(folder, path);
	mkdirSync(dirname(target), { recursive: true });
	copyFileSync(file, target);
}
