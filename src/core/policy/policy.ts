import type { LabelSelector } from "../cluster/selectors.ts";

/** `Minimize`: lower is better (latency). `Maximize`: higher is better (fps). */
export type Direction = "Minimize" | "Maximize";

/** How a forecast is aggregated over the horizon. */
export type Aggregate = "Mean" | "Max" | "Min";

export interface Objective {
	/** Name in the metric catalogue. */
	readonly metric: string;
	readonly direction: Direction;
	/** The service level objective in the metric's unit; absent: none. */
	readonly target: number | undefined;
	readonly horizonSeconds: number;
	readonly aggregate: Aggregate;
}

/** How predictions are laid out as runs of an experiment tracker; the first three are those of Scanflow's data-connector. */
export const TRACKING_LAYOUTS = ["cloudedge", "reactive", "proactive", "native"] as const;

export type TrackingLayout = (typeof TRACKING_LAYOUTS)[number];

/** Predictions that something else makes and saves, instead of a model. */
export interface PredictionsSelector {
	readonly kind: "Predictions";
	readonly layout: TrackingLayout;
	/** Absent: the layout's own. */
	readonly experiment: string | undefined;
	/** Only runs of this name; absent: whatever their name. */
	readonly run: string | undefined;
	/** Older runs count for nothing. */
	readonly windowSeconds: number;
	/** Nodes in the order of `qos_0`, `qos_1`, ..., for runs that do not name them. */
	readonly nodes: readonly string[];
}

/** Which model a policy asks for. */
export type ModelSelector =
	| PredictionsSelector
	| { readonly kind: "Builtin"; readonly name: string }
	| { readonly kind: "File"; readonly name: string }
	| {
			readonly kind: "Mlflow";
			readonly name: string;
			readonly alias: string | undefined;
			readonly version: string | undefined;
	  };

export interface Placement {
	/** The value of this node label is what is chosen. */
	readonly topologyKey: string;
	readonly candidates: LabelSelector;
	readonly enforcement: "Required" | "Preferred";
}

export interface Rebalance {
	readonly trigger: "Proactive" | "Reactive";
	/** Share of the target (0.1 = 10 %) that a gain must reach. */
	readonly minGain: number;
	/** Probability with which the gain must exceed the move's cost, in (0.5, 1). */
	readonly confidence: number;
	/** Evaluations in a row that must name the same better node. */
	readonly stabilization: number;
	readonly cooldownSeconds: number;
	readonly verifyAfterSeconds: number;
	readonly onWorse: "Revert" | "Keep";
}

/** A QoSPolicy with every default filled in. */
export interface Policy {
	readonly namespace: string;
	readonly name: string;
	readonly uid: string;
	readonly generation: number;
	readonly createdAt: number;
	/** Its own labels: what a QoSJob's policySelector selects by. */
	readonly labels: Readonly<Record<string, string>>;
	readonly workloadSelector: LabelSelector;
	/** `Off`: predict only; `Initial`: place at admission; `Auto`: place and rebalance. */
	readonly mode: "Off" | "Initial" | "Auto";
	readonly suspend: boolean;
	readonly objective: Objective;
	readonly model: ModelSelector;
	readonly placement: Placement;
	readonly rebalance: Rebalance;
}
