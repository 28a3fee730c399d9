/** How big a chart is drawn; the page holds a wide and a narrow one and shows what fits. */
export interface ChartSize {
	readonly name: "wide" | "narrow";
	readonly width: number;
	readonly plotHeight: number;
	readonly left: number;
	readonly secondsPerTick: number;
}

export const WIDE: ChartSize = { name: "wide", width: 960, plotHeight: 210, left: 64, secondsPerTick: 15 };
export const NARROW: ChartSize = { name: "narrow", width: 360, plotHeight: 190, left: 50, secondsPerTick: 30 };
