import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cellOf } from "../../../cmd/kubectl-qos/commands/top/cell.ts";
import { type Frame, picture, type Scene } from "../../../cmd/kubectl-qos/commands/top/picture.ts";
import type { QoSReportStatus } from "../../../src/api/v1alpha1/report.ts";
import { NOW, STATUS, workload } from "./workloads.ts";

const FRAME: Frame = { columns: 80, rows: 24, top: 0, left: 0, colour: false };
const SCENE: Scene = {
	workloads: [workload({})],
	migrations: [],
	namespaces: true,
	title: "Controller: a leads",
	now: NOW,
};

describe("cellOf", () => {
	const node = (value: number) => ({ name: "n", feasible: true, predicted: { value, lower: value, upper: value } });

	it.each([
		[0.02, "+"],
		[0.03, "+"],
		[0.045, "o"],
		[0.05, "!"],
		[0.051, "X"],
	])("tells %s s with a target of 0.05 s as %s, without colour", (value, symbol) => {
		expect(cellOf(node(value), "n", STATUS).symbol).toBe(symbol);
	});

	it("turns the share round where more is better", () => {
		const status: QoSReportStatus = {
			...STATUS,
			objective: { metric: "fps", unit: "", direction: "Maximize", target: 30 },
		};
		expect(cellOf(node(60), "n", status)).toMatchObject({ symbol: "+", share: 0.5 });
		expect(cellOf(node(15), "n", status)).toMatchObject({ symbol: "X", share: 2 });
	});

	it("knows unknown from infeasible and from not listed", () => {
		expect(cellOf({ name: "n", feasible: true }, "n", STATUS).symbol).toBe("?");
		expect(cellOf({ name: "n", feasible: false }, "n", STATUS).symbol).toBe("-");
		expect(cellOf(undefined, "n", STATUS).symbol).toBe(" ");
	});
});

describe("picture", () => {
	it("shows where it runs, where it should run, and what is no place", () => {
		expect(picture(SCENE, FRAME)).toEqual([
			"Controller: a leads",
			"Deployments 1-1 of 1, nodes 1-4 of 4; q leaves, arrows scroll",
			"NAME      edge-1 edge-2 edge-3 edge-7     AGE",
			"shop/web [  82o]>  60+      ?      -      20s",
			"+ well within o within ! nearly X beyond - infeasible ? unknown [] here > move",
		]);
	});

	it("fits any terminal, with and without colour", () => {
		const many = Array.from({ length: 40 }, () => workload({}));
		fc.assert(
			fc.property(
				fc.integer({ min: 24, max: 200 }),
				fc.integer({ min: 6, max: 60 }),
				fc.boolean(),
				(columns, rows, colour) => {
					const lines = picture({ ...SCENE, workloads: many }, { ...FRAME, columns, rows, colour });
					expect(lines.length).toBeLessThanOrEqual(rows);
					for (const line of lines) expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(columns);
					if (!colour) expect(lines.join("")).not.toContain("\u001B");
				},
			),
		);
	});

	it("says so when there is nothing", () => {
		expect(picture({ ...SCENE, workloads: [] }, FRAME)).toContain("No resources found");
	});
});
