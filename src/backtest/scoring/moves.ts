import { Numbers } from "./growing.ts";

/** One move of a policy. */
export interface Move {
	/** ms since the epoch. */
	readonly time: number;
	readonly workload: string;
	readonly from: string;
	readonly to: string;
	readonly reason: string;
}

/** Moves in columns: a policy that flaps makes hundreds of thousands. */
export class MoveLog {
	private readonly times = new Numbers();
	private readonly names: Omit<Move, "time" | "reason">[] = [];
	private readonly reasons: string[] = [];

	add({ time, reason, ...names }: Move): void {
		this.times.push(time);
		this.names.push(this.shared(names));
		this.reasons.push(reason);
	}

	get length(): number {
		return this.times.length;
	}

	*[Symbol.iterator](): Generator<Move> {
		for (let index = 0; index < this.length; index += 1) yield this.at(index);
	}

	at(index: number): Move {
		const { workload, from, to } = this.names[index] as Omit<Move, "time" | "reason">;
		return { time: this.times.at(index), workload, from, to, reason: this.reasons[index] as string };
	}

	/** In order of time; those of one time by workload. */
	sorted(): Move[] {
		return [...this].sort((left, right) => left.time - right.time || (left.workload < right.workload ? -1 : 1));
	}

	private readonly known = new Map<string, Omit<Move, "time" | "reason">>();

	private shared(names: Omit<Move, "time" | "reason">): Omit<Move, "time" | "reason"> {
		const key = JSON.stringify([names.workload, names.from, names.to]);
		const known = this.known.get(key) ?? names;
		this.known.set(key, known);
		return known;
	}
}
