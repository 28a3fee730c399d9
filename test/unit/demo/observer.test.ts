import { describe, expect, it } from "vitest";
import { staysOf } from "../../../demo/observer.ts";

describe("staysOf", () => {
	it("follows an app from node to node; while two pods overlap the newer one counts", () => {
		const services = [
			{ node: "edge-1", from: 5_000, to: 31_000 },
			{ node: "cloud-1", from: 30_000, to: undefined },
		];
		expect(staysOf(services, 0, 60_000)).toEqual([
			{ node: "edge-1", from: 5, to: 30 },
			{ node: "cloud-1", from: 30, to: 60 },
		]);
	});

	it("joins a pod and its successor on the same node and keeps a gap as a gap", () => {
		const services = [
			{ node: "edge-1", from: 1_000, to: 9_000 },
			{ node: "edge-1", from: 9_200, to: 20_000 },
			{ node: "edge-1", from: 25_000, to: 30_000 },
		];
		expect(staysOf(services, 0, 30_000)).toEqual([
			{ node: "edge-1", from: 1, to: 20 },
			{ node: "edge-1", from: 25, to: 30 },
		]);
	});

	it("leaves out what ended before the story began", () => {
		expect(staysOf([{ node: "edge-1", from: 0, to: 500 }], 1_000, 9_000)).toEqual([]);
	});
});
