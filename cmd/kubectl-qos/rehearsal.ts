import { API_VERSION } from "../../src/api/v1alpha1/group.ts";
import type { QoSReportStatus } from "../../src/api/v1alpha1/report.ts";
import { connectionOptions } from "./arguments/global.ts";
import { parseCommandLine } from "./arguments/parse.ts";
import { ApiClient } from "./client/client.ts";
import { type Connection, connectionTo } from "./client/connection.ts";
import { selectContext } from "./client/context.ts";
import { mergeKubeconfigs, parseKubeconfig } from "./client/kubeconfig.ts";
import type { Page } from "./client/page.ts";
import { SYNTAX } from "./commands/all.ts";
import type { Terminal } from "./terminal.ts";

/** Functions that are called more than once are compiled to the end. */
const TIMES = 3;

/** Runs what most users run, against objects instead of a server, so that its code is compiled beforehand. */
export async function rehearse(): Promise<void> {
	await import("./client/session.ts");
	for (let round = 0; round < TIMES; round += 1) {
		for (const words of [["predict"], ["recommend"], ["recommend", "-n", NAMESPACE, "-o", "json"]]) {
			const { command, values, operands } = parseCommandLine(words, SYNTAX);
			const kubeconfig = mergeKubeconfigs([{ file: "kubeconfig", content: parseKubeconfig(KUBECONFIG, "kubeconfig") }]);
			const connection = connectionTo(selectContext(kubeconfig, connectionOptions(values)), {});
			const client = new RehearsedClient(connection);
			await command?.command.prepare(
				values,
				operands,
			)({ terminal: TERMINAL, session: async () => ({ client, namespace: NAMESPACE }), setExitCode: () => {} });
		}
	}
}

/** Knows one object of each kind. */
class RehearsedClient extends ApiClient {
	constructor(connection: Connection) {
		super(connection, { timeout: undefined, log: undefined, bodies: false });
	}

	override get(): ReturnType<ApiClient["get"]> {
		return Promise.resolve({ missing: "Object" });
	}

	override async *pages(path: string): AsyncGenerator<Page> {
		const kind = path.split("/").at(-1) ?? "";
		const metadata = { namespace: NAMESPACE, name: "web", labels: {}, annotations: {}, creationTimestamp: OBSERVED_AT };
		const object = { apiVersion: API_VERSION, kind, metadata, ...OBJECTS[kind] };
		yield { objects: [object], resourceVersion: "1", isLast: true };
	}
}

const NAMESPACE = "shop";
const OBSERVED_AT = "2026-01-01T12:00:00Z";

const TERMINAL: Terminal = {
	write: () => {},
	note: () => {},
	drained: () => Promise.resolve(),
	interactive: false,
	environment: {},
	now: () => Date.parse(OBSERVED_AT),
	sleep: () => Promise.resolve(),
	ask: () => Promise.resolve(undefined),
	interruptible: (action) => action(new AbortController().signal),
};

const KUBECONFIG = `apiVersion: v1
kind: Config
clusters:
- cluster:
    certificate-authority-data: bm9uZQ==
    server: https://127.0.0.1:6443
  name: cluster
users:
- name: user
  user:
    token: "none"
contexts:
- context: { cluster: cluster, user: user }
  name: context
current-context: context
`;

const prediction = { value: 0.03, lower: 0.029, upper: 0.031 };

const STATUS: QoSReportStatus = {
	observedAt: OBSERVED_AT,
	policy: "fast",
	objective: { metric: "latency", unit: "seconds", direction: "Minimize", target: 0.05 },
	modelRef: { name: "headroom", version: "1", sha256: "0" },
	current: { node: "node-1", measured: 0.048, predicted: prediction },
	recommended: { node: "node-2", gain: 0.22, gainLowerBound: 0.15, predicted: prediction },
	decision: { action: "Move", reason: "GainAboveMargin", message: "node-2 gains 22%" },
	nodes: [
		{ name: "node-2", feasible: true, predicted: prediction, rank: 1 },
		{ name: "node-1", feasible: true, predicted: prediction, rank: 2 },
		{ name: "node-3", feasible: false, reason: "NodeUnschedulable", message: "node(s) were unschedulable" },
	],
	nodesTotal: 3,
};

const OBJECTS: Readonly<Record<string, object>> = {
	qosreports: { status: STATUS },
	qospolicies: {
		spec: { workloadSelector: {}, objective: { metric: "latency", direction: "Minimize", target: "50m" } },
	},
};
