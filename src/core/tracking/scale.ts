import type { Direction, TrackingLayout } from "../policy/policy.ts";

type OriginLayout = Exclude<TrackingLayout, "native">;

/** Which way is better in the layouts of the original: `cloudedge` holds a QoS, the others a latency. */
export const LAYOUT_DIRECTIONS: Readonly<Record<OriginLayout, Direction>> = {
	cloudedge: "Maximize",
	reactive: "Minimize",
	proactive: "Minimize",
};

/** The original's times are in seconds. */
const SECONDS: Readonly<Record<string, number>> = {
	nanoseconds: 1e-9,
	microseconds: 1e-6,
	milliseconds: 1e-3,
	minutes: 60,
	hours: 3600,
};

/** What a value of the objective is multiplied by to be one of the layout. */
export interface Scale {
	readonly factor: number;
	/** Of the values in the layout. */
	readonly unit: string;
	/** The objective's better end is the layout's worse one, so its values have the other sign there. */
	readonly isTurned: boolean;
}

export function scaleOf(layout: OriginLayout, { unit, direction }: { unit: string; direction: Direction }): Scale {
	const seconds = SECONDS[unit];
	const isTurned = LAYOUT_DIRECTIONS[layout] !== direction;
	return { factor: (isTurned ? -1 : 1) * (seconds ?? 1), unit: seconds === undefined ? unit : "seconds", isTurned };
}
