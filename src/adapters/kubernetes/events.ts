import { hostname } from "node:os";
import type { CommandOf } from "../../core/migration/command.ts";
import { type KubernetesConnection, MERGE_PATCH } from "./connection.ts";
import { ApiError } from "./errors.ts";
import { objectPath } from "./paths.ts";

type EventCommand = Pick<CommandOf<"RecordEvent" | "RecordPolicyEvent">, "type" | "reason" | "message">;

/** The object that an event is about. */
export interface Regarding {
	readonly apiVersion: string;
	readonly kind: string;
	readonly namespace: string;
	readonly name: string;
	readonly uid: string;
	readonly resourceVersion?: string;
}

interface Series {
	readonly namespace: string;
	readonly name: string;
	readonly lastAt: number;
	readonly count: number;
}

/** A repeat after a longer pause is an event of its own: the API server forgets events after an hour. */
const SERIES_MS = 30 * 60_000;
const MAX_SERIES = 5000;
const CONTROLLER = "kubectl-qos.dev/controller";
/** Length that the API server allows a note. */
const MAX_NOTE = 1024;

/** Records events on Deployments and policies; what is said again raises the count of the first event. */
export class EventRecorder {
	private readonly connection: KubernetesConnection;
	private readonly series = new Map<string, Series>();

	constructor(connection: KubernetesConnection) {
		this.connection = connection;
	}

	/** `now` in ms since the epoch. Rejects with ApiError. */
	async record(event: EventCommand, regarding: Regarding, now: number): Promise<void> {
		const identity = [regarding.uid, event.type, event.reason, event.message].join("\n");
		const known = this.series.get(identity);
		this.series.delete(identity);
		if (known && now - known.lastAt < SERIES_MS && (await this.repeat(known, now))) {
			this.remember(identity, { ...known, lastAt: now, count: known.count + 1 });
			return;
		}
		const name = `${regarding.name.slice(0, 200)}.${now.toString(16)}${Math.floor(Math.random() * 0x100000).toString(16)}`;
		await this.create(event, regarding, { name, now });
		this.remember(identity, { namespace: regarding.namespace, name, lastAt: now, count: 1 });
	}

	private remember(identity: string, series: Series): void {
		this.series.set(identity, series);
		const [oldest] = this.series.keys();
		if (this.series.size > MAX_SERIES && oldest !== undefined) this.series.delete(oldest);
	}

	private async create(
		event: EventCommand,
		regarding: Regarding,
		{ name, now }: { name: string; now: number },
	): Promise<void> {
		await this.connection.request({
			method: "POST",
			path: objectPath("/apis/events.k8s.io/v1", regarding.namespace, "events"),
			body: {
				apiVersion: "events.k8s.io/v1",
				kind: "Event",
				metadata: { name, namespace: regarding.namespace },
				eventTime: microTime(now),
				type: event.type,
				reason: event.reason,
				action: event.reason,
				note: event.message.slice(0, MAX_NOTE),
				regarding,
				reportingController: CONTROLLER,
				reportingInstance: hostname().slice(0, 128) || "unknown",
			},
		});
	}

	/** `false` when the first event is gone by now. */
	private async repeat({ namespace, name, count }: Series, now: number): Promise<boolean> {
		try {
			await this.connection.request({
				method: "PATCH",
				path: objectPath("/apis/events.k8s.io/v1", namespace, "events", name),
				contentType: MERGE_PATCH,
				body: { series: { count: count + 1, lastObservedTime: microTime(now) } },
			});
			return true;
		} catch (error) {
			if (error instanceof ApiError && error.status === 404) return false;
			throw error;
		}
	}
}

/** Kubernetes' MicroTime. */
export function microTime(now: number): string {
	return new Date(now).toISOString().replace("Z", "000Z");
}
