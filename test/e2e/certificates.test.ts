import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { describe, expect, it } from "vitest";
import { fingerprints } from "./harness/api.ts";
import { CONTROLLER_NAMESPACE } from "./harness/installation.ts";
import { parseMetrics, sumOf } from "./harness/metrics-text.ts";
import { deployment, namespace, policy } from "./harness/objects.ts";
import { useStage } from "./harness/stage.ts";
import { nextPodOf, placementOf, running } from "./harness/workloads.ts";

const SECRET = "kubectl-qos-webhook-certificate";
const CONFIGURATION = "kubectl-qos";

const LEAF_VALIDITY_SECONDS = 14;

const stage = useStage({
	nodes: [{ name: "node-1" }, { name: "node-2" }],
	world: { nodes: { "node-1": { background: 1 }, "node-2": { background: 5 } }, apps: {} },
	controllers: 3,
	configuration: {
		certificates: {
			caValidity: "20s",
			leafValidity: `${LEAF_VALIDITY_SECONDS}s`,
			renewBefore: "8s",
			overlap: "2s",
			checkInterval: "1s",
		},
	},
});

/** What is stored: fingerprints of the trusted authorities and of the leaf. */
async function stored(): Promise<{ readonly authorities: readonly string[]; readonly leaf: string | undefined }> {
	const { data } = await stage.api.get("Secret", CONTROLLER_NAMESPACE, SECRET);
	const read = (field: string) => fingerprints(Buffer.from(data?.[field] ?? "", "base64").toString());
	return { authorities: read("ca.crt"), leaf: read("tls.crt")[0] };
}

/** What the API server trusts. */
async function trusted(): Promise<readonly string[]> {
	const { webhooks } = await stage.api.get("MutatingWebhookConfiguration", "", CONFIGURATION);
	return fingerprints(Buffer.from(webhooks[0]?.clientConfig.caBundle ?? "", "base64").toString());
}

/** The leaf that a replica shows to new connections. */
async function served(webhookUrl: string): Promise<string> {
	const socket = connect({ host: "127.0.0.1", port: Number(new URL(webhookUrl).port), rejectUnauthorized: false });
	try {
		await once(socket, "secureConnect");
		return socket.getPeerCertificate().fingerprint256;
	} finally {
		socket.destroy();
	}
}

/** Replicas, Secret and API server agree, at a moment between two steps of a rotation. */
function agreed(): Promise<Awaited<ReturnType<typeof stored>>> {
	return stage.waitUntil("all replicas serve the stored leaf, and the API server trusts it", async () => {
		const state = await stored();
		const leaves = await Promise.all(stage.controllers.map(({ webhookUrl }) => served(webhookUrl)));
		expect(leaves).toEqual(leaves.map(() => state.leaf));
		expect(await trusted()).toEqual(state.authorities);
		return state;
	});
}

async function failedOpen(): Promise<number> {
	const samples = parseMetrics(await stage.api.text("/metrics"));
	return sumOf(samples, "apiserver_admission_webhook_fail_open_count", { name: "placement.kubectl-qos.dev" });
}

/** Asks the API server to create a pod, on trial: the whole of admission, without a pod left behind. */
async function isPlaced(pod: object): Promise<boolean> {
	return placementOf(await stage.api.create("Pod", "shop", pod, "dryRun=All")) !== undefined;
}

async function setBundle(caBundle: string): Promise<void> {
	const patch = [{ op: "add", path: "/webhooks/0/clientConfig/caBundle", value: caBundle }];
	const args = ["patch", "mutatingwebhookconfiguration", CONFIGURATION, "--type=json", "-p", JSON.stringify(patch)];
	await stage.cluster.kubectl(args);
}

describe("certificates of the webhook", () => {
	it("are issued once, although three replicas start at the same moment", async () => {
		await stage.apply(namespace("shop"), policy("shop"), deployment({ namespace: "shop", name: "web" }));
		const [pod] = await running(stage, "shop", "web");
		expect(pod && placementOf(pod)).toBeDefined();
		const logs = await Promise.all(stage.controllers.map((controller) => controller.log()));
		const issued = logs
			.flatMap((log) => log.split("\n"))
			.filter((line) => line.includes('"IssueAll"') && line.includes('"Written"'));
		expect(issued).toHaveLength(1);
		await agreed();
	});

	it("are renewed under load without a pod that is not placed", async () => {
		const pod = await nextPodOf(stage, "shop", "web");
		const before = await failedOpen();
		const leaves = new Set<string | undefined>();
		const newestAuthorities = new Set<string | undefined>();
		const end = performance.now() + 1.5 * LEAF_VALIDITY_SECONDS * 1000;
		let placed = 0;
		let unplaced = 0;
		async function keepCreating(): Promise<void> {
			while (performance.now() < end) {
				if (await isPlaced(pod)) placed++;
				else unplaced++;
				await sleep(20);
			}
		}
		async function keepLooking(): Promise<void> {
			while (performance.now() < end) {
				const { authorities, leaf } = await stored();
				newestAuthorities.add(authorities.at(-1));
				leaves.add(leaf);
				await sleep(250);
			}
		}
		await Promise.all([keepCreating(), keepCreating(), keepLooking()]);
		expect({ unplaced, failedOpen: (await failedOpen()) - before }).toEqual({ unplaced: 0, failedOpen: 0 });
		expect(placed).toBeGreaterThan(100);
		expect(leaves.size).toBeGreaterThanOrEqual(3);
		expect(newestAuthorities.size).toBeGreaterThanOrEqual(2);
		await agreed();
	});

	it("have their caBundle mended when somebody breaks it", async () => {
		await agreed();
		await setBundle("");
		await agreed();
		const pod = await nextPodOf(stage, "shop", "web");
		await stage.waitUntil("pods are placed again", async () => ((await isPlaced(pod)) ? true : undefined), 5_000);
	});

	it("are issued anew when their Secret is deleted", async () => {
		const before = await agreed();
		await stage.api.remove("Secret", CONTROLLER_NAMESPACE, SECRET);
		await stage.waitUntil(
			"a new Secret",
			async () => (await stage.api.find("Secret", CONTROLLER_NAMESPACE, SECRET)) ?? undefined,
		);
		const after = await agreed();
		expect(after.authorities).not.toEqual(expect.arrayContaining([...before.authorities]));
		const pod = await nextPodOf(stage, "shop", "web");
		await stage.waitUntil("pods are placed again", async () => ((await isPlaced(pod)) ? true : undefined), 5_000);
		for (const controller of stage.controllers) expect(await controller.probe("/readyz")).toBe(200);
	});
});
