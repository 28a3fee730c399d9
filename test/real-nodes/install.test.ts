import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type Api, connectApi } from "../e2e/harness/api.ts";
import { CONTROLLER_NAMESPACE } from "../e2e/harness/installation.ts";
import { deployment, namespace, policy } from "../e2e/harness/objects.ts";
import { startRealCluster } from "./cluster.ts";
import { makeImage, runPlugin } from "./installed.ts";
import { PAUSE_IMAGE } from "./machine-files.ts";
import { whyNoRealNodes } from "./requirements.ts";
import type { RealCluster } from "./types.ts";

const lacks = await whyNoRealNodes();

describe.skipIf(lacks !== "")("the image, installed by kubectl qos install on real nodes", () => {
	let folder: string;
	let cluster: RealCluster;
	let api: Api;

	beforeAll(async () => {
		folder = mkdtempSync(join(tmpdir(), "kubectl-qos-install-"));
		const archive = join(folder, "image.tar");
		await makeImage(archive);
		cluster = await startRealCluster({ images: [archive] });
		api = connectApi(cluster);
	});

	afterAll(async () => {
		api?.close();
		await cluster?.stop();
		rmSync(folder, { recursive: true });
	});

	test("two replicas become available, on different nodes, and the installer has checked it", async () => {
		const flags = ["--prometheus-url", cluster.prometheusUrl, "--wait", "--timeout", "60s"];
		const { code, stdout, stderr } = await runPlugin(cluster, ["install", ...flags]);
		expect([code, stderr]).toEqual([0, expect.stringContaining("waiting for the controller")]);
		expect(stdout).toContain("2 of 2 replicas are available");
		const pods = await api.list("Pod", CONTROLLER_NAMESPACE);
		expect(new Set(pods.map(({ spec }) => spec.nodeName)).size).toBe(2);
	});

	test("the API server asks them through the Service, and a new pod runs where they say", async () => {
		const real = { containers: [{ name: "app", image: PAUSE_IMAGE, resources: { requests: { cpu: "10m" } } }] };
		const objects = [
			namespace("shop"),
			policy("shop", { mode: "Initial" }),
			deployment({ namespace: "shop", name: "web", replicas: 1, podSpec: real }),
		];
		// The policy is there before the pod, and the controller has measured nodes at least once.
		await vi.waitFor(
			async () => {
				await cluster.kubectl(["apply", "-f", "-"], objects.join("---\n"));
				await cluster.kubectl([
					"wait",
					"pods",
					"-n",
					"shop",
					"-l",
					"app=web",
					"--for=condition=Ready",
					"--timeout=10s",
				]);
				const [pod] = await api.list("Pod", "shop");
				if (pod?.metadata.annotations?.["kubectl-qos.dev/placement"] === undefined) {
					await cluster.kubectl(["delete", "deployment", "web", "-n", "shop", "--wait"]);
				}
				const placement = JSON.parse(pod?.metadata.annotations?.["kubectl-qos.dev/placement"] ?? "{}");
				expect(pod?.spec.nodeName).toBe(placement.node);
			},
			{ timeout: 60_000, interval: 2_000 },
		);
	});
});
