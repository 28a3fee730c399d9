import { setTimeout as delay } from "node:timers/promises";
import { PREVIOUS_PLACEMENT_KEY, previousPlacementOf } from "../../../src/core/migration/annotations.ts";
import { dryRunSuffix } from "../arguments/dry-run.ts";
import { type ApiClient, isMissing } from "../client/client.ts";
import { remove } from "../client/writing.ts";
import type { Context } from "../commands/command.ts";
import type { UninstallOptions } from "../commands/install.ts";
import { timedOut } from "../errors.ts";
import { noResources, qualifiedName } from "../output/print.ts";
import { listDeployments } from "../resources/read.ts";
import type { Terminal } from "../terminal.ts";
import { printManifests } from "./print.ts";
import { type Manifest, pathOf, renderManifests } from "./render.ts";

/** What holds other people's objects: removed by --purge only. */
const KEPT: ReadonlySet<string> = new Set(["Namespace", "CustomResourceDefinition"]);
const POLL = 300;
const NAMED = 5;

/** `kubectl qos uninstall`: the webhook first, so that no pod waits for what is going away. */
export async function uninstall(options: UninstallOptions, context: Context): Promise<void> {
	const { terminal } = context;
	const manifests = renderManifests()
		.filter(({ kind }) => options.purge || !KEPT.has(kind))
		.toReversed()
		.toSorted((left, right) => rankOf(left) - rankOf(right));
	if (options.dryRun === "client") return printManifests(terminal, manifests, options);
	const { client } = await context.session();
	for (const line of await pinnedNotes(client)) terminal.note(line);
	let removed = 0;
	for (const manifest of manifests) if (await removeOne(client, terminal, manifest, options)) removed += 1;
	if (removed === 0) terminal.note(noResources(undefined));
	if (options.dryRun === "server" || !options.wait) return;
	const deadline = options.timeout === 0 ? Number.POSITIVE_INFINITY : terminal.now() + options.timeout;
	for (const manifest of manifests) await gone(client, manifest, deadline);
	if (!options.purge)
		terminal.note("policies, jobs, reports and migrations stay; --purge removes them with their CRDs");
}

function rankOf({ kind }: Manifest): number {
	return kind === "MutatingWebhookConfiguration" ? 0 : KEPT.has(kind) ? 2 : 1;
}

async function removeOne(
	client: ApiClient,
	terminal: Terminal,
	manifest: Manifest,
	{ dryRun }: UninstallOptions,
): Promise<boolean> {
	const how = { propagationPolicy: "Background", dryRun: dryRun === "server" } as const;
	const answer = await remove(client, pathOf(manifest), how);
	if (isMissing(answer)) return false;
	terminal.write(`${qualifiedName(manifest)} deleted${dryRunSuffix(dryRun)}\n`);
	return true;
}

async function gone(client: ApiClient, manifest: Manifest, deadline: number): Promise<void> {
	while (!isMissing(await client.get(pathOf(manifest)))) {
		if (Date.now() >= deadline) throw timedOut(`${qualifiedName(manifest)} is not gone yet; its deletion goes on`);
		await delay(POLL);
	}
}

/** Without a controller nobody lets pods go from a node that dies: whoever uninstalls must know. */
async function pinnedNotes(client: ApiClient): Promise<readonly string[]> {
	const deployments = await listDeployments(client, undefined);
	const pinned = deployments.flatMap(({ namespace, name, annotations }) => {
		const previous = previousPlacementOf(annotations);
		return previous ? [{ namespace, name, ...previous }] : [];
	});
	if (pinned.length === 0) return [];
	const which =
		pinned.length === 1 ? "1 Deployment stays where it was" : `${pinned.length} Deployments stay where they were`;
	const more = pinned.length > NAMED ? [`  and ${pinned.length - NAMED} more`] : [];
	return [
		`warning: ${which} moved to, and nobody will release what is pinned when its node fails; to release one, which rolls it:`,
		...pinned.slice(0, NAMED).map((one) => `  ${releaseCommand(one)}`),
		...more,
	];
}

function releaseCommand({
	namespace,
	name,
	topologyKey,
	value,
}: {
	namespace: string;
	name: string;
	topologyKey: string;
	value: string | null;
}): string {
	const patch = {
		metadata: { annotations: { [PREVIOUS_PLACEMENT_KEY]: null } },
		spec: { template: { spec: { nodeSelector: { [topologyKey]: value } } } },
	};
	return `kubectl patch deployment ${name} -n ${namespace} --type=merge -p '${JSON.stringify(patch)}'`;
}
