import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { deployment, namespace, policy } from "./harness/objects.ts";
import { useStage } from "./harness/stage.ts";
import {
	migrationIn,
	migrationsOf,
	nodeOf,
	reasonOf,
	reportThat,
	runsOn,
	watchAvailability,
} from "./harness/workloads.ts";

const stage = useStage({
	nodes: [{ name: "node-1" }, { name: "node-2" }, { name: "node-3" }],
	world: {
		nodes: { "node-1": { background: 0.5 }, "node-2": { background: 2 }, "node-3": { background: 3 } },
		apps: { web: { serviceTime: "20ms", arrivalRate: 20 } },
	},
	controllers: 2,
});

const WEB = ["shop", "web"] as const;

/** While it is bound, no template of a Deployment in `shop` can be changed. */
const FROZEN = stringify({
	apiVersion: "admissionregistration.k8s.io/v1",
	kind: "ValidatingAdmissionPolicy",
	metadata: { name: "frozen" },
	spec: {
		matchConstraints: {
			namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "shop" } },
			resourceRules: [{ apiGroups: ["apps"], apiVersions: ["v1"], operations: ["UPDATE"], resources: ["deployments"] }],
		},
		validations: [{ expression: "object.spec.template == oldObject.spec.template", message: "templates are frozen" }],
	},
});
const BINDING = stringify({
	apiVersion: "admissionregistration.k8s.io/v1",
	kind: "ValidatingAdmissionPolicyBinding",
	metadata: { name: "frozen" },
	spec: { policyName: "frozen", validationActions: ["Deny"] },
});

/** Waits until the API server does, or does not, let the template change. */
async function untilFrozen(isFrozen: boolean): Promise<void> {
	const template = JSON.stringify({ spec: { template: { metadata: { annotations: { probe: "" } } } } });
	const patch = ["patch", "deployment", "web", "-n", "shop", "--dry-run=server", "-p", template];
	await stage.waitUntil(`templates are ${isFrozen ? "" : "not "}frozen`, async () => {
		const answer = await stage.cluster.kubectl(patch).then(() => "", String);
		if (answer !== "" && !answer.includes("templates are frozen")) throw new Error(answer);
		return isFrozen === (answer !== "") ? true : undefined;
	});
}

describe("a leader that is killed between a move's intent and its patch", () => {
	it("leaves a move that the next leader makes, once", async () => {
		await stage.apply(
			namespace("shop"),
			policy("shop", { rebalance: { cooldown: "10m" } }),
			deployment({ namespace: "shop", name: "web" }),
		);
		expect(await nodeOf(stage, ...WEB)).toBe("node-1");
		await reportThat(stage, WEB, "its measured latency", ({ current }) => current.measured !== undefined);
		await stage.apply(FROZEN, BINDING);
		await untilFrozen(true);
		const watch = await watchAvailability(stage, ...WEB);
		const [generation = 0] = watch.generations;
		stage.world.update({ nodes: { "node-1": { background: 7.6 } } });

		const begun = await migrationIn(stage, WEB, ["Rolling"]);
		expect(reasonOf(begun)).toMatch(/^Patching: /);
		const leading = await Promise.all(stage.controllers.map((one) => one.metrics()));
		const leader = stage.controllers[leading.findIndex((page) => /^kubectl_qos_leader 1$/m.test(page))];
		await leader?.kill();
		expect([...watch.generations]).toEqual([generation]);
		await stage.cluster.kubectl(["delete", "validatingadmissionpolicybinding", "frozen"]);

		const moved = await migrationIn(stage, WEB, ["Succeeded", "Failed", "Rejected", "Reverted"], 60_000);
		watch.stop();
		expect(moved).toMatchObject({
			metadata: { uid: begun.metadata.uid },
			status: { phase: "Succeeded", from: "node-1", to: begun.status?.to, startedAt: begun.status?.startedAt },
		});
		expect(await runsOn(stage, WEB, [begun.status?.to ?? ""])).toBe(begun.status?.to);
		expect([...watch.generations]).toEqual([generation, generation + 1]);
		expect(await stage.api.list("ReplicaSet", "shop", "app=web")).toHaveLength(2);
		expect(await migrationsOf(stage, ...WEB)).toHaveLength(1);
	});
});
