import { usage } from "../errors.ts";

/** Ways to say Deployment; a QoSReport is meant as the Deployment of the same name. */
const TYPES = /^(deploy|deployments?(\.v1)?(\.apps)?|qosr|qosreports?(\.v1alpha1)?(\.kubectl-qos\.dev)?)$/i;

function isType(word: string): boolean {
	return TYPES.test(word);
}

/**
 * The Deployments that operands name, as kubectl reads resource arguments: `deploy/web`,
 * `deployment web db`, `deployments.apps/web`, or bare names. None: all of them.
 * @throws PluginError Usage
 */
export function parseTargets(operands: readonly string[]): readonly string[] {
	const [first, ...others] = operands;
	if (first === undefined) return [];
	if (!isType(first)) return unique(operands.map(nameOf));
	if (others.some((word) => word.includes("/"))) {
		throw usage(
			"there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl qos predict deploy/web' instead of 'kubectl qos predict deploy deploy/web')",
		);
	}
	return unique(others);
}

function nameOf(word: string): string {
	const parts = word.split("/");
	const [type = "", name = ""] = parts;
	if (parts.length === 1) return type;
	if (parts.length > 2) throw usage("arguments in resource/name form may not have more than one slash");
	if (type === "" || name === "") throw usage("arguments in resource/name form must have a single resource and name");
	if (!isType(type)) throw usage(`QoS is kept per Deployment, not for "${type}"; write deploy/NAME`);
	return name;
}

function unique(names: readonly string[]): readonly string[] {
	return [...new Set(names)];
}
