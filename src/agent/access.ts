import { createHmac, randomBytes } from "node:crypto";
import type { Logger } from "pino";
import type { Access, Caller, Reviews } from "../core/access/access.ts";
import { ExpiringCache } from "./expiring-cache.ts";
import { Problem, unavailable } from "./problem.ts";

export interface GuardOptions {
	readonly reviews: Reviews;
	readonly clock: () => number;
	readonly logger: Logger;
}

/** How long a yes of the API server holds; a no is asked anew. Rights that are taken away end within this time. */
const REMEMBER_SECONDS = 5;
const REMEMBERED = 1000;
/** Questions under way at once: strangers must not keep the API server busy through us. */
const MAX_QUESTIONS = 20;
/** The API server takes no longer tokens in a header either. */
const MAX_TOKEN = 12_288;

/**
 * Who is calling, and may they? Asked of the API server as kube-rbac-proxy does, and refused where it
 * gives no answer. Tokens are neither logged nor kept: answers are remembered under a keyed hash.
 */
export class Guard {
	private readonly options: GuardOptions;
	private readonly secret = randomBytes(32);
	private readonly callers: ExpiringCache<Caller | undefined>;
	private readonly rights: ExpiringCache<boolean>;
	private questions = 0;

	constructor(options: GuardOptions) {
		this.options = options;
		const shared = { seconds: REMEMBER_SECONDS, capacity: REMEMBERED, clock: options.clock };
		this.callers = new ExpiringCache({ ...shared, isKept: (caller) => caller !== undefined });
		this.rights = new ExpiringCache({ ...shared, isKept: (allowed) => allowed });
	}

	/** @throws Problem 401 for nobody's token, 503 when nobody can tell */
	async authenticate(authorization: string | undefined): Promise<{ readonly caller: Caller; readonly token: string }> {
		const token = /^bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(authorization ?? "")?.[1];
		if (token === undefined) {
			throw unauthorized(
				"a bearer token is needed; send `Authorization: Bearer TOKEN`, with a token as `kubectl create token` makes it",
			);
		}
		const caller =
			token.length > MAX_TOKEN
				? undefined
				: await this.callers.get(this.keyOf(token), () => this.ask((reviews) => reviews.authenticate(token)));
		if (caller === undefined)
			throw unauthorized("the token is not valid, has expired, or is not meant for the API server");
		return { caller, token };
	}

	/** @throws Problem 403 when the caller may not, 503 when nobody can tell */
	async authorize(caller: Caller, access: Access): Promise<void> {
		const question = JSON.stringify([caller, access]);
		const allowed = await this.rights.get(question, () => this.ask((reviews) => reviews.isAllowed(caller, access)));
		if (!allowed) throw new Problem(403, forbidden(caller, access));
	}

	private keyOf(token: string): string {
		return createHmac("sha256", this.secret).update(token).digest("base64");
	}

	private async ask<T>(question: (reviews: Reviews) => Promise<T>): Promise<T> {
		const { reviews, logger } = this.options;
		if (this.questions >= MAX_QUESTIONS) throw unavailable("too many callers at once; try again");
		this.questions++;
		try {
			return await question(reviews);
		} catch (error) {
			const reason = error instanceof Error ? error.message : String(error);
			logger.warn({ reason }, "a caller of the agent's API cannot be reviewed");
			throw unavailable("the API server cannot be asked who you are and what you may do; try again");
		} finally {
			this.questions--;
		}
	}
}

function unauthorized(message: string): Problem {
	return new Problem(401, message, { "www-authenticate": 'Bearer realm="kubectl-qos"' });
}

function forbidden({ username }: Caller, access: Access): string {
	if ("path" in access)
		return `user "${username}" cannot get path "${access.path}"; bind the ClusterRole kubectl-qos-agent-reader`;
	const { verb, resource, namespace } = access;
	const role = verb === "get" || verb === "list" ? "qos-viewer" : "qos-editor";
	const where =
		namespace === undefined
			? "at the cluster scope; name a namespace with ?namespace="
			: `in namespace "${namespace}"; name another namespace, or bind the ClusterRole ${role} in this one`;
	return `user "${username}" cannot ${verb} resource "${resource}" in API group "kubectl-qos.dev" ${where}`;
}
