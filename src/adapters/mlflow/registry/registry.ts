import type { MetricCatalogue } from "../../../core/model/fits.ts";
import type { Model, ModelRefusal, ModelRegistry, ModelResolution } from "../../../core/model/model.ts";
import type { ModelSelector, Objective } from "../../../core/policy/policy.ts";
import { forEachConcurrently } from "../../../http/concurrency.ts";
import type { MlflowClient } from "../client.ts";
import type { MlflowError } from "../errors.ts";
import type { ModelCache } from "./model-cache.ts";
import { modelUri } from "./selector.ts";
import type { LoadModel, ServedModel } from "./served-model.ts";
import { ModelSlot, type SlotParts } from "./slot.ts";

/** What a policy asks for. */
export interface Wanted {
	readonly model: ModelSelector;
	readonly objective: Objective;
}

/** Told what happens; kept apart from metrics and logs of any kind. */
export interface RegistryObserver {
	/** Another model is in service; `before` stays usable for what is under way. */
	switched(uri: string, model: Model, before: Model | undefined): void;
	/** What keeps the model that is asked for from service; `undefined`: nothing any more. */
	troubled(uri: string, problem: ModelRefusal | undefined, kept: Model | undefined): void;
	/** A look at the registry ended: what of it failed, and whether it told of every model. */
	polled(problems: readonly ModelRefusal[], answered: boolean): void;
}

export interface MlflowModelRegistryOptions {
	readonly client: MlflowClient;
	readonly cache: ModelCache;
	readonly load: LoadModel;
	/** What is measured: models that need something else are refused. */
	readonly catalogue: MetricCatalogue;
	/** What all policies ask for now. */
	readonly wanted: () => Iterable<Wanted>;
	readonly pollIntervalSeconds: number;
	/** ms since the epoch. */
	readonly clock: () => number;
	readonly observer: RegistryObserver;
}

/** Polls of several replicas are spread over this share of the interval. */
const JITTER = 0.2;
/** Soon, but not on the path of who asked first. */
const SOON_MS = 10;
/** Models that are looked up and fetched at the same time: each is held in memory whole while it is checked. */
const AT_ONCE = 4;
/** Runs under way with the model before end within this. */
const RELEASE_MS = 60_000;

/**
 * Models of an MLflow registry, fetched and looked after in the background. The last good one stays in service while
 * the registry is out of reach or names one that cannot be used, across restarts too.
 */
export class MlflowModelRegistry implements ModelRegistry {
	private readonly options: MlflowModelRegistryOptions;
	private readonly slots = new Map<string, ModelSlot>();
	private readonly parts: SlotParts;
	private timer: NodeJS.Timeout | undefined;
	private polling: Promise<void> | undefined;
	private stopped = false;
	private lookedOnce = false;

	constructor(options: MlflowModelRegistryOptions) {
		this.options = options;
		const { client, cache, load, catalogue, clock, observer } = options;
		this.parts = {
			client,
			cache,
			load,
			catalogue,
			clock,
			objectives: (uri) => this.objectives(uri),
			inUse: () => new Set([...this.slots.values()].flatMap(({ served }) => served?.reference.sha256 ?? [])),
			onSwitch: (slot, before) => {
				if (!slot.served || this.stopped) return;
				observer.switched(slot.uri, slot.served, before);
				if (before) this.releaseLater(before);
			},
			onProblem: ({ uri, problem, served }) => {
				if (!this.stopped) observer.troubled(uri, problem, served);
			},
		};
	}

	/** Looks at once, then once per interval. */
	start(): void {
		this.schedule(0);
	}

	/** Looks no more. What is under way ends unheard, at the latest when the client is closed. */
	stop(): void {
		this.stopped = true;
		clearTimeout(this.timer);
	}

	resolve(selector: ModelSelector, objective: Objective): ModelResolution {
		if (selector.kind !== "Mlflow") {
			return { refused: true, reason: "NotFound", message: `a model of kind ${selector.kind} is not one of MLflow's` };
		}
		const uri = modelUri(selector);
		let slot = this.slots.get(uri);
		if (!slot) {
			slot = new ModelSlot(selector, this.parts);
			this.slots.set(uri, slot);
			this.schedule(SOON_MS);
		}
		return slot.resolve(objective);
	}

	/** Whether the first look is over: what can be had is in service, from the disk at least. */
	get looked(): boolean {
		return this.lookedOnce;
	}

	/** One look at everything that is wanted; concurrent callers share it. Never rejects. */
	poll(): Promise<void> {
		this.polling ??= this.pollOnce().finally(() => {
			this.polling = undefined;
		});
		return this.polling;
	}

	private schedule(milliseconds: number): void {
		if (this.stopped) return;
		clearTimeout(this.timer);
		this.timer = setTimeout(() => {
			const interval = this.options.pollIntervalSeconds * 1000 * (1 + JITTER * (Math.random() - 0.5));
			// A model that is asked for meanwhile is scheduled sooner.
			this.schedule(interval);
			void this.poll();
		}, milliseconds);
		this.timer.unref();
	}

	private async pollOnce(): Promise<void> {
		const wanted = this.wantedSlots();
		for (const [uri, slot] of this.slots) if (!wanted.has(uri)) this.forget(slot);
		for (const [uri, slot] of wanted) this.slots.set(uri, slot);
		await forEachConcurrently(wanted.values(), AT_ONCE, (slot) => slot.restore());
		let silence: MlflowError | undefined;
		let isTold = true;
		await forEachConcurrently(wanted.values(), AT_ONCE, async (slot) => {
			// A server that gave no answer is not asked again for every model.
			if (silence) slot.fail(silence);
			else if (!(await slot.refresh())) isTold = false;
			silence ??= slot.silence;
		});
		this.lookedOnce = true;
		if (this.stopped) return;
		const problems = [...wanted.values()].flatMap(({ problem }) => problem ?? []);
		if (wanted.size > 0) this.options.observer.polled(problems, isTold);
		// Asked for meanwhile.
		if ([...this.slots.values()].some(({ settled }) => !settled)) this.schedule(SOON_MS);
	}

	/** One per `models:/...` of a policy, those that there are and new ones. */
	private wantedSlots(): Map<string, ModelSlot> {
		const slots = new Map<string, ModelSlot>();
		for (const { model } of this.options.wanted()) {
			if (model.kind !== "Mlflow") continue;
			const uri = modelUri(model);
			slots.set(uri, slots.get(uri) ?? this.slots.get(uri) ?? new ModelSlot(model, this.parts));
		}
		return slots;
	}

	private objectives(uri: string): Objective[] {
		const wanted = [...this.options.wanted()];
		return wanted.flatMap(({ model, objective }) =>
			model.kind === "Mlflow" && modelUri(model) === uri ? [objective] : [],
		);
	}

	private forget(slot: ModelSlot): void {
		this.slots.delete(slot.uri);
		if (slot.served) this.releaseLater(slot.served);
	}

	private releaseLater({ loaded }: ServedModel): void {
		setTimeout(() => {
			const isServed = [...this.slots.values()].some(
				({ served }) => served?.reference.sha256 === loaded.reference.sha256,
			);
			if (!isServed) loaded.release();
		}, RELEASE_MS).unref();
	}
}
