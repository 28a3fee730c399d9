import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type { QoSReportStatus } from "../../src/api/v1alpha1/report.ts";
import type { Cluster } from "../cluster/cluster.ts";

const ROOT = join(import.meta.dirname, "../..");
const PLUGIN_FOLDER = join(ROOT, "cmd/kubectl-qos");
const TIMEOUT_MS = 30_000;

/** How `kubectl qos` ended. */
export interface Run {
	readonly code: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** Starts `kubectl qos ARGS` as a user would: kubectl finds the plugin on PATH. */
export function startQos(
	cluster: Cluster,
	args: readonly string[],
	environment: Readonly<Record<string, string>> = {},
): ChildProcessWithoutNullStreams {
	return spawn(cluster.programs.kubectl, ["qos", ...args], {
		timeout: TIMEOUT_MS,
		env: { ...userEnvironment(cluster), ...environment },
	});
}

/** A user's environment: the admin's kubeconfig, and the plugin on PATH. */
export function userEnvironment(cluster: Cluster): NodeJS.ProcessEnv {
	return { ...process.env, KUBECONFIG: cluster.kubeconfig, PATH: `${PLUGIN_FOLDER}:${process.env["PATH"]}` };
}

/** Runs `kubectl qos` with `line` split at spaces: no argument of the tests holds one. */
export async function qos(
	cluster: Cluster,
	line: string,
	environment: Readonly<Record<string, string>> = {},
): Promise<Run> {
	const child = startQos(cluster, line.split(" ").filter(Boolean), environment);
	child.stdin.end();
	return ended(child);
}

/** Resolves when the process has ended, with all it said. */
export async function ended(child: ChildProcessWithoutNullStreams): Promise<Run> {
	const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
	return { code, stdout, stderr };
}

let kubeconfigs = 0;

/** Writes a kubeconfig with one context and returns its path. */
export function kubeconfigFor(cluster: Cluster, server: object, user: object = {}): string {
	kubeconfigs += 1;
	const file = join(cluster.dir, `kubeconfig-${kubeconfigs}`);
	const config = {
		clusters: [{ name: "c", cluster: server }],
		users: [{ name: "u", user }],
		contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
		"current-context": "x",
	};
	writeFileSync(file, JSON.stringify(config));
	return file;
}

/** Installs the CRDs and waits until they are served. */
export async function installCustomResources(cluster: Cluster): Promise<void> {
	await cluster.kubectl(["apply", "-f", join(ROOT, "manifests/base/crds")]);
	await cluster.kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=30s"]);
}

export async function apply(cluster: Cluster, ...objects: readonly object[]): Promise<void> {
	const items = { apiVersion: "v1", kind: "List", items: objects };
	await cluster.kubectl(["apply", "-f", "-"], JSON.stringify(items));
}

/** A Deployment that starts no pods. */
export function deployment(namespace: string, name: string): object {
	const labels = { app: name };
	return {
		apiVersion: "apps/v1",
		kind: "Deployment",
		metadata: { namespace, name, labels },
		spec: {
			replicas: 0,
			selector: { matchLabels: labels },
			template: { metadata: { labels }, spec: { containers: [{ name: "app", image: "app" }] } },
		},
	};
}

export function policy(namespace: string, name: string, apps: readonly string[], spec: object = {}): object {
	return {
		apiVersion: "kubectl-qos.dev/v1alpha1",
		kind: "QoSPolicy",
		metadata: { namespace, name },
		spec: {
			workloadSelector: { matchExpressions: [{ key: "app", operator: "In", values: apps }] },
			mode: "Auto",
			objective: { metric: "latency", direction: "Minimize", target: "50m" },
			...spec,
		},
	};
}

/** `web` on edge-1, better on edge-2, impossible on edge-7. */
function statusOf(observedAt: Date): QoSReportStatus {
	return {
		observedAt: observedAt.toISOString(),
		policy: "fast",
		objective: { metric: "latency", unit: "seconds", direction: "Minimize", target: 0.05 },
		current: { node: "edge-1", measured: 0.048, predicted: { value: 0.041, lower: 0.036, upper: 0.047 } },
		recommended: {
			node: "edge-2",
			gain: 0.22,
			gainLowerBound: 0.15,
			predicted: { value: 0.03, lower: 0.029, upper: 0.031 },
		},
		decision: { action: "Move", reason: "GainAboveMargin", message: "edge-2 gains 22%" },
		nodes: [
			{ name: "edge-2", feasible: true, predicted: { value: 0.03, lower: 0.029, upper: 0.031 }, rank: 1 },
			{ name: "edge-1", feasible: true, predicted: { value: 0.041, lower: 0.036, upper: 0.047 }, rank: 2 },
			{ name: "edge-7", feasible: false, reason: "NodeUnschedulable", message: "node(s) were unschedulable" },
		],
		nodesTotal: 3,
	};
}

/** Writes a report as the controller would. */
export async function report(
	cluster: Cluster,
	namespace: string,
	name: string,
	observedAt: Date = new Date(),
): Promise<void> {
	await apply(cluster, { apiVersion: "kubectl-qos.dev/v1alpha1", kind: "QoSReport", metadata: { namespace, name } });
	await patchStatus(cluster, namespace, `qosreport/${name}`, statusOf(observedAt));
}

export async function patchStatus(cluster: Cluster, namespace: string, object: string, status: object): Promise<void> {
	const patch = JSON.stringify({ status });
	await cluster.kubectl(["patch", object, "-n", namespace, "--subresource=status", "--type=merge", "-p", patch]);
}

export interface StoredMigration {
	readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
	readonly spec: Readonly<Record<string, unknown>>;
}

export async function migrations(cluster: Cluster): Promise<readonly StoredMigration[]> {
	const list: { items: StoredMigration[] } = JSON.parse(
		await cluster.kubectl(["get", "qosm", "-n", "shop", "-o", "json"]),
	);
	return list.items;
}

/** Plays the controller: waits for a request and gives it a status. */
export async function takeUp(cluster: Cluster, status: object): Promise<void> {
	for (let attempt = 0; attempt < 100; attempt++) {
		const [request] = await migrations(cluster);
		if (request) return patchStatus(cluster, "shop", `qosm/${request.metadata.name}`, status);
		await sleep(100);
	}
	throw new Error("no QoSMigration was created within 10 s");
}
