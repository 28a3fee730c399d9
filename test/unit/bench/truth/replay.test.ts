import { expect, it } from "vitest";
import { replay } from "../../../../bench/truth/replay.ts";
import type { Request } from "../../../../bench/truth/requests.ts";
import { scriptOf } from "../../../../bench/truth/script.ts";
import { WORKLOAD_CPU_USAGE } from "../../../../src/core/features/definitions.ts";

const START = 1_800_000_000_000;
const SECONDS = 120;

interface Course {
	readonly nodeAt: (second: number) => string;
	/** How many times as long as on an idle node requests take. */
	readonly slownessAt?: (second: number) => number;
}

/** The script's first app, which waits for its CPU time on whichever node it is, on idle nodes. */
function recorded({ nodeAt, slownessAt = () => 1 }: Course) {
	const script = { ...scriptOf(15), seconds: SECONDS };
	const [app] = script.apps;
	if (!app) throw new Error("the script has no app");
	const speed = (name: string): number => script.nodes.find((node) => node.name === name)?.speed ?? Number.NaN;
	const latencyAt = (second: number): number =>
		(slownessAt(second) * app.costMilliseconds) / 1000 / speed(nodeAt(second));
	const requests = Array.from({ length: SECONDS }, (_, second): Request => {
		const node = nodeAt(second);
		const latency = latencyAt(second);
		return { kind: "request", at: START + second * 1000, app: app.name, node, pod: node, latency, ok: true };
	});
	const steps = Array.from({ length: SECONDS / 2 }, (_, step) => 2 * step);
	const entity = `shop/${app.name}`;
	const samples = steps.flatMap((second) => {
		const at = START + second * 1000;
		return [
			...script.nodes.map(({ name }) => ({ metric: "node_cpu_usage", entity: name, at, value: 0.01 })),
			{ metric: "latency", entity, at, value: latencyAt(second) },
			{ metric: WORKLOAD_CPU_USAGE, entity, at, value: 0.025 },
		];
	});
	const recording = { policy: "auto", script, startedAt: START, forecasts: [], moves: [], requests } as const;
	const replayed = async () => (await replay(recording, samples)).filter((forecast) => forecast.app === app.name);
	return { replayed };
}

/** A move after a minute. */
const MOVED: Course = { nodeAt: (second) => (second < 60 ? "fast" : "medium") };

it("predicts a run anew from its measurements, the apps where they were", async () => {
	const own = await recorded(MOVED).replayed();
	expect(own).toHaveLength(SECONDS / 2);
	expect(own.map(({ node }) => node)).toEqual([...Array(30).fill("fast"), ...Array(30).fill("medium")]);
	const late = own.at(-1);
	// 5 ms of CPU take 12.5 ms on a node of 0.4 cores, and half of that on one of 0.8.
	expect((late?.predicted.get("medium")?.value ?? 0) / 0.0125).toBeCloseTo(1, 1);
	expect((late?.predicted.get("fast")?.value ?? 0) / 0.00625).toBeCloseTo(1, 1);
	expect(late?.measured).toBeCloseTo(0.0125, 6);
});

it("is the same every time", async () => {
	const { replayed } = recorded(MOVED);
	expect(await replayed()).toEqual(await replayed());
});
