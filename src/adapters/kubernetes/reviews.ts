import { z } from "zod";
import { GROUP } from "../../api/v1alpha1/group.ts";
import type { Access, Caller, Reviews } from "../../core/access/access.ts";
import type { KubernetesConnection } from "./connection.ts";

const tokenReview = z.object({
	status: z.object({
		authenticated: z.boolean().default(false),
		user: z
			.object({
				// Empty of somebody who is nobody.
				username: z.string().default(""),
				uid: z.string().optional(),
				groups: z.array(z.string()).default([]),
				extra: z.record(z.string(), z.array(z.string())).default({}),
			})
			.optional(),
	}),
});

const accessReview = z.object({ status: z.object({ allowed: z.boolean() }) });

/** What the API server says of tokens and rights. Its methods reject with ApiError or ZodError. */
export class KubernetesReviews implements Reviews {
	private readonly connection: KubernetesConnection;

	constructor(connection: KubernetesConnection) {
		this.connection = connection;
	}

	/** Only tokens that are meant for the API server itself: no audience is asked for. */
	async authenticate(token: string): Promise<Caller | undefined> {
		const { status } = tokenReview.parse(await this.ask("authentication.k8s.io", "TokenReview", { token }));
		const { authenticated, user } = status;
		if (!authenticated || user === undefined || user.username === "") return undefined;
		return { username: user.username, uid: user.uid, groups: user.groups, extra: user.extra };
	}

	async isAllowed({ username, uid, groups, extra }: Caller, access: Access): Promise<boolean> {
		const attributes =
			"path" in access
				? { nonResourceAttributes: { verb: access.verb, path: access.path } }
				: { resourceAttributes: { group: GROUP, version: "*", ...access } };
		const spec = { user: username, uid, groups, extra, ...attributes };
		return accessReview.parse(await this.ask("authorization.k8s.io", "SubjectAccessReview", spec)).status.allowed;
	}

	/** Reviews change nothing: they need not wait among the controller's writes, which strangers could hold up. */
	private ask(group: string, kind: string, spec: object): Promise<unknown> {
		const apiVersion = `${group}/v1`;
		return this.connection.request({
			method: "POST",
			path: `/apis/${apiVersion}/${kind.toLowerCase()}s`,
			body: { apiVersion, kind, spec },
			urgent: true,
			retry: false,
			timeoutSeconds: REVIEW_SECONDS,
		});
	}
}

const REVIEW_SECONDS = 5;
