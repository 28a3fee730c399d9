import type { Model } from "../model/model.ts";
import { chunks } from "./chunks.ts";
import { Job } from "./job.ts";
import { type PredictionInputs, Preparation, prepare } from "./preparation.ts";
import { recordedResult } from "./recorded.ts";
import type { PredictionRequest, PredictionResult } from "./request.ts";

/**
 * Predicts each request's objective on each of its nodes; answers are in the order of the requests.
 * Requests of one model run together in chunks, the next chunk being filled while the model works.
 * Never rejects: what cannot be answered is Unknown with its reason.
 */
export async function predict(
	requests: readonly PredictionRequest[],
	inputs: PredictionInputs | Preparation,
): Promise<PredictionResult[]> {
	const preparation = inputs instanceof Preparation ? inputs : prepare(inputs);
	for (const nodes of new Set(requests.map((request) => request.nodes))) {
		preparation.nodes.refresh(preparation.nodes.rowsFor(nodes));
	}
	const results = new Map<PredictionRequest, PredictionResult>();
	for (const [model, group] of Map.groupBy(requests, (request) => request.model)) {
		const { recorded } = model;
		if (recorded) {
			for (const request of group) results.set(request, recordedResult(request, recorded, preparation));
			continue;
		}
		const run = new GroupRun(model, group, preparation);
		await run.execute();
		for (const request of group) results.set(request, run.result(request));
	}
	return requests.map((request) => results.get(request) as PredictionResult);
}

/** The requests of one model on their way through it. */
class GroupRun {
	private readonly started = new Map<PredictionRequest, ReturnType<typeof Job.start>>();
	private readonly model: Model;
	private readonly group: readonly PredictionRequest[];
	private readonly preparation: Preparation;
	private failure: string | undefined;

	constructor(model: Model, group: readonly PredictionRequest[], preparation: Preparation) {
		this.model = model;
		this.group = group;
		this.preparation = preparation;
	}

	async execute(): Promise<void> {
		const { model } = this;
		const rowsExpected = this.group.reduce((sum, request) => sum + request.nodes.length, 0);
		let running: Promise<void> | undefined;
		for (const chunk of chunks(this.jobs(), model.metadata, rowsExpected)) {
			const next = model.predict(chunk.input, chunk.rows).then(
				(output) => {
					for (const { job, span } of chunk.parts) job.take(output, span);
				},
				(error: unknown) => {
					this.failure ??= error instanceof Error ? error.message : String(error);
				},
			);
			await running;
			running = next;
			if (this.failure !== undefined) break;
		}
		await running;
	}

	result(request: PredictionRequest): PredictionResult {
		const job = this.started.get(request);
		if (this.failure === undefined && job) return job instanceof Job ? job.finish() : job;
		const { name, version } = this.model.reference;
		const message = `model ${name} ${version} failed: ${this.failure ?? "it was not run"}`;
		return { known: false, reason: "ModelRefused", message };
	}

	/** Starts the jobs one by one, as chunks need them, so that a large cycle does not hold up other work. */
	private *jobs(): Generator<Job> {
		for (const request of this.group) {
			const job = Job.start(request, this.preparation);
			this.started.set(request, job);
			if (job instanceof Job) yield job;
		}
	}
}
