import { DEFAULT_CAPS } from "../../core/migration/caps.ts";
import { planCycle } from "../../core/migration/plan.ts";
import { type MetricCatalogue } from "../../core/model/fits.ts";
import type { ModelRegistry } from "../../core/model/model.ts";
import type { Evaluated } from "../../core/pipeline.ts";
import type { Policy } from "../../core/policy/policy.ts";
import { predictedAt, rawAt } from "../../core/recommendation/candidates.ts";
import type { Contender, Graded, Situation, Step } from "../contender.ts";
import { OURS } from "../policies/names.ts";
import type { Choice, PlacementPolicy, PolicyContext } from "../policies/policy.ts";
import type { Tick, WorkloadTick } from "../trace/ticks.ts";
import type { MetricColumns } from "./columns.ts";
import { storeFor, World } from "./world.ts";

export interface MetricsOptions {
	readonly policy: Policy;
	readonly columns: MetricColumns;
	/** Loads the models that fit what is measured. */
	readonly models: (catalogue: MetricCatalogue) => Promise<ModelRegistry>;
}

/** Measurements are kept in steps of at least so many seconds, as the controller keeps them. */
const LEAST_STEP_SECONDS = 30;

/** A contender that has a world of its own, in which the core predicts from the trace's metrics. */
export function metricsContender(
	name: string,
	create: (context: PolicyContext) => PlacementPolicy,
	options: MetricsOptions,
): Contender {
	const policies = new Map<string, PlacementPolicy>();
	let world: World | undefined;
	let evaluated: ReadonlyMap<string, Evaluated> = new Map();
	let choices: ReadonlyMap<string, Choice> = new Map();
	let graded: readonly Graded[] = [];

	async function prepare(tick: Tick, situations: ReadonlyMap<string, Situation>): Promise<void> {
		world ??= await newWorld(options, situations);
		const followed = world.take(tick, (workload) => situations.get(workload)?.current);
		graded = followed.map(({ outcome: { issued, actual } }) => ({
			error: Math.abs(issued.value - actual),
			isCovered: issued.lower <= actual && actual <= issued.upper,
		}));
		const all = await world.evaluate(tick.time);
		evaluated = new Map(all.map((one) => [one.evaluation.workload, one]));
		choices = name === OURS ? await planned(all, world, tick) : new Map();
	}

	function step(tick: WorkloadTick, { time, current, measured, stepSeconds }: Situation): Step {
		if (!world) return { choice: undefined };
		const { workload, nodes, present } = tick;
		const { key } = world.workload(workload);
		let choice = choices.get(workload);
		if (name !== OURS) {
			const own = policies.get(workload) ?? create({ policy: options.policy, workload, stepSeconds });
			policies.set(workload, own);
			const outlook = outlookOf(tick, evaluated.get(key));
			choice = own.decide({ time, nodes, present, current, measured, ...outlook });
		}
		if (choice) world.move(key, nodes.names[choice.node] ?? "", time);
		// What became known at this tick is told once.
		const told = graded;
		graded = [];
		return { choice, graded: told };
	}

	return { name, prepare, step };
}

async function newWorld(options: MetricsOptions, situations: ReadonlyMap<string, Situation>): Promise<World> {
	const { policy, columns } = options;
	const [first] = situations.values();
	const stepSeconds = Math.max(LEAST_STEP_SECONDS, first?.stepSeconds ?? 0);
	const models = await options.models(storeFor({ columns, stepSeconds }));
	return new World({ policy, columns, models, stepSeconds });
}

/** Our moves, as the joint plan allows them. */
async function planned(all: readonly Evaluated[], world: World, tick: Tick): Promise<ReadonlyMap<string, Choice>> {
	const { evaluations, commands } = await planCycle({
		evaluations: all.map(({ evaluation }) => evaluation),
		cluster: world.state,
		ledger: world.ledger,
		caps: DEFAULT_CAPS,
		reevaluate: async (workload, closed) => (await world.look(workload, tick.time, closed))?.evaluation,
		cpuCores: () => 0,
		now: tick.time,
	});
	const reasons = new Map(
		commands.flatMap((command) =>
			command.kind === "CreateMigration" ? [[command.workload, command.reason] as const] : [],
		),
	);
	const byKey = new Map(evaluations.map((evaluation) => [evaluation.workload, evaluation]));
	const choices = new Map<string, Choice>();
	for (const { workload, nodes } of tick.workloads) {
		const { key } = world.workload(workload);
		const reason = reasons.get(key);
		const to = byKey.get(key)?.recommended?.node;
		const node = to === undefined ? undefined : nodes.find(to);
		if (reason !== undefined && node !== undefined) choices.set(workload, { node, reason });
	}
	return choices;
}

/** What the model says of every node of the tick, calibrated and not smoothed. */
function outlookOf({ nodes, present }: WorkloadTick, evaluated: Evaluated | undefined) {
	const column = () => new Float64Array(nodes.names.length).fill(Number.NaN);
	const outlook = { predicted: column(), lower: undefined, upper: undefined };
	if (!evaluated) return outlook;
	const { candidates } = evaluated.evaluation;
	for (const node of present) {
		const row = candidates.nodes.indexOf(nodes.names[node] as string);
		if (row < 0) continue;
		const value = rawAt(candidates, row) ?? predictedAt(candidates, row)?.value;
		if (value !== undefined) outlook.predicted[node] = value;
	}
	return outlook;
}
