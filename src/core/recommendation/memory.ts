import { Levels } from "../smoothing/levels.ts";
import type { Streak } from "./streak.ts";

/** What one workload's evaluations leave to the next. */
export interface Memory {
	readonly levels: Levels;
	readonly streak: Streak | undefined;
}

export function emptyMemory(): Memory {
	return { levels: new Levels(), streak: undefined };
}
