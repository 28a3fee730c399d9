import { z } from "zod";

const listSchema = z.looseObject({
	apiVersion: z.string().optional(),
	kind: z.string().optional(),
	items: z.array(z.looseObject({})).nullish(),
	metadata: z.object({ continue: z.string().optional(), resourceVersion: z.string().optional() }).optional(),
});

/** One page of a list. */
export interface Page {
	/** Each with its apiVersion and kind. */
	readonly objects: readonly object[];
	/** Of the whole list: where a watch goes on. */
	readonly resourceVersion: string;
	readonly isLast: boolean;
}

/** `undefined`: it is no list. */
export function pageOf(answer: object): { readonly page: Page; readonly next: string | undefined } | undefined {
	const parsed = listSchema.safeParse(answer);
	if (!parsed.success) return undefined;
	const { apiVersion, kind, items, metadata } = parsed.data;
	const itemKind = kind?.replace(/List$/, "");
	const objects = (items ?? []).map((item) => ({ apiVersion, kind: itemKind, ...item }));
	const next = metadata?.continue || undefined;
	return { page: { objects, resourceVersion: metadata?.resourceVersion ?? "", isLast: next === undefined }, next };
}
