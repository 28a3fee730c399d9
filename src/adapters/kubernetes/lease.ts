import { z } from "zod";
import { VERSION_ANNOTATION } from "../../api/v1alpha1/group.ts";
import type { KubernetesConnection } from "./connection.ts";
import { ApiError } from "./errors.ts";
import { microTime } from "./events.ts";
import { objectPath } from "./paths.ts";

const leaseSchema = z
	.object({
		metadata: z.object({ resourceVersion: z.string() }),
		spec: z
			.object({
				holderIdentity: z.string().nullish(),
				leaseDurationSeconds: z.number().nullish(),
				leaseTransitions: z.number().nullish(),
				acquireTime: z.string().nullish(),
			})
			.prefault({}),
	})
	.transform(({ metadata, spec }) => ({
		resourceVersion: metadata.resourceVersion,
		/** Empty: nobody's. */
		holder: spec.holderIdentity ?? "",
		durationSeconds: spec.leaseDurationSeconds ?? 0,
		transitions: spec.leaseTransitions ?? 0,
		acquireTime: spec.acquireTime ?? undefined,
	}));

export type Lease = z.output<typeof leaseSchema>;

export interface LeaseClientOptions {
	readonly connection: KubernetesConnection;
	readonly namespace: string;
	readonly name: string;
	readonly identity: string;
	/** Told in an annotation while this identity holds it: `v1.2.3`. */
	readonly version?: string | undefined;
	readonly leaseDurationSeconds: number;
	readonly retryPeriodSeconds: number;
}

/** Reads and writes one Lease. Writes reject with a 409 ApiError when it is not as it was read. */
export class LeaseClient {
	private readonly options: LeaseClientOptions;

	constructor(options: LeaseClientOptions) {
		this.options = options;
	}

	async read(): Promise<Lease | undefined> {
		try {
			return await this.send("GET", this.path(this.options.name));
		} catch (error) {
			if (error instanceof ApiError && error.status === 404) return undefined;
			throw error;
		}
	}

	async create(): Promise<Lease> {
		return this.send("POST", this.path(), this.body(undefined, { holder: this.options.identity, transitions: 0 }));
	}

	/** Takes the Lease, or renews it where it is ours already. */
	async hold(lease: Lease): Promise<Lease> {
		const { identity } = this.options;
		const isOurs = lease.holder === identity;
		const transitions = isOurs ? lease.transitions : lease.transitions + 1;
		const acquireTime = isOurs ? lease.acquireTime : undefined;
		return this.replace(lease, { holder: identity, transitions, acquireTime });
	}

	/** Makes the Lease nobody's. */
	async release(lease: Lease): Promise<Lease> {
		return this.replace(lease, { holder: "", transitions: lease.transitions });
	}

	private async replace(lease: Lease, spec: HeldSpec): Promise<Lease> {
		return this.send("PUT", this.path(this.options.name), this.body(lease.resourceVersion, spec));
	}

	private async send(method: "GET" | "POST" | "PUT", path: string, body?: object): Promise<Lease> {
		const timeoutSeconds = this.options.retryPeriodSeconds * 2;
		const { connection } = this.options;
		return leaseSchema.parse(
			await connection.request({ method, path, body, timeoutSeconds, retry: false, urgent: true }),
		);
	}

	private path(name?: string): string {
		return objectPath("/apis/coordination.k8s.io/v1", this.options.namespace, "leases", name);
	}

	/** Times are for people; nobody decides by them. */
	private body(resourceVersion: string | undefined, { holder, transitions, acquireTime }: HeldSpec): object {
		const { namespace, name, version, leaseDurationSeconds } = this.options;
		const now = microTime(Date.now());
		return {
			apiVersion: "coordination.k8s.io/v1",
			kind: "Lease",
			metadata: {
				namespace,
				name,
				...(resourceVersion !== undefined && { resourceVersion }),
				...(version !== undefined && { annotations: { [VERSION_ANNOTATION]: version } }),
			},
			spec: {
				holderIdentity: holder,
				leaseDurationSeconds: holder === "" ? 1 : leaseDurationSeconds,
				leaseTransitions: transitions,
				acquireTime: acquireTime ?? now,
				renewTime: now,
			},
		};
	}
}

interface HeldSpec {
	readonly holder: string;
	readonly transitions: number;
	readonly acquireTime?: string | undefined;
}
