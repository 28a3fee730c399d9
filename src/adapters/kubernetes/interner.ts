import type { Parsed } from "../../api/v1alpha1/parse.ts";
import type { Pod } from "../../core/cluster/pod.ts";

/** More distinct values than this are not worth remembering; what is in use stays in use. */
const LIMIT = 20_000;

/**
 * The replicas of a Deployment say the same of scheduling and labels; sharing one copy is most of what
 * 20,000 pods would otherwise weigh.
 */
export class Interner {
	private readonly known = new Map<string, unknown>();

	/** The first value that looked like this one. Values must not be changed afterwards. */
	shared<T>(value: T): T {
		const text = JSON.stringify(value);
		const known = this.known.get(text);
		if (known !== undefined) return known as T;
		if (this.known.size >= LIMIT) this.known.clear();
		this.known.set(text, value);
		return value;
	}

	sharedPod(parsed: Parsed<Pod>): Parsed<Pod> {
		if (!parsed.ok) return parsed;
		const { value } = parsed;
		return {
			ok: true,
			value: { ...value, labels: this.shared(value.labels), scheduling: this.shared(value.scheduling) },
		};
	}
}
