import { type Goal, printGoals } from "./decisions/goals.ts";

/** Each part is a file of its name in `decisions/` that exports `run` and gives its goals. */
const PARTS = ["scenarios", "real-data", "cycle", "feasibility", "backtest", "closed-loop"] as const;

interface Part {
	run(args: readonly string[]): Promise<readonly Goal[]>;
}

/** The decision core's figures beside their goals: all parts, or those named first; options go to each. */
export async function run(args: readonly string[]): Promise<void> {
	const named = args.filter((arg) => !arg.startsWith("-") && (PARTS as readonly string[]).includes(arg));
	const options = args.filter((arg) => !named.includes(arg));
	const goals: Goal[] = [];
	for (const name of named.length > 0 ? named : PARTS) {
		const part = (await import(new URL(`decisions/${name}.ts`, import.meta.url).href)) as Part;
		goals.push(...(await part.run(options)));
	}
	printGoals(goals);
}
