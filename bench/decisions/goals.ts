/** A figure beside its goal. */
export interface Goal {
	readonly what: string;
	readonly measured: number;
	readonly relation: "<=" | ">=";
	readonly goal: number;
	readonly isReached: boolean;
}

export function reached(what: string, measured: number, relation: Goal["relation"], goal: number): Goal {
	const isReached = relation === "<=" ? measured <= goal : measured >= goal;
	return { what, measured, relation, goal, isReached };
}

export function printGoals(goals: readonly Goal[]): void {
	console.log("Goals");
	for (const { what, measured, relation, goal, isReached } of goals) {
		const figures = `${shown(measured).padStart(9)} ${relation} ${shown(goal)}`;
		console.log(`  ${isReached ? "reached" : "MISSED "}  ${what.padEnd(75)} ${figures}`);
	}
}

function shown(value: number): string {
	return String(Number(value.toPrecision(5)));
}
