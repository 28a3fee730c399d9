import { TAG_PREFIX } from "../../../core/tracking/tags.ts";
import type { MlflowClient } from "../client.ts";
import { MlflowError } from "../errors.ts";

/** Tag by which a run is found whose creation was not answered. */
export const SAVE_TAG = `${TAG_PREFIX}save`;

/** Beyond these the oldest are forgotten: a server that is down for days must not fill the memory. */
const MOST = 1000;

/** A run that was begun, or a call to begin one that was not answered: it may have come to something. */
type Unfinished = { readonly runId: string } | { readonly experimentId: string; readonly save: string };

/** Runs that nobody will finish. The tracker would show them as running for ever. */
export class UnfinishedRuns {
	private readonly client: Pick<MlflowClient, "searchRuns" | "updateRun">;
	private readonly runs: Unfinished[] = [];

	constructor(client: Pick<MlflowClient, "searchRuns" | "updateRun">) {
		this.client = client;
	}

	add(run: Unfinished): void {
		this.runs.push(run);
		if (this.runs.length > MOST) this.runs.shift();
	}

	/** Ends them as `KILLED`; those that the server does not answer for wait for the next time. Never rejects. */
	async end(): Promise<void> {
		for (let next = this.runs[0]; next; next = this.runs[0]) {
			try {
				for (const runId of await this.idsOf(next)) {
					await this.client.updateRun(runId, { status: "KILLED", endTime: Date.now() });
				}
			} catch (error) {
				// One that was deleted needs no end.
				if (!(error instanceof MlflowError) || error.failure !== "NotFound") return;
			}
			this.runs.shift();
		}
	}

	private async idsOf(run: Unfinished): Promise<readonly string[]> {
		if ("runId" in run) return [run.runId];
		const filter = `tags.\`${SAVE_TAG}\` = '${run.save}' and attributes.status = 'RUNNING'`;
		const ids: string[] = [];
		for await (const { id } of this.client.searchRuns({ experimentIds: [run.experimentId], filter })) ids.push(id);
		return ids;
	}
}
