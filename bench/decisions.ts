import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { parsePolicy } from "../src/api/v1alpha1/policy.ts";
import type { Policy } from "../src/core/policy/policy.ts";
import { type Goal, printGoals } from "./decisions/goals.ts";

/** Each part is a file of its name in `decisions/` that exports `run` and gives its goals. */
const PARTS = ["scenarios"] as const;

interface Part {
	run(args: readonly string[], policy: Policy): Promise<readonly Goal[]>;
}

/** The decision core's figures beside their goals: all parts, or those named first; options go to each. */
export async function run(args: readonly string[]): Promise<void> {
	const named = args.filter((arg) => !arg.startsWith("-") && (PARTS as readonly string[]).includes(arg));
	const options = args.filter((arg) => !named.includes(arg));
	const policy = await defaultPolicy();
	const goals: Goal[] = [];
	for (const name of named.length > 0 ? named : PARTS) {
		const part = (await import(new URL(`decisions/${name}.ts`, import.meta.url).href)) as Part;
		goals.push(...(await part.run(options, policy)));
	}
	printGoals(goals);
}

/** The one setting for all cases: what a policy that says no more than its objective comes to. */
async function defaultPolicy(): Promise<Policy> {
	const file = new URL("decisions/policy.yaml", import.meta.url);
	const parsed = parsePolicy(parse(await readFile(file, "utf8")));
	if (!parsed.ok) throw new Error(parsed.message);
	return parsed.value;
}
