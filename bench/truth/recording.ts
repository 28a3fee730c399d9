import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Request, readRequests } from "./requests.ts";
import type { Forecast } from "./scoring/predictions.ts";
import type { Script } from "./script.ts";

export type PolicyName = "default" | "initial" | "auto";

/** A move of an app by us. */
export interface Move {
	readonly app: string;
	/** ms since the epoch. */
	readonly at: number;
	readonly from: string | undefined;
	readonly to: string | undefined;
	/** When its pods were all there; absent: they never were. */
	readonly rolledOutAt?: number | undefined;
	/** When it was taken back; absent: it was not. */
	readonly undoneAt?: number | undefined;
	/** Its last phase. */
	readonly phase: string | undefined;
	/** Seconds of latency. */
	readonly promised: number | undefined;
	readonly measured: number | undefined;
}

/** What is remembered of one policy's run, beside the requests. */
export interface Notes {
	readonly policy: PolicyName;
	readonly script: Script;
	/** When the script began, ms since the epoch. */
	readonly startedAt: number;
	readonly forecasts: readonly Forecast[];
	readonly moves: readonly Move[];
	/** What the controller's pods took; absent: there were none. */
	readonly controllers?: readonly ControllerUse[];
}

/** What one of the controller's pods took over the run. */
export interface ControllerUse {
	readonly pod: string;
	/** The most that its process had resident, in bytes. */
	readonly resident: number;
	/** The most that its container had as a working set, in bytes, as cAdvisor tells. */
	readonly workingSet: number;
	/** Mean CPU of its container in cores. */
	readonly cpu: number;
}

export interface Recording extends Notes {
	readonly requests: readonly Request[];
}

export function requestsFile(folder: string, policy: PolicyName): string {
	return join(folder, `${policy}-requests.csv`);
}

/** Beside the load generator's file of the same folder. */
export async function saveNotes(folder: string, notes: Notes): Promise<void> {
	const forecasts = notes.forecasts.map((forecast) => ({ ...forecast, predicted: [...forecast.predicted] }));
	await writeFile(join(folder, `${notes.policy}.json`), `${JSON.stringify({ ...notes, forecasts })}\n`);
}

/** What `saveNotes` and the load generator wrote. */
export async function loadRecording(folder: string, policy: PolicyName): Promise<Recording> {
	const saved = JSON.parse(await readFile(join(folder, `${policy}.json`), "utf8")) as Omit<Notes, "forecasts"> & {
		forecasts: readonly (Omit<Forecast, "predicted"> & {
			predicted: readonly (readonly [string, { value: number; lower: number; upper: number }])[];
		})[];
	};
	const forecasts = saved.forecasts.map((forecast) => ({ ...forecast, predicted: new Map(forecast.predicted) }));
	return { ...saved, forecasts, requests: await readRequests(requestsFile(folder, policy)) };
}
