import { z } from "zod";
import { parseDuration } from "../../../src/api/v1alpha1/duration.ts";
import { resourcePath } from "../../../src/api/v1alpha1/group.ts";
import { COLLECTION_PROBLEM } from "../../../src/api/v1alpha1/job.ts";
import type { QoSReport } from "../../../src/api/v1alpha1/report.ts";
import { selects } from "../../../src/core/cluster/selectors.ts";
import type { Job } from "../../../src/core/job/job.ts";
import { isMissing } from "../client/client.ts";
import { readJobs } from "../jobs/read.ts";
import { formatAge } from "../output/age.ts";
import { ageOf, isStale } from "../resources/freshness.ts";
import { listDeployments, listPolicies, type Read, reportPages } from "../resources/read.ts";
import { type Check, type Finding, failed, passed, type Subject, skipped, warning } from "./check.ts";

const CATEGORY = "data";
const NAMED = 3;
/** Predictions are made once a minute. */
const OLD = 5 * 60_000;

/** The first few, and how many more. */
function named(items: readonly string[]): string {
	const more = items.length - NAMED;
	return items.slice(0, NAMED).join("; ") + (more > 0 ? `; and ${more} more` : "");
}

async function newestRuns({ client }: Subject): Promise<readonly Job[]> {
	const { read } = await readJobs(client, undefined, undefined);
	return read
		.map(({ value }) => value)
		.filter(({ status }) => status.lastRun !== undefined)
		.toSorted((left, right) => (right.status.lastRun?.startedAt ?? 0) - (left.status.lastRun?.startedAt ?? 0));
}

/** What the controller's newest run says of its metrics; the plugin does not ask Prometheus itself. */
function collectionProblem([newest]: readonly Job[]): string | undefined {
	return newest?.status.lastRun?.message?.split(COLLECTION_PROBLEM)[1];
}

async function prometheus(subject: Subject): Promise<Finding> {
	const runs = await newestRuns(subject);
	if (runs.length === 0) return skipped("no timer job has run yet, so nothing is known of Prometheus");
	const problem = collectionProblem(runs);
	if (problem === undefined) return passed("the controller collects metrics from Prometheus");
	return failed(
		`the controller cannot collect metrics: ${problem}`,
		`see that Prometheus runs and prometheus.url in the controller's configuration is right: kubectl get configmap -n ${subject.controllerNamespace}`,
	);
}

async function jobs({ client, now }: Subject): Promise<Finding> {
	const { read } = await readJobs(client, undefined, undefined);
	const all = read.map(({ value }) => value);
	const mend = "kubectl qos jobs list -A; kubectl qos jobs resume NAME -n NAMESPACE";
	if (all.length === 0)
		return failed(
			"the timer has no job: nothing is predicted",
			"start the controller, which makes two; or 'kubectl qos jobs add'",
		);
	if (all.every(({ suspend }) => suspend))
		return warning("every job of the timer is suspended: nothing is predicted", mend);
	const broken = all.filter(({ suspend, status }) => !suspend && status.lastRun?.result === "Failed");
	if (broken.length > 0) {
		const words = broken.map(
			({ namespace, name, status }) => `${namespace}/${name}: ${status.lastRun?.message ?? "no reason given"}`,
		);
		return failed(`jobs failed: ${named(words)}`, mend);
	}
	const late = all.filter(
		({ suspend, status }) => !suspend && status.nextRun !== undefined && now - status.nextRun > OLD,
	);
	if (late.length > 0) {
		return failed(
			`jobs are overdue: ${named(late.map(({ namespace, name }) => `${namespace}/${name}`))}`,
			"see whether the controller runs",
		);
	}
	return passed(`the timer has ${all.length} job${all.length === 1 ? "" : "s"}`);
}

const conditionsSchema = z.object({
	metadata: z.object({ namespace: z.string(), name: z.string() }),
	status: z
		.object({
			conditions: z
				.array(z.object({ type: z.string(), status: z.string(), reason: z.string(), message: z.string() }))
				.default([]),
		})
		.prefault({}),
});

async function models({ client }: Subject): Promise<Finding> {
	const answer = await client.list(resourcePath("QoSPolicy"));
	if (isMissing(answer)) return skipped("QoSPolicies are not served");
	const refused = answer
		.map((object) => conditionsSchema.parse(object))
		.flatMap(({ metadata, status }) =>
			status.conditions
				.filter((condition) => condition.type === "Ready" && condition.status === "False")
				.map(({ reason, message }) => ({
					ofModel: reason.startsWith("Model"),
					text: `QoSPolicy ${metadata.namespace}/${metadata.name}: ${reason}: ${message}`,
				})),
		);
	const ofModels = refused.filter(({ ofModel }) => ofModel).map(({ text }) => text);
	if (refused.length === 0) return passed("every policy's model is in force");
	if (ofModels.length === 0) {
		return failed(
			`models lack what they predict from: ${named(refused.map(({ text }) => text))}`,
			"correct what the message names; the policy takes effect again by itself",
		);
	}
	return failed(
		`models are refused: ${named(ofModels)}`,
		"give spec.model a model that exists and fits the objective: kubectl explain qospolicy.spec.model",
	);
}

async function dataAge(subject: Subject): Promise<Finding> {
	const read: Read<QoSReport>[] = [];
	for await (const page of reportPages(subject.client, undefined)) read.push(...page.read);
	const reports = read.flatMap(({ value: { metadata, status } }) => (status ? [{ metadata, status }] : []));
	if (reports.length === 0) return skipped("there is no report yet");
	const old = reports
		.map(({ metadata, status }) => ({
			metadata,
			status,
			age: Math.max(ageOf(status, subject.now), 1000 * (parseDuration(status.dataAge ?? "0s") ?? 0)),
		}))
		// Not `>`: an unreadable time is NaN and must count as old.
		.filter(({ age, status }) => !(age <= OLD) || isStale(status, subject.now))
		.toSorted((left, right) => right.age - left.age);
	const [oldest] = old;
	if (!oldest) return passed(`predictions of ${reports.length} Deployment${reports.length === 1 ? "" : "s"} are fresh`);
	const problem = collectionProblem(await newestRuns(subject));
	const which =
		old.length === 1
			? `of ${oldest.metadata.namespace}/${oldest.metadata.name} are`
			: `of ${old.length} Deployments are up to`;
	return warning(
		`predictions ${which} ${formatAge(oldest.age)} old${problem === undefined ? "" : `: ${problem}`}`,
		problem === undefined
			? "see whether the controller runs and its Predict job is not suspended: kubectl qos jobs list -A"
			: "bring Prometheus back; nothing is moved meanwhile",
	);
}

async function policies({ client }: Subject): Promise<Finding> {
	const [{ read, failures }, deployments] = await Promise.all([
		listPolicies(client, undefined),
		listDeployments(client, undefined),
	]);
	if (failures[0]) return failed(failures[0].message.replace(/^error: /, ""), "kubectl qos policy validate -f FILE");
	if (read.length === 0) return skipped("there is no QoSPolicy yet: begin with 'kubectl qos policy init deploy/NAME'");
	const idle = read
		.map(({ value }) => value)
		.filter(
			({ namespace, workloadSelector }) =>
				!deployments.some((one) => one.namespace === namespace && selects(workloadSelector, one.labels)),
		)
		.map(({ namespace, name }) => `${namespace}/${name}`);
	if (idle.length === 0) return passed("every policy selects a Deployment");
	return warning(
		`policies select nothing: ${named(idle)}`,
		"let spec.workloadSelector match labels of Deployments in the policy's namespace: kubectl get deploy --show-labels",
	);
}

export const DATA_CHECKS: readonly Check[] = [
	{ code: "QOS011", category: CATEGORY, look: prometheus },
	{ code: "QOS012", category: CATEGORY, look: models },
	{ code: "QOS013", category: CATEGORY, look: jobs },
	{ code: "QOS014", category: CATEGORY, look: dataAge },
	{ code: "QOS015", category: CATEGORY, look: policies },
];
