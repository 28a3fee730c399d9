import { z } from "zod";
import { type Operation, operation } from "../operation.ts";
import type { Governed } from "../ports.ts";
import { Problem, unavailable } from "../problem.ts";
import { analysis } from "../schema/answers.ts";
import { appName, namespace } from "../schema/parameters.ts";

export interface AnalysisOptions {
	/** Deployments that a policy governs, as this replica's caches show them; `undefined`: not known yet. */
	readonly governed: () => readonly Governed[] | undefined;
}

const requestData = z.strictObject({
	run_ids: z
		.array(z.string())
		.max(0, "cannot be mapped: the QoSPolicy says where predictions come from; leave it out")
		.nullable()
		.optional()
		.describe("Only empty."),
	args: z.array(z.unknown()).nullable().optional().describe("Ignored."),
	kwargs: z
		.looseObject({ app_name: appName.describe("Name of the Deployment, also as NAMESPACE/NAME.") })
		.describe("Other entries, such as credentials of an orchestrator, are ignored and not kept."),
});

/** Evaluating an app now: a QoSMigration without a destination and without overrides. */
export function analysisOperations(options: AnalysisOptions): Operation[] {
	return [analyze("Reactive", options), analyze("Proactive", options)];
}

function analyze(trigger: "Reactive" | "Proactive", { governed }: AnalysisOptions): Operation {
	return operation({
		method: "post",
		path: `/sensors/analyze_${trigger.toLowerCase()}_qos`,
		id: `analyze${trigger}`,
		tag: "analysis",
		summary: `Analyse an app now, ${trigger === "Reactive" ? "by what is measured" : "by what is predicted"}`,
		description: `Asks for a move to the best place: it happens where all that the QoSPolicy asks for is met, and is Rejected with the reason otherwise. Whether measured or predicted QoS counts is the policy's \`rebalance.trigger\`; which of the two was asked for is the QoSMigration's reason. Needs \`create\` on qosmigrations.kubectl-qos.dev and \`patch\` on the Deployment.`,
		query: z.strictObject({
			namespace: namespace.describe("Of the app. Default: it is looked for in all namespaces."),
		}),
		body: requestData,
		isBodyRequired: true,
		answer: analysis,
		refusals: [404, 409],
		access: (query, body) => ({
			verb: "create",
			resource: "qosmigrations",
			namespace: query.namespace ?? namespaceOf(body?.kwargs.app_name),
		}),
		run: async ({ query, body, objects }) => {
			const app = body?.kwargs.app_name ?? "";
			const found = find(app, query.namespace, governed());
			const migration = await objects.addMigration(found.workload, `${trigger}Analysis`);
			return {
				detail: `an analysis of ${found.workload} was asked for by its ${found.policy.rebalance.trigger} policy ${found.policy.name}; QoSMigration ${migration} tells what came of it`,
				migration,
			};
		},
	});
}

function namespaceOf(app: string | undefined): string | undefined {
	return app?.includes("/") ? app.split("/")[0] : undefined;
}

/** @throws Problem unless exactly one governed Deployment has the name */
function find(app: string, namespaceOfApp: string | undefined, governed: readonly Governed[] | undefined): Governed {
	if (governed === undefined) throw unavailable("the cluster's objects are not listed yet; try again");
	const [first = "", second] = app.split("/");
	if (second !== undefined && namespaceOfApp !== undefined && first !== namespaceOfApp) {
		throw new Problem(404, `kwargs.app_name: ${app} is not in namespace ${namespaceOfApp}`);
	}
	const wanted = second === undefined ? namespaceOfApp : first;
	const suffix = `/${second ?? first}`;
	const found = governed.filter(({ workload }) =>
		wanted === undefined ? workload.endsWith(suffix) : workload === `${wanted}${suffix}`,
	);
	const [one] = found;
	if (one === undefined) {
		throw new Problem(
			404,
			`kwargs.app_name: no Deployment ${app} is governed by a QoSPolicy; see kubectl get qosreports -A`,
		);
	}
	if (found.length > 1) {
		const names = found.map(({ workload }) => workload).join(", ");
		throw new Problem(409, `kwargs.app_name: ${app} is ambiguous (${names}); add ?namespace=`);
	}
	return one;
}
