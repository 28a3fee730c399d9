import { Contention } from "../features/contention.ts";
import { NODE_CPU_USAGE } from "../features/definitions.ts";
import { addedUtilization, fill, type Span, type WhatIf } from "../features/fill.ts";
import { throttlingByNode } from "../features/throttling.ts";
import type { WindowState } from "../features/window.ts";
import { calibrated } from "./calibrated.ts";
import { type Preparation, situationOf } from "./preparation.ts";
import type { PredictionRequest, PredictionResult } from "./request.ts";
import { TableBuilder } from "./table-builder.ts";

type Unknown = Extract<PredictionResult, { known: false }>;

/** One request on its way through the model: its rows are filled and its outputs taken span by span. */
export class Job {
	readonly size: number;
	private readonly request: PredictionRequest;
	private readonly whatIf: WhatIf;
	private readonly builder: TableBuilder;
	private readonly preparation: Preparation;
	private readonly least: number;

	private constructor(request: PredictionRequest, whatIf: WhatIf, preparation: Preparation) {
		this.size = request.nodes.length;
		this.request = request;
		this.whatIf = whatIf;
		this.preparation = preparation;
		const { metric, aggregate } = request.policy.objective;
		this.least = preparation.inputs.metrics.definition(metric)?.min ?? Number.NEGATIVE_INFINITY;
		this.builder = new TableBuilder(request.nodes, whatIf, { aggregate, least: this.least });
	}

	/** Reads what the request needs; Unknown with its reason when the workload's side is missing. */
	static start(request: PredictionRequest, preparation: Preparation): Job | Unknown {
		const plan = preparation.plan(request.model);
		const rows = preparation.nodes.rowsFor(request.nodes);
		plan.prepare(rows);
		const situation = situationOf(request);
		const workload = preparation.workload(request);
		if (!workload.known) return workload;
		const added = addedUtilization(plan, rows, { ...situation, cpuDemand: workload.cpuDemand });
		const contention = new Contention(preparation.nodes, situation.cpuRequest);
		const throttled = throttlingByNode(workload.limitUse, preparation.nodes, rows);
		const currentRows = new Set(Array.from(situation.currentNodes.keys(), (node) => preparation.nodes.row(node)));
		return new Job(request, { plan, rows, workload, added, currentRows, contention, throttled }, preparation);
	}

	fill(input: Float32Array, span: Span): void {
		fill(input, this.whatIf, span);
	}

	take(output: Float32Array, span: Span): void {
		this.builder.take(output, span);
	}

	/** The calibrated table; Unknown as a whole when no node has a prediction. */
	finish(): PredictionResult {
		const { table } = this.builder;
		if (this.size > 0 && !table.value.some(Number.isFinite)) return this.unknown();
		const { calibrator } = this.preparation.inputs;
		const here = calibrated(table, this.request, { calibrator, least: this.least });
		return { known: true, table, here, dataAgeSeconds: this.dataAge() };
	}

	private dataAge(): number | undefined {
		const { metrics, now } = this.preparation.inputs;
		const own = metrics.age(this.request.policy.objective.metric, this.request.workload, now);
		const nodes = this.whatIf.plan.newestAge();
		return own === undefined || nodes === undefined ? (own ?? nodes) : Math.min(own, nodes);
	}

	private unknown(): Unknown {
		const { plan, rows } = this.whatIf;
		const count = (wanted: WindowState) => rows.reduce((sum, row) => sum + Number(plan.state(row) === wanted), 0);
		const stale = count("Stale");
		const absent = count("Absent");
		if (stale + absent < rows.length) {
			const { name, version } = this.request.model.reference;
			const message = `model ${name} ${version} gave no finite output for ${this.request.workload}; use another model`;
			return { known: false, reason: "OutputNotFinite", message };
		}
		const message = `no candidate of ${this.request.workload} has current node metrics (${absent} absent, ${stale} stale); check ${NODE_CPU_USAGE} and its exporters`;
		return { known: false, reason: stale > 0 ? "MetricsStale" : "MetricsAbsent", message };
	}
}
