import type { Parsed } from "../../api/v1alpha1/parse.ts";
import type { Log } from "./log.ts";
import type { Sink } from "./reflector.ts";

export interface CollectionOptions<T> {
	readonly parse: (object: unknown) => Parsed<T>;
	readonly log: Log;
	/** Told of every change: `before` is absent of a new object, `after` of one that is gone. */
	readonly onChange?: (key: string, before: T | undefined, after: T | undefined) => void;
}

/** Objects of one kind as core values. One that cannot be read is reported once, and is not there. */
export class Collection<T> implements Sink {
	private readonly options: CollectionOptions<T>;
	private readonly values = new Map<string, T>();
	private readonly unreadable = new Map<string, string>();

	constructor(options: CollectionOptions<T>) {
		this.options = options;
	}

	get items(): ReadonlyMap<string, T> {
		return this.values;
	}

	/** Objects that cannot be read, by key, with one line that says why. */
	get problems(): ReadonlyMap<string, string> {
		return this.unreadable;
	}

	*keys(): IterableIterator<string> {
		yield* this.values.keys();
		yield* this.unreadable.keys();
	}

	put(key: string, object: unknown): void {
		const parsed = this.options.parse(object);
		if (!parsed.ok) {
			this.set(key, undefined);
			if (this.unreadable.get(key) !== parsed.message) {
				this.options.log.warn({ problem: parsed.message }, "object ignored");
			}
			this.unreadable.set(key, parsed.message);
			return;
		}
		this.unreadable.delete(key);
		this.set(key, parsed.value);
	}

	remove(key: string): void {
		this.unreadable.delete(key);
		this.set(key, undefined);
	}

	private set(key: string, after: T | undefined): void {
		const before = this.values.get(key);
		if (after === undefined) this.values.delete(key);
		else this.values.set(key, after);
		if (before !== undefined || after !== undefined) this.options.onChange?.(key, before, after);
	}
}
