import type { MlflowClient } from "../client.ts";
import { MlflowError } from "../errors.ts";

/** Ids of experiments by name; those that are missing are made. */
export class Experiments {
	private readonly client: Pick<MlflowClient, "experimentByName" | "createExperiment">;
	private readonly ids = new Map<string, string>();

	constructor(client: Pick<MlflowClient, "experimentByName" | "createExperiment">) {
		this.client = client;
	}

	/** Rejects with MlflowError. */
	async idOf(name: string): Promise<string> {
		const known = this.ids.get(name);
		if (known !== undefined) return known;
		const id = (await this.find(name)) ?? (await this.create(name));
		this.ids.set(name, id);
		return id;
	}

	/** To be called when an id turns out to be wrong: somebody deleted the experiment. */
	forget(name: string): void {
		this.ids.delete(name);
	}

	private async find(name: string): Promise<string | undefined> {
		const found = await this.client.experimentByName(name);
		if (!found?.deleted) return found?.id;
		throw new MlflowError(
			`experiment ${name} was deleted in MLflow; restore it, or remove it for good (mlflow gc)`,
			"Refused",
		);
	}

	private async create(name: string): Promise<string> {
		try {
			return await this.client.createExperiment(name);
		} catch (error) {
			// Another client was faster.
			const found = error instanceof MlflowError && error.failure === "AlreadyExists" && (await this.find(name));
			if (found) return found;
			throw error;
		}
	}
}
