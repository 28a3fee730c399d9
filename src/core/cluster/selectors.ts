/** A Kubernetes LabelSelector: both parts must hold; an empty selector selects everything. */
export interface LabelSelector {
	readonly matchLabels?: Readonly<Record<string, string>> | undefined;
	readonly matchExpressions?: readonly LabelSelectorRequirement[] | undefined;
}

export interface LabelSelectorRequirement {
	readonly key: string;
	readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist";
	readonly values?: readonly string[] | undefined;
}

/** One term of a node affinity; its requirements must all hold, terms are alternatives. */
export interface NodeSelectorTerm {
	readonly matchExpressions?: readonly NodeSelectorRequirement[] | undefined;
	readonly matchFields?: readonly NodeSelectorRequirement[] | undefined;
}

export interface NodeSelectorRequirement {
	readonly key: string;
	readonly operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
	readonly values?: readonly string[] | undefined;
}

type Labels = Readonly<Record<string, string>>;

function requirementHolds(requirement: NodeSelectorRequirement, labels: Labels): boolean {
	const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
	const values = requirement.values ?? [];
	switch (requirement.operator) {
		case "In":
			return value !== undefined && values.includes(value);
		case "NotIn":
			return value === undefined || !values.includes(value);
		case "Exists":
			return value !== undefined;
		case "DoesNotExist":
			return value === undefined;
		case "Gt":
			return exceeds(value, values[0]);
		case "Lt":
			return exceeds(values[0], value);
	}
}

const INT64_LIMIT = 2n ** 63n;

/** Whether one integer is larger than another; what is not an integer of 64 bits compares to nothing. */
export function exceeds(left: string | undefined, right: string | undefined): boolean {
	const [one, other] = [int64(left), int64(right)];
	return one !== undefined && other !== undefined && one > other;
}

function int64(text: string | undefined): bigint | undefined {
	if (text === undefined || !/^[+-]?\d+$/.test(text)) return undefined;
	const value = BigInt(text.replace(/^\+/, ""));
	return value >= -INT64_LIMIT && value < INT64_LIMIT ? value : undefined;
}

/** Whether `labels` satisfy `selector`. */
export function selects(selector: LabelSelector, labels: Labels): boolean {
	for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
		if (!Object.hasOwn(labels, key) || labels[key] !== value) return false;
	}
	return (selector.matchExpressions ?? []).every((requirement) => requirementHolds(requirement, labels));
}

/**
 * Whether a node satisfies one term. As in Kubernetes, a term with no requirements matches nothing,
 * and `metadata.name` is the only field.
 */
export function nodeSelectorTermMatches(term: NodeSelectorTerm, labels: Labels, nodeName: string): boolean {
	const expressions = term.matchExpressions ?? [];
	const fields = term.matchFields ?? [];
	if (expressions.length + fields.length === 0) return false;
	return (
		expressions.every((requirement) => requirementHolds(requirement, labels)) &&
		fields.every((requirement) => requirementHolds(requirement, { "metadata.name": nodeName }))
	);
}
