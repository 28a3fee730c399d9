import { stringify } from "yaml";
import type { NodeSpec } from "../../../test/cluster/cluster.ts";
import { deployment, job, namespace } from "../../../test/e2e/harness/objects.ts";
import { type App, COMPRESSION, type Script } from "./script.ts";

/** Defaults of jobs and policies, in seconds. */
const DEFAULTS = { step: 30, predict: 60, rebalance: 300, horizon: 300, cooldown: 900, verifyAfter: 300, startup: 30 };

type Times = typeof DEFAULTS;

/** The same in real seconds. */
export const TIMES = Object.fromEntries(
	Object.entries(DEFAULTS).map(([name, seconds]) => [name, seconds / COMPRESSION]),
) as Times;

/** The namespace that kubectl-qos serves, and the one that the default scheduler has to itself. */
export const NAMESPACES = { ours: "served", alone: "alone" } as const;

const SPEED_LABEL = "kubectl-qos.dev/speed";
const MEMORY_PER_CORE_GIBIBYTES = 4;

export function nodeSpecs({ machines }: Script): readonly NodeSpec[] {
	return machines.map(({ name, tier, cores, speed, isDeclared }) => ({
		name,
		labels: { tier, ...(isDeclared && { [SPEED_LABEL]: speed.toFixed(3) }) },
		capacity: { cpu: String(cores), memory: `${cores * MEMORY_PER_CORE_GIBIBYTES}Gi` },
	}));
}

export function deployments({ apps }: Script, inNamespace: string): readonly string[] {
	return apps.map(({ name, cpuRequest }) => deployment({ namespace: inNamespace, name, cpu: cpuMillis(cpuRequest) }));
}

/** The timer that ships and a namespace with one policy per app: all defaults, but for the target and the compressed times. */
export function policies({ apps }: Script): readonly string[] {
	const seconds = (value: number): string => `${value}s`;
	return [
		job("predict", { action: "Predict", interval: seconds(TIMES.predict) }),
		job("rebalance", { action: "Rebalance", interval: seconds(TIMES.rebalance) }),
		namespace(NAMESPACES.ours),
		...apps.map((app) => policyOf(app, seconds)),
	];
}

function policyOf({ name, target }: App, seconds: (value: number) => string): string {
	return stringify({
		apiVersion: "kubectl-qos.dev/v1alpha1",
		kind: "QoSPolicy",
		metadata: { name, namespace: NAMESPACES.ours },
		spec: {
			workloadSelector: { matchLabels: { app: name } },
			mode: "Auto",
			objective: {
				metric: "latency",
				direction: "Minimize",
				target: `${Math.round(target * 1e6)}u`,
				horizon: seconds(TIMES.horizon),
			},
			rebalance: { cooldown: seconds(TIMES.cooldown), verifyAfter: seconds(TIMES.verifyAfter) },
		},
	});
}

/** Whole thousandths of a core, at least one. */
function cpuMillis(cores: number): string {
	return `${Math.max(1, Math.round(cores * 1000))}m`;
}
