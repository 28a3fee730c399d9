import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { parsePolicy } from "../../src/api/v1alpha1/policy.ts";
import type { Policy } from "../../src/core/policy/policy.ts";

/** The one setting for all scenarios: what a policy that says no more than its objective comes to. */
export function scenarioPolicy(): Promise<Policy> {
	return policyOf("scenarios/policy.yaml");
}

/** The same of an objective that headroom answers. */
export function cyclePolicy(): Promise<Policy> {
	return policyOf("cycle/policy.yaml");
}

async function policyOf(name: string): Promise<Policy> {
	const parsed = parsePolicy(parse(await readFile(new URL(name, import.meta.url), "utf8")));
	if (!parsed.ok) throw new Error(parsed.message);
	return parsed.value;
}
