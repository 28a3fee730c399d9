import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { locate } from "../../../src/adapters/mlflow/registry/artifact-uri.ts";

const SERVER = "http://mlflow:5000";

describe("where an artifact lies", () => {
	test.each([
		["mlflow-artifacts:/1/abc/artifacts/model.onnx", { kind: "Served", path: "1/abc/artifacts/model.onnx" }],
		["mlflow-artifacts:/1/models/m-1/artifacts/", { kind: "Served", path: "1/models/m-1/artifacts" }],
		["mlflow-artifacts://mlflow:5000/1/a b/ü.onnx", { kind: "Served", path: "1/a b/ü.onnx" }],
		[`${SERVER}/api/2.0/mlflow-artifacts/artifacts/1/x.onnx`, { kind: "Served", path: "1/x.onnx" }],
		["runs:/abc/model/x.onnx", { kind: "Run", runId: "abc", path: "model/x.onnx" }],
		// Another server's, which must not see our credentials.
		["mlflow-artifacts://elsewhere:5000/1/x.onnx", { kind: "Elsewhere" }],
		["http://elsewhere/api/2.0/mlflow-artifacts/artifacts/1/x.onnx", { kind: "Elsewhere" }],
		["s3://bucket/1/x.onnx", { kind: "Elsewhere" }],
		["file:///etc/passwd", { kind: "Elsewhere" }],
		["runs:/abc", { kind: "Elsewhere" }],
		["", { kind: "Elsewhere" }],
	])("%s", (uri, location) => {
		expect(locate(uri, SERVER)).toEqual(location);
	});

	test("a server below a path", () => {
		const uri = "http://host/mlflow/api/2.0/mlflow-artifacts/artifacts/1/x.onnx";
		expect(locate(uri, "http://host/mlflow")).toEqual({ kind: "Served", path: "1/x.onnx" });
		expect(locate(uri, "http://host")).toEqual({ kind: "Elsewhere" });
	});

	test("no path climbs out of the artifacts", () => {
		const part = fc.constantFrom("..", ".", "a", "model.onnx", "");
		fc.assert(
			fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
				const location = locate(`mlflow-artifacts:/${parts.join("/")}`, SERVER);
				if (location.kind !== "Served") return;
				const base = `${SERVER}/api/2.0/mlflow-artifacts/artifacts/`;
				expect(new URL(base + location.path).href.startsWith(base)).toBe(true);
			}),
		);
	});
});
