import { NodeRegister, type Tick } from "../../../src/backtest/trace/ticks.ts";
import { seeded } from "./random.ts";
import { TICKS, type World } from "./worlds.ts";

const TICK_MS = 300_000;
/** As the original's scenarios begin: on the worst node. */
const START = 5;

/** A world as a predictions trace, the same for the same seed. */
export async function* traceOf(world: World, seed: number): AsyncGenerator<Tick> {
	const random = seeded(seed);
	const truth = world.truth(random);
	const predict = world.predict(random);
	const nodes = new NodeRegister();
	const present = truth(0).map((_, index) => nodes.number(`node-${index}`));
	for (let tick = 0; tick < TICKS; tick += 1) {
		const actual = Float64Array.from(truth(tick));
		const columns = [actual.map(predict), actual];
		const workload = { workload: "shop/web", nodes, present, current: START, columns, line: tick };
		yield { time: tick * TICK_MS, workloads: [workload], rows: present.length };
	}
}
