import { API_VERSION } from "../../../src/api/v1alpha1/group.ts";
import type { Context } from "../commands/command.ts";
import { notMovable, PluginError } from "../errors.ts";
import { findWorkloads } from "../resources/workloads.ts";
import { PROFILES, type ProfileName } from "./profiles.ts";

/** What `policy init` is asked for. */
export interface InitOptions {
	readonly name: string;
	readonly profile: ProfileName;
	readonly metric: string;
	readonly direction: "Minimize" | "Maximize";
	readonly target: string;
}

/** `kubectl qos policy init`: a policy for one Deployment, to edit and apply. */
export async function initPolicy(options: InitOptions, { terminal, session }: Context): Promise<void> {
	const { client, namespace } = await session();
	const { workloads, failures } = await findWorkloads(client, {
		namespace,
		targets: [{ name: options.name }],
	});
	const [workload] = workloads;
	if (!workload) throw failures[0] ?? new PluginError("NotFound", `error: no deployment "${options.name}"`);
	const { deployment, governance } = workload;
	const labels = identifying(deployment.labels);
	if (Object.keys(labels).length === 0) {
		throw notMovable(
			`deployment "${options.name}" has no labels to select it by; set one with 'kubectl label deployment ${options.name} -n ${namespace} app=${options.name}'`,
		);
	}
	terminal.write(policyText(options, namespace, labels));
	if (governance) {
		terminal.note(
			`warning: QoSPolicy "${governance.policy.name}" governs deployment "${options.name}" already; of two, the older wins`,
		);
	}
}

/** Labels that say which app it is, by convention; without any of those, all labels. */
const IDENTIFYING = ["app.kubernetes.io/name", "app.kubernetes.io/instance", "app", "k8s-app"];

function identifying(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
	const chosen = Object.entries(labels).filter(([key]) => IDENTIFYING.includes(key));
	return chosen.length > 0 ? Object.fromEntries(chosen) : labels;
}

/** The policy as commented YAML. */
export function policyText(options: InitOptions, namespace: string, labels: Readonly<Record<string, string>>): string {
	const profile = PROFILES[options.profile];
	const selector = Object.entries(labels).map(
		([key, value]) => `      ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
	);
	return `# Profile ${options.profile}: ${profile.summary}.
# Apply it with 'kubectl apply -f FILE'; 'kubectl explain qospolicy.spec' documents every field.
apiVersion: ${API_VERSION}
kind: QoSPolicy
metadata:
  name: ${JSON.stringify(options.name)}
  namespace: ${JSON.stringify(namespace)}
spec:
  # Which Deployments of the namespace it governs, by their labels.
  workloadSelector:
    matchLabels:
${selector.join("\n")}
  # Off, Initial or Auto: ${profile.modeWhy}.
  mode: ${profile.mode}
  # true stops everything at once.
  suspend: false
  objective:
    # A workload metric of the controller's catalogue, and whether less or more of it is better.
    metric: ${options.metric}
    direction: ${options.direction}
    # The objective, as a Quantity in the metric's unit: 100m of seconds are 100 ms.
    target: ${JSON.stringify(options.target)}
    # How far ahead predictions look.
    horizon: 5m
  # What predicts: the built-in model headroom, or one of these.
  # model: { file: NAME }                                  # NAME.onnx in the controller's models.directory
  # model: { mlflow: { name: NAME, alias: Production } }   # a model registered in MLflow
  # model: { predictions: { layout: reactive } }           # what a Scanflow pipeline saves in MLflow
  placement:
    # The node label whose value is chosen: nodes, or a zone, site or tier.
    topologyKey: kubernetes.io/hostname
    # ${profile.enforcement}: ${profile.enforcementWhy}.
    enforcement: ${profile.enforcement}
    # Only some nodes:
    # candidates:
    #   matchLabels: { tier: edge }
  rebalance:
    # A move must promise this much of the target ...
    minGain: ${profile.minGain}
    # ... with this probability, after what the move costs.
    confidence: ${profile.confidence}
    # Evaluations in a row that must name the same better place.
    stabilization: ${profile.stabilization}
    # Rest after a move.
    cooldown: ${profile.cooldown}
    # When the promise is compared with what is measured, and what follows when it has become worse.
    verifyAfter: ${profile.verifyAfter}
    onWorse: Revert
`;
}
