import type { Tracked } from "./run.ts";

/** Before the names of all tags of ours. */
export const TAG_PREFIX = "kubectl-qos.dev/";

/** MLflow 2 takes so much in a tag. */
const LONGEST_TAG = 5000;
const NAMED = 20;

/** What no layout of the original has a place for. */
export function tagsOf({ evaluation, policy, unit }: Tracked, more: Readonly<Record<string, string | undefined>>) {
	const { decision, current } = evaluation;
	const { metric, direction } = policy.objective;
	return tagged({
		workload: evaluation.workload,
		policy: policy.name,
		metric,
		unit,
		direction,
		"current-node": current.node,
		decision: `${decision.action} ${decision.reason}`,
		...more,
	});
}

/** Says what is left out because nothing is known of it; `undefined` when all is known. */
export function unknownTag({ evaluation: { candidates, decision } }: Tracked, unknown: readonly string[]) {
	if (unknown.length === 0) return candidates.nodes.length === 0 ? "no candidate nodes" : undefined;
	const why = decision.action === "Unknown" ? `: ${decision.message}` : "";
	const more = unknown.length > NAMED ? ` and ${unknown.length - NAMED} more` : "";
	const names = `${unknown.slice(0, NAMED).join(", ")}${more}`;
	return `${unknown.length} of ${candidates.nodes.length} nodes (${names})${why}`;
}

/** A list in as many tags as it needs: `nodes`, `nodes.1`, `nodes.2`, each a JSON array. */
export function listTags(name: string, items: readonly string[]): Record<string, string> {
	const pages: string[][] = [[]];
	let length = 0;
	for (const item of items) {
		length += item.length + 3;
		if (length > LONGEST_TAG - 100) {
			pages.push([]);
			length = item.length + 3;
		}
		pages.at(-1)?.push(item);
	}
	return Object.fromEntries(
		pages.map((page, index) => [index === 0 ? name : `${name}.${index}`, JSON.stringify(page)]),
	);
}

/** The items of such a list; `undefined` when there is none that can be read. */
export function readListTags(name: string, tags: ReadonlyMap<string, string>): readonly string[] | undefined {
	const items: string[] = [];
	for (let index = 0; ; index += 1) {
		const page = tags.get(`${TAG_PREFIX}${index === 0 ? name : `${name}.${index}`}`);
		if (page === undefined) return index === 0 ? undefined : items;
		const strings = parsedStrings(page);
		if (!strings) return undefined;
		items.push(...strings);
	}
}

function parsedStrings(text: string): readonly string[] | undefined {
	try {
		const parsed: unknown = JSON.parse(text);
		return Array.isArray(parsed) && parsed.every((item) => typeof item === "string") ? parsed : undefined;
	} catch {
		return undefined;
	}
}

function tagged(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
	const tags: Record<string, string> = {};
	for (const [name, value] of Object.entries(values)) {
		if (value !== undefined) tags[TAG_PREFIX + name] = value.slice(0, LONGEST_TAG);
	}
	return tags;
}
