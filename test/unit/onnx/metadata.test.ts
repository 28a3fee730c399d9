import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readMetadata } from "../../../src/adapters/onnx/metadata.ts";
import { CONTRACT, lastValue } from "./model-files.ts";

describe("readMetadata", () => {
	it("reads the contract out of a file", () => {
		expect(readMetadata(lastValue(), "m.onnx")).toEqual({
			...CONTRACT,
			stepSeconds: undefined,
			horizonSeconds: undefined,
		});
	});

	it("takes absent and null bounds for infinite ones", () => {
		const bytes = readFileSync(new URL("../../../models/headroom-minimize.onnx", import.meta.url));
		const metadata = readMetadata(bytes, "headroom-minimize.onnx");
		const ranges = "refused" in metadata ? [] : metadata.features.map(({ min, max }) => [min, max]);
		expect(ranges).toContainEqual([0, Number.POSITIVE_INFINITY]);
	});

	it.each([
		["empty", new Uint8Array()],
		["text", new TextEncoder().encode("<html>not found</html>")],
		["cut off", lastValue().subarray(0, 100)],
		["without a graph", new Uint8Array([8, 8])],
	])("refuses a file that is %s", (_, bytes) => {
		expect(readMetadata(bytes, "m.onnx")).toEqual({
			refused: true,
			reason: "Unreadable",
			message: "m.onnx is not a complete ONNX model; export the model as ONNX and copy the whole file",
		});
	});

	it.each<[string, unknown, string]>([
		["no contract", null, "has no metadata property kubectl-qos.dev/model"],
		["no JSON", "{", "expected object"],
		["another schema", { ...CONTRACT, schema: "kubectl-qos.dev/model/v9" }, "at schema"],
		["no features", { ...CONTRACT, features: [] }, "at features"],
		["a quantile of 1", { ...CONTRACT, outputs: [{ aggregate: "Mean", quantile: 1 }] }, "at outputs.0.quantile"],
		["an empty range", { ...CONTRACT, features: [{ ...CONTRACT.features[0], min: 11 }] }, "min is above max"],
		["no direction", { ...CONTRACT, target: { metric: "*", unit: "*" } }, "at target.direction"],
	])("refuses a contract with %s in one line", (_, metadata, message) => {
		const refusal = readMetadata(lastValue(metadata), "m.onnx");
		expect(refusal).toMatchObject({
			refused: true,
			reason: "SchemaMismatch",
			message: expect.stringContaining(message),
		});
		expect("message" in refusal && refusal.message).toMatch(/^m\.onnx.*; [^\n]+$/);
	});
});
