import { z } from "zod";
import { dryRunSuffix } from "../arguments/dry-run.ts";
import { runCheck } from "../check/run.ts";
import { type ApiClient, isMissing } from "../client/client.ts";
import { serverSideApply } from "../client/writing.ts";
import type { Context } from "../commands/command.ts";
import type { InstallOptions } from "../commands/install.ts";
import { interrupted, notMovable, PluginError, timedOut } from "../errors.ts";
import { qualifiedName } from "../output/print.ts";
import type { Terminal } from "../terminal.ts";
import { printManifests } from "./print.ts";
import { type Manifest, pathOf, renderManifests } from "./render.ts";

const POLL = 300;

/** What comes before the rest, which needs it. */
const FIRST: ReadonlySet<string> = new Set(["Namespace", "CustomResourceDefinition"]);

/** `kubectl qos install`: applied by server-side apply, waited for, checked. */
export async function install(options: InstallOptions, context: Context): Promise<void> {
	const { terminal } = context;
	const manifests = renderManifests(options);
	if (options.dryRun === "client") return printManifests(terminal, manifests, options);
	const { client } = await context.session();
	const start = terminal.now();
	const applying: Applying = { client, terminal, options };
	for (const manifest of manifests.filter(({ kind }) => FIRST.has(kind))) await apply(manifest, applying);
	if (options.dryRun === "none") await established(manifests, applying, deadlineOf(options, start));
	for (const manifest of manifests.filter(({ kind }) => !FIRST.has(kind))) await apply(manifest, applying);
	if (!options.wait || options.dryRun === "server") return;
	terminal.note("waiting for the controller");
	await available(manifests, applying, deadlineOf(options, start));
	const wait = Math.max(1, deadlineOf(options, start) - terminal.now());
	const controllerNamespace = manifests.find(({ kind }) => kind === "Deployment")?.metadata.namespace ?? "";
	await runCheck({ pre: false, wait, output: undefined, controllerNamespace }, context);
}

interface Applying {
	readonly client: ApiClient;
	readonly terminal: Terminal;
	readonly options: InstallOptions;
}

async function apply(manifest: Manifest, { client, terminal, options }: Applying): Promise<void> {
	const { dryRun, forceConflicts } = options;
	const isDry = dryRun === "server";
	const query = { force: String(forceConflicts), ...(isDry && { dryRun: "All" }) };
	const answer = await serverSideApply(client, pathOf(manifest), manifest, query).catch((error: unknown) => {
		throw explained(error);
	});
	const name = qualifiedName(manifest);
	if (!isMissing(answer)) {
		terminal.write(`${name} serverside-applied${dryRunSuffix(dryRun)}\n`);
		return;
	}
	// In a dry run the namespace that the others live in was not created.
	const why = isDry
		? "its namespace or kind does not exist yet"
		: `this API server does not serve ${manifest.apiVersion} ${manifest.kind}`;
	terminal.note(`warning: ${name} was left out: ${why}`);
}

function explained(error: unknown): unknown {
	if (!(error instanceof PluginError) || error.reason !== "Conflict") return error;
	return notMovable(
		`${error.message.replace(/^Error from server \(Conflict\): /, "")}; take them over with --force-conflicts`,
	);
}

function deadlineOf({ timeout }: InstallOptions, start: number): number {
	return timeout === 0 ? Number.POSITIVE_INFINITY : start + timeout;
}

const conditionsSchema = z.object({
	status: z
		.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).default([]) })
		.prefault({}),
});

/** Waits until the API server serves every CRD. */
async function established(manifests: readonly Manifest[], applying: Applying, deadline: number): Promise<void> {
	for (const crd of manifests.filter(({ kind }) => kind === "CustomResourceDefinition")) {
		await until({ what: `${crd.metadata.name} is not served`, deadline, applying }, async () => {
			const { conditions } = conditionsSchema.parse(await applying.client.get(pathOf(crd))).status;
			return conditions.some(({ type, status }) => type === "Established" && status === "True");
		});
	}
}

const rolloutSchema = z.object({
	metadata: z.object({ generation: z.number() }),
	spec: z.object({ replicas: z.number() }),
	status: z
		.object({
			observedGeneration: z.number().default(0),
			updatedReplicas: z.number().default(0),
			availableReplicas: z.number().default(0),
		})
		.prefault({}),
});

/** Waits until the controller's Deployment has rolled out. */
async function available(manifests: readonly Manifest[], applying: Applying, deadline: number): Promise<void> {
	for (const deployment of manifests.filter(({ kind }) => kind === "Deployment")) {
		const { name, namespace } = deployment.metadata;
		const what = `deployment ${name} in namespace ${namespace} is not available; see 'kubectl describe pods -n ${namespace}'`;
		await until({ what, deadline, applying }, async () => {
			const { metadata, spec, status } = rolloutSchema.parse(await applying.client.get(pathOf(deployment)));
			const isSeen = status.observedGeneration >= metadata.generation;
			return isSeen && status.updatedReplicas >= spec.replicas && status.availableReplicas >= spec.replicas;
		});
	}
}

interface Awaited {
	readonly what: string;
	/** ms since the epoch. */
	readonly deadline: number;
	readonly applying: Applying;
}

async function until({ what, deadline, applying: { terminal } }: Awaited, look: () => Promise<boolean>): Promise<void> {
	const rest = "what was applied stays, and 'kubectl qos install' goes on from there";
	await terminal.interruptible(async (signal) => {
		while (!(await look())) {
			if (terminal.now() >= deadline) throw timedOut(`${what}; ${rest}`);
			await terminal.sleep(POLL, signal);
			if (signal.aborted) throw interrupted(rest);
		}
	});
}
