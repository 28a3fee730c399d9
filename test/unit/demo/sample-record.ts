import type { AppRecord, DemoRecord, Sample } from "../../../demo/record.ts";

/** A short made-up run: `web` is disturbed at 60 s, moved at 75 s with one half, never in the other. */
export function sampleRecord(seconds = 200): DemoRecord {
	return {
		startedAt: "2026-01-01T00:00:00.000Z",
		from: 0,
		seconds,
		apps: [app("web", 0.1, seconds), app("orders", 0.2, seconds), app("search", 0.15, seconds)],
		marks: [
			{ at: 15, kind: "Placement", app: undefined, text: "apps placed at admission" },
			{ at: 60, kind: "Disturbance", app: undefined, text: "a noisy neighbour arrives beside web on edge-2" },
			{ at: 75, kind: "Move", app: "web", text: "web moves from edge-2 to cloud-2" },
			{ at: 140, kind: "Death", app: undefined, text: "cloud-2 dies & stays dead" },
			{ at: 156, kind: "Release", app: "web", text: "web released and placed on edge-1" },
		],
		moves: [
			{
				app: "web",
				from: "edge-2",
				to: "cloud-2",
				requestedBy: "kubectl-qos",
				before: 0.31,
				promised: { value: 0.045, lower: 0.031, upper: 0.068 },
				measured: 0.047,
				phase: "Succeeded",
				leastAvailable: 1,
			},
		],
		story: [
			{ at: 0, kind: "Chapter", text: "1/2  A real control plane" },
			{ at: 4.2, kind: "Line", text: "It is <up>." },
			{ at: 5, kind: "Command", text: "$ kubectl qos predict web" },
			{ at: 5.4, kind: "Output", text: "NODE   PREDICTED\nedge-1   41ms" },
		],
		versions: [
			["Kubernetes", "1.36.3"],
			["Prometheus", "3.16.0"],
		],
	};
}

function app(name: string, target: number, seconds: number): AppRecord {
	const served = samples(seconds, (at) =>
		at < 16 || (at >= 140 && at < 158) ? undefined : at > 60 && at < 76 ? 0.31 : 0.04,
	);
	const left = samples(seconds, (at) => (at < 16 || (at >= 140 && at < 175) ? undefined : at > 60 ? 0.9 : 0.12));
	return {
		name,
		target,
		halves: {
			with: {
				samples: served,
				stays: [
					{ node: "edge-2", from: 15, to: 76 },
					{ node: "cloud-2", from: 76, to: 140 },
					{ node: "edge-1", from: 157, to: seconds },
				],
			},
			without: { samples: left, stays: [{ node: "cloud-1-twin", from: 15, to: 140 }] },
		},
	};
}

function samples(seconds: number, value: (at: number) => number | undefined): Sample[] {
	return Array.from({ length: seconds }, (_, at) => {
		const clean = value(at);
		return { at, value: clean === undefined ? undefined : clean * (1 + 0.08 * Math.sin(at * 1.7)) };
	});
}
