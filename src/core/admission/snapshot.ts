import type { WorkloadKey } from "../cluster/workload.ts";
import { CandidateLists } from "../evaluation/subject.ts";
import { type Preparation, prepare } from "../prediction/preparation.ts";
import type { Governed } from "./governance.ts";
import { PinnedModels } from "./pinned-models.ts";
import type { Skip } from "./placement.ts";
import { type Ranking, rank, stillHolds } from "./ranking.ts";
import type { AdmissionView } from "./view.ts";

/** Rankings kept at a time: about 130 kB each with 5,000 nodes. */
const MAX_RANKINGS = 256;

/** Everything computed from one collection of metrics. */
export class Snapshot {
	readonly generation: number;
	/** When it was made, ms since the epoch. */
	readonly madeAt: number;
	readonly preparation: Preparation;
	readonly candidates: CandidateLists;
	private readonly models: PinnedModels;
	private readonly rankings = new Map<WorkloadKey, Promise<Ranking | Skip>>();

	constructor(view: AdmissionView) {
		this.generation = view.generation;
		this.madeAt = view.now;
		this.preparation = prepare(view);
		this.candidates = new CandidateLists(view.cluster.nodes);
		this.models = new PinnedModels(view.models);
	}

	/** The workload's ranking, made on first use and again when policy or Deployment changed. */
	async rankingOf(governed: Governed, current: AdmissionView): Promise<Ranking | Skip> {
		const { key } = governed.workload;
		const view = { ...current, models: this.models };
		for (;;) {
			const pending = this.rankings.get(key);
			const existing = await pending;
			if (existing && "chooser" in existing && stillHolds(existing, governed, view)) return existing;
			// Others may have waited for the same one and be making the next by now.
			if (this.rankings.get(key) === pending) return this.make(governed, view);
		}
	}

	/** What has a ranking, the least recently made first. */
	workloads(): Iterable<WorkloadKey> {
		return this.rankings.keys();
	}

	private make(governed: Governed, view: AdmissionView): Promise<Ranking | Skip> {
		const { key } = governed.workload;
		const made = rank(governed, this, view);
		this.rankings.delete(key);
		this.rankings.set(key, made);
		for (const oldest of this.rankings.keys()) {
			if (this.rankings.size <= MAX_RANKINGS) break;
			this.rankings.delete(oldest);
		}
		return made;
	}
}
