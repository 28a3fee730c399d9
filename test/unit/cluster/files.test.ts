import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { parseLabels } from "../../cluster/command/node.ts";
import { commandLines } from "../../cluster/command-lines.ts";
import { nodeManifest } from "../../cluster/nodes.ts";
import { prometheusConfig } from "../../cluster/prometheus.ts";
import { KUBELET_LABEL, kwokStages, STARTUP_ANNOTATION } from "../../cluster/stages.ts";

describe("kwok's stages", () => {
	const stages = parseAllDocuments(kwokStages({ startupSeconds: 1.5, stopSeconds: 0.2 })).map((document) =>
		document.toJS(),
	);
	const byName = Object.fromEntries(stages.map((stage) => [stage.metadata.name, stage.spec]));

	test("start and stop take the configured time, or the pod's own", () => {
		expect(byName["pod-started"].delay.durationMilliseconds).toBe(1500);
		expect(byName["pod-started"].delay.durationFrom.expressionFrom).toContain(STARTUP_ANNOTATION);
		expect(byName["pod-stopped"].delay.durationMilliseconds).toBe(200);
	});

	test("no two stages of a kind can match the same pod, since kwok would then choose by chance", () => {
		const phases = ["pod-started", "pod-ready-again"].map(
			(name) =>
				byName[name].selector.matchExpressions.find(({ key }: { key: string }) => key === ".status.phase").values,
		);
		expect(phases).toEqual([["Pending"], ["Running"]]);
		for (const name of ["pod-started", "pod-ready-again"]) {
			expect(byName[name].selector.matchExpressions).toContainEqual({
				key: ".metadata.deletionTimestamp",
				operator: "DoesNotExist",
			});
		}
	});
});

test("Prometheus scrapes each job's targets as often as asked for, and keeps the labels of the page", () => {
	const config = parse(
		prometheusConfig(0.5, [
			{ job: "world", address: "127.0.0.1:1", labels: { a: "b" } },
			{ job: "other", address: "127.0.0.1:2" },
			{ job: "world", address: "127.0.0.1:3" },
		]),
	);
	expect(config.global.scrape_interval).toBe("500ms");
	expect(config.scrape_configs).toEqual([
		{
			job_name: "world",
			honor_labels: true,
			static_configs: [
				{ targets: ["127.0.0.1:1"], labels: { a: "b" } },
				{ targets: ["127.0.0.1:3"], labels: {} },
			],
		},
		{ job_name: "other", honor_labels: true, static_configs: [{ targets: ["127.0.0.1:2"], labels: {} }] },
	]);
});

test("a node's own labels win over the usual ones, but not over who plays its kubelet", () => {
	const labels = { "kubernetes.io/arch": "arm64", [KUBELET_LABEL]: "stopped" };
	expect(nodeManifest({ name: "a", labels })).toMatchObject({
		metadata: {
			name: "a",
			labels: { "kubernetes.io/hostname": "a", "kubernetes.io/arch": "arm64", [KUBELET_LABEL]: "running" },
		},
		status: { allocatable: { cpu: "8", memory: "32Gi", pods: "110" } },
	});
});

test("no server listens beyond the loopback", () => {
	const path = (name: string): string => `/bin/${name}`;
	const programs = {
		etcd: path("etcd"),
		"kube-apiserver": path("kube-apiserver"),
		"kube-controller-manager": path("kube-controller-manager"),
		"kube-scheduler": path("kube-scheduler"),
		kubectl: path("kubectl"),
		kwok: path("kwok"),
		prometheus: path("prometheus"),
	};
	const lines = commandLines(programs, {
		dir: "/d",
		kubeconfig: "/d/kubeconfig",
		address: "127.0.0.1",
		ports: { etcd: 41001, etcdPeer: 41002, apiServer: 41003, prometheus: 41004 },
		nodeGraceSeconds: 8,
		apiServerFlags: ["--v=4"],
		controllerManagerFlags: [],
	});
	const flags = Object.values(lines).flatMap((line) => line.args);
	const addresses = flags.filter((flag) => /4100\d/.test(flag) && !flag.startsWith("--secure-port"));
	expect(addresses).toHaveLength(7);
	for (const address of addresses) expect(address).toContain("127.0.0.1:");
	expect(flags).toContain("--bind-address=127.0.0.1");
	expect(lines["kube-apiserver"].args.at(-1)).toBe("--v=4");
	expect(lines.etcd.log).toBe("/d/logs/etcd.log");
});

test("labels on the command line", () => {
	expect(parseLabels(["tier=edge", "empty="])).toEqual({ tier: "edge", empty: "" });
	expect(() => parseLabels(["tier"])).toThrow("--label tier: write it as key=value");
});
