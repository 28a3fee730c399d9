import { NAMESPACES, workloadIn } from "../machines.ts";
import { type Stage, type } from "../stage.ts";
import { step, waitUntil } from "../steps.ts";

/** A move costs a fifth here, and the gain is judged anew a moment after it is seen. */
const GAIN_ENOUGH = 0.25;

/** `orders` may not be moved by kubectl-qos alone; its team asks, and moves it. */
export async function moveByHand(stage: Stage): Promise<void> {
	const { narrator, stopped } = stage;
	const namespace = NAMESPACES.with;
	narrator.chapter("Moved by hand");
	narrator.say(
		"The policy of orders has mode Initial: it was placed at admission, but only its team moves it. The team asks, and lets it move to the best node.",
	);
	const before = stage.observer.nodeOf(workloadIn("with", "orders"));
	await step({ name: "orders would gain by a move", timeoutSeconds: 60, stopped }, (signal) =>
		waitUntil(() => {
			const recommended = stage.observer.reports.get(workloadIn("with", "orders"))?.status?.recommended;
			const gain = recommended?.gainLowerBound ?? 0;
			return gain > GAIN_ENOUGH ? { found: gain } : { still: `at least ${Math.round(gain * 100)} % of the objective` };
		}, signal),
	);
	await type(stage, `kubectl qos recommend -n ${namespace}`);
	await type(stage, `kubectl qos migrate deploy/orders -n ${namespace} --yes`, 60);
	await step({ name: "orders runs elsewhere", timeoutSeconds: 5, stopped }, async () => {
		const after = stage.observer.nodeOf(workloadIn("with", "orders"));
		if (after === undefined || after === before) throw new Error(`it still runs on ${before}`);
	});
}
