import { z } from "zod";
import { GROUP, type Kind, RESOURCES, resourcePath } from "../../../src/api/v1alpha1/group.ts";
import { parseMigration } from "../../../src/api/v1alpha1/migration.ts";
import { metadataSchema, type Parsed, parse } from "../../../src/api/v1alpha1/parse.ts";
import { parsePolicy } from "../../../src/api/v1alpha1/policy.ts";
import { parseReport, type QoSReport } from "../../../src/api/v1alpha1/report.ts";
import type { Migration } from "../../../src/core/migration/migration.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import { type ApiClient, isMissing, type Query } from "../client/client.ts";
import { customResourcesAbsent, malformedObject, notFound, PluginError, serverRefused } from "../errors.ts";

/** An object read for us, beside what the server sent (which `-o json` prints). */
export interface Read<T> {
	readonly value: T;
	readonly object: object;
}

/** The objects of a list; one that cannot be read must not hide the others. */
export interface Collection<T> {
	readonly read: readonly Read<T>[];
	readonly failures: readonly PluginError[];
}

/** A Deployment, as far as the plugin needs it. */
export interface Deployment {
	readonly namespace: string;
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly annotations: Readonly<Record<string, string>>;
}

const deploymentSchema = z.object({ metadata: metadataSchema }).transform(
	({ metadata }): Deployment => ({
		namespace: metadata.namespace,
		name: metadata.name,
		labels: metadata.labels,
		annotations: metadata.annotations,
	}),
);

function deploymentsPath(namespace: string | undefined): string {
	return `/apis/apps/v1${namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`}/deployments`;
}

/** One Deployment, or the error that kubectl would end with. */
export async function readDeployment(
	client: ApiClient,
	namespace: string,
	name: string,
): Promise<Deployment | PluginError> {
	const answer = await client.get(`${deploymentsPath(namespace)}/${encodeURIComponent(name)}`);
	if (isMissing(answer)) return (await missingNamespace(client, namespace)) ?? notFound("deployments.apps", name);
	return unwrap(parse(deploymentSchema, answer, `Deployment ${namespace}/${name}`));
}

/** As kubectl looks: the namespace may be what is misspelt. Who may not read namespaces is not told. */
async function missingNamespace(client: ApiClient, namespace: string): Promise<PluginError | undefined> {
	if (namespace === "default") return undefined;
	const answer = await client.get(`/api/v1/namespaces/${encodeURIComponent(namespace)}`).catch(() => ({}));
	return isMissing(answer) ? notFound("namespaces", namespace) : undefined;
}

/** Only metadata is wanted of Deployments, which is a tenth of them. */
const METADATA_ONLY = {
	Accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json",
};

/** Deployments of a namespace, or of all. @throws PluginError */
export async function listDeployments(
	client: ApiClient,
	namespace: string | undefined,
	filter: { readonly selector?: string | undefined; readonly fieldSelector?: string | undefined } = {},
): Promise<readonly Deployment[]> {
	const { selector: labelSelector, fieldSelector } = filter;
	try {
		const answer = await client.list(deploymentsPath(namespace), { labelSelector, fieldSelector }, METADATA_ONLY);
		if (isMissing(answer)) throw serverRefused("NotFound", "the server could not find deployments.apps");
		return answer.map((object) => unwrap(parse(deploymentSchema, object, "Deployment")));
	} catch (error) {
		if (!(error instanceof PluginError) || error.reason !== "BadRequest") throw error;
		const selectors = `label selector "${labelSelector ?? ""}", field selector "${fieldSelector ?? ""}"`;
		const what = `Unable to find "apps/v1, Resource=deployments" that match ${selectors}`;
		throw serverRefused("BadRequest", `${what}: ${error.detail}`);
	}
}

/** The report of one Deployment; `undefined` when there is none yet. @throws PluginError */
export async function readReport(
	client: ApiClient,
	namespace: string,
	name: string,
): Promise<Read<QoSReport> | undefined> {
	const answer = await client.get(resourcePath("QoSReport", namespace, name));
	if (!isMissing(answer)) return { value: unwrap(parseReport(answer)), object: answer };
	if (answer.missing === "Path") throw absent("QoSReport");
	return undefined;
}

/** One page of a list of reports. */
export interface ReportPage extends Collection<QoSReport> {
	/** Whose reports cannot be read: there is one, which is another thing than none. */
	readonly unreadable: readonly Pick<Deployment, "namespace" | "name">[];
	readonly isLast: boolean;
	/** Of the whole list. */
	readonly resourceVersion: string;
}

/** A full screen of rows is enough to begin with. */
const FIRST_PAGE = 4;

/** Reports page by page. @throws PluginError */
export async function* reportPages(
	client: ApiClient,
	namespace: string | undefined,
	limit?: number,
): AsyncGenerator<ReportPage> {
	const path = resourcePath("QoSReport", namespace);
	for await (const page of client.pages(path, limit === undefined ? {} : { limit, first: FIRST_PAGE })) {
		if (isMissing(page)) throw absent("QoSReport");
		const { isLast, resourceVersion } = page;
		const collection = collect(page.objects, parseReport);
		const parsed = new Set(collection.read.map(({ object }) => object));
		const unreadable = page.objects.flatMap((object) => {
			const named = parsed.has(object) ? undefined : deploymentSchema.safeParse(object).data;
			return named ?? [];
		});
		yield { ...collection, unreadable, isLast, resourceVersion };
	}
}

export async function listPolicies(client: ApiClient, namespace: string | undefined): Promise<Collection<Policy>> {
	return listKind({ client, kind: "QoSPolicy", namespace, parse: parsePolicy });
}

export async function listMigrations(client: ApiClient, namespace: string | undefined): Promise<Collection<Migration>> {
	return listKind({ client, kind: "QoSMigration", namespace, parse: parseMigration });
}

export async function readMigration(client: ApiClient, namespace: string, name: string): Promise<Read<Migration>> {
	const answer = await client.get(resourcePath("QoSMigration", namespace, name));
	if (isMissing(answer)) throw notFound(`${RESOURCES.QoSMigration}.${GROUP}`, name);
	return { value: unwrap(parseMigration(answer)), object: answer };
}

/** Creates a QoSMigration. @throws PluginError */
export async function createMigration(
	client: ApiClient,
	namespace: string,
	body: object,
	query: Query,
): Promise<Read<Migration>> {
	const answer = await client.create(resourcePath("QoSMigration", namespace), body, query);
	if (isMissing(answer)) throw answer.missing === "Path" ? absent("QoSMigration") : notFound("namespaces", namespace);
	return { value: unwrap(parseMigration(answer)), object: answer };
}

async function listKind<T>(what: {
	readonly client: ApiClient;
	readonly kind: Kind;
	readonly namespace: string | undefined;
	readonly parse: (input: unknown) => Parsed<T>;
}): Promise<Collection<T>> {
	const answer = await what.client.list(resourcePath(what.kind, what.namespace));
	if (isMissing(answer)) throw absent(what.kind);
	return collect(answer, what.parse);
}

/** Reads the objects of a list one by one. */
export function collect<T>(objects: readonly object[], parse: (input: unknown) => Parsed<T>): Collection<T> {
	const read: Read<T>[] = [];
	const failures: PluginError[] = [];
	for (const object of objects) {
		const parsed = parse(object);
		if (parsed.ok) read.push({ value: parsed.value, object });
		else failures.push(malformedObject(parsed.message));
	}
	return { read, failures };
}

function absent(kind: Kind): PluginError {
	return customResourcesAbsent(`${RESOURCES[kind]}.${GROUP}`);
}

/** @throws PluginError MalformedObject */
export function unwrap<T>(parsed: Parsed<T>): T {
	if (parsed.ok) return parsed.value;
	throw malformedObject(parsed.message);
}
