import type { MigrationObject } from "../../e2e/harness/kinds.ts";
import { livePods, migrationsOf, reasonOf } from "../../e2e/harness/workloads.ts";
import { move, SHOP } from "./shop.ts";
import type { RealStage } from "./stage.ts";

const ENDED = ["Succeeded", "Failed", "Reverted", "Rejected"];

/** Asks for a move of an app to a node; resolves to its uid once its rollout is under way. */
export async function begin(stage: RealStage, app: string, to: string): Promise<string> {
	const made = await stage.cluster.kubectl(["create", "-o", "jsonpath={.metadata.uid}", "-f", "-"], move(app, to));
	const uid = made.trim();
	await inPhase(stage, app, { uid, phases: ["Rolling"] });
	return uid;
}

/** The move once it has ended, one way or the other. */
export function ended(stage: RealStage, app: string, uid: string): Promise<MigrationObject> {
	return inPhase(stage, app, { uid, phases: ENDED });
}

function inPhase(
	stage: RealStage,
	app: string,
	{ uid, phases }: { readonly uid: string; readonly phases: readonly string[] },
): Promise<MigrationObject> {
	return stage.waitUntil(`the move of ${app} is ${phases.join(" or ")}`, async () => {
		const found = (await migrationsOf(stage, SHOP, app)).find(({ metadata }) => metadata.uid === uid);
		if (found && phases.includes(found.status?.phase ?? "")) return found;
		throw new Error(found ? `${found.status?.phase}: ${reasonOf(found)}` : "it is gone");
	});
}

/** Those of the apps that have a pod on a node. */
export async function appsOn(stage: RealStage, apps: readonly string[], node: string): Promise<readonly string[]> {
	const pods = await Promise.all(apps.map((app) => livePods(stage, SHOP, app)));
	return apps.filter((_, index) => pods[index]?.some(({ spec }) => spec.nodeName === node));
}
