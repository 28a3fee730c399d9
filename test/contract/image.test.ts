import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import manifest from "../../package.json" with { type: "json" };
import { runTool } from "../../scripts/run-part.ts";
import { freePorts } from "../cluster/ports.ts";
import { controllerKubeconfig } from "../e2e/harness/installation.ts";
import { type UnpackedImage, unpack } from "../image/archive.ts";
import { configure, lacksForContainers, outputOf, runContainer } from "../image/container.ts";
import { eventually, MANIFESTS, startInstalled } from "./kubernetes-support.ts";

const MEGABYTE = 1e6;
let folder: string;
let archive: string;
let image: UnpackedImage;
let pod: {
	securityContext: { runAsNonRoot: boolean; runAsUser: number; runAsGroup: number };
	containers: [{ image: string; ports: { containerPort: number }[] }];
};

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "kubectl-qos-image-test-"));
	archive = join(folder, "image.tar");
	const { code, output } = await runTool("node", ["scripts/image.ts", "--output", archive], "captured");
	expect(output).toContain("linux/");
	expect(code).toBe(0);
	image = unpack(archive, folder);
	pod = parse(readFileSync(join(MANIFESTS, "base/controller/deployment.yaml"), "utf8")).spec.template.spec;
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the image", () => {
	it("is small, and has the name and the user that the manifests ask for", () => {
		expect(statSync(archive).size).toBeLessThanOrEqual(80 * MEGABYTE);
		const { entry, configuration, manifest: found } = image;
		expect(entry.annotations["io.containerd.image.name"]).toBe(pod.containers[0].image);
		expect(found.annotations["org.opencontainers.image.version"]).toBe(manifest.version);
		const { runAsUser, runAsGroup, runAsNonRoot } = pod.securityContext;
		expect(runAsNonRoot).toBe(true);
		expect(configuration.config.User).toBe(`${runAsUser}:${runAsGroup}`);
		expect(readFileSync(join(image.root, "etc/passwd"), "utf8")).toContain(`:x:${runAsUser}:${runAsGroup}:`);
	});

	it("says which machines can run it", () => {
		const architecture = process.arch === "x64" ? "amd64" : "arm64";
		expect(image.configuration).toMatchObject({ architecture, os: "linux" });
		expect(image.entry.platform).toEqual({ architecture, os: "linux" });
	});

	it("holds no shell and no link, and nothing that its user could write or gain rights by", () => {
		const files = readdirSync(image.root, { recursive: true, encoding: "utf8" }).map((name) => join(image.root, name));
		expect(files.length).toBeGreaterThan(20);
		for (const file of files) {
			const { mode, uid } = lstatSync(file);
			expect([file, mode & 0o6022, lstatSync(file).isSymbolicLink()]).toEqual([file, 0, false]);
			if (process.getuid?.() === 0) expect([file, uid]).toEqual([file, 0]);
			expect(file).not.toMatch(/\/(sh|bash|dash|busybox|npm|npx)$/);
		}
	});

	it("carries the licences of all that is in it", () => {
		const text = readFileSync(join(image.root, "app/THIRD_PARTY_LICENSES"), "utf8");
		for (const name of ["onnxruntime-node", "express", "undici", `Node.js ${process.version}`]) {
			expect(text).toMatch(new RegExp(`^${name.replaceAll(".", "\\.")} `, "m"));
		}
		for (const library of ["libc.so.6", "libstdc++.so.6"]) {
			const debian = library === "libc.so.6" ? "libc6" : "libstdc++6";
			if (existsSync("/etc/debian_version")) expect(text).toContain(`\n${debian} `);
			else expect(text).toContain(library);
		}
	});
});

describe.skipIf(lacksForContainers())("a container of the image", () => {
	it("has every library that it needs", async () => {
		expect(await outputOf(runContainer(image, ["--version"]))).toBe(`v${manifest.version}\n`);
		const load = "console.log(Object.keys(require('/app/node_modules/onnxruntime-node')).includes('InferenceSession'))";
		const [node = ""] = image.configuration.config.Entrypoint;
		expect(await outputOf(runContainer(image, ["--eval", load], { entrypoint: [node] }))).toBe("true\n");
	});

	it("becomes ready with a read-only root, and stops when told to", async () => {
		const cluster = await startInstalled();
		try {
			const [webhook = 0, health = 0] = await freePorts(2);
			const configuration = {
				prometheus: { url: "http://127.0.0.1:9" },
				webhook: { host: "127.0.0.1", port: webhook, url: `https://127.0.0.1:${webhook}/mutate`, drain: "0s" },
				health: { host: "127.0.0.1", port: health },
			};
			const child = runContainer(image, configure(image, configuration, await controllerKubeconfig(cluster)));
			const output = outputOf(child);
			const ready = () =>
				fetch(`http://127.0.0.1:${health}/readyz`).then(
					({ ok }) => ok || undefined,
					() => undefined,
				);
			await Promise.race([eventually(ready), output]);
			const [pid = ""] = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").split(" ");
			expect(readFileSync(`/proc/${pid}/status`, "utf8")).toMatch(/^Uid:\s+65532\s/m);
			process.kill(Number(pid), "SIGTERM");
			expect(await output).toContain('"msg":"stopped"');
		} finally {
			await cluster.stop();
		}
	});
});
