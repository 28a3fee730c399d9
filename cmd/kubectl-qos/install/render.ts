import { createHash } from "node:crypto";
import { parse, parseAllDocuments } from "yaml";
import { z } from "zod";
import type { PrintableObject } from "../output/print.ts";
import { manifestFile } from "./files.ts";

/** An object to install. */
export interface Manifest extends PrintableObject {
	readonly apiVersion: string;
	readonly kind: string;
	readonly metadata: { readonly name: string; readonly namespace?: string | undefined };
}

/** What an install may change of the manifests. */
export interface Settings {
	/** Where the controller finds Prometheus; absent: as in the manifests. */
	readonly prometheusUrl?: string | undefined;
	/** The controller's image; absent: as in the manifests. */
	readonly image?: string | undefined;
}

const kustomizationSchema = z.object({
	resources: z.array(z.string()),
	configMapGenerator: z.tuple([z.object({ name: z.string(), namespace: z.string(), files: z.tuple([z.string()]) })]),
	labels: z.tuple([z.object({ pairs: z.record(z.string(), z.string()) })]),
});

const manifestSchema = z.looseObject({
	apiVersion: z.string(),
	kind: z.string(),
	metadata: z.looseObject({
		name: z.string(),
		namespace: z.string().optional(),
		labels: z.record(z.string(), z.string()).optional(),
	}),
});

/** The objects that `kubectl kustomize manifests/base` makes, from the manifests that the plugin carries. */
export function renderManifests(settings: Settings = {}): readonly Manifest[] {
	const kustomization = kustomizationSchema.parse(parse(manifestFile("kustomization.yaml")));
	const [{ pairs }] = kustomization.labels;
	const configMap = configMapOf(kustomization.configMapGenerator[0], settings);
	const { name } = kustomization.configMapGenerator[0];
	const objects = kustomization.resources.flatMap((file) =>
		// The generated name is known by reference only.
		parseAllDocuments(
			adapted(manifestFile(file), settings).replaceAll(`{ name: ${name} }`, `{ name: ${configMap.metadata.name} }`),
		),
	);
	return [...objects.map((document) => manifestSchema.parse(document.toJS({ maxAliasCount: 1000 }))), configMap].map(
		(object) => ({
			...object,
			metadata: { ...object.metadata, labels: { ...pairs, ...object.metadata.labels } },
		}),
	);
}

function adapted(text: string, { image }: Settings): string {
	return image === undefined
		? text
		: text.replace(/^(\s+image: )\S*qos-controller:\S+$/m, (_, head: string) => head + JSON.stringify(image));
}

function configMapOf(
	{ name, namespace, files: [file] }: z.output<typeof kustomizationSchema>["configMapGenerator"][0],
	{ prometheusUrl }: Settings,
): z.output<typeof manifestSchema> & { readonly data: Readonly<Record<string, string>> } {
	const text = manifestFile(file);
	const config =
		prometheusUrl === undefined
			? text
			: text.replace(/^( +url: ).*$/m, (_, head: string) => head + JSON.stringify(prometheusUrl));
	const data = { [file.replace(/^.*\//, "")]: config };
	return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: `${name}-${hashOf(data)}`, namespace }, data };
}

/**
 * Kustomize's hash of a ConfigMap: SHA-256 of its JSON as Go writes it, with an empty name (it looks for a
 * field "metadata/name"); ten hex digits without vowels and look-alikes.
 */
function hashOf(data: Readonly<Record<string, string>>): string {
	const sorted = Object.fromEntries(Object.entries(data).toSorted(([left], [right]) => (left < right ? -1 : 1)));
	const json = JSON.stringify({ data: sorted, kind: "ConfigMap", name: "" }).replaceAll(
		/[<>&]/g,
		(character) => `\\u00${character.charCodeAt(0).toString(16)}`,
	);
	const letters: Readonly<Record<string, string>> = { "0": "g", "1": "h", "3": "k", a: "m", e: "t" };
	const digits = createHash("sha256").update(json).digest("hex").slice(0, 10);
	return digits.replaceAll(/[013ae]/g, (digit) => letters[digit] ?? digit);
}

/** Where an object lives on the API server. */
export function pathOf({ apiVersion, kind, metadata: { name, namespace } }: Manifest): string {
	const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
	const scope = namespace === undefined ? "" : `/namespaces/${encodeURIComponent(namespace)}`;
	return `${root}${scope}/${kind.toLowerCase().replace(/y$/, "ie")}s/${encodeURIComponent(name)}`;
}
