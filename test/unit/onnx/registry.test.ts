import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FileModelRegistry } from "../../../src/adapters/onnx/registry.ts";
import { MetricStore } from "../../../src/core/metrics/store.ts";
import type { ModelResolution } from "../../../src/core/model/model.ts";
import type { ModelSelector } from "../../../src/core/policy/policy.ts";
import { FPS, LATENCY, METRICS, STEP_SECONDS, STEPS } from "../prediction/world.ts";
import { CONTRACT, lastValue } from "./model-files.ts";

const catalogue = new MetricStore(METRICS, { steps: STEPS, stepSeconds: STEP_SECONDS });

let directory: string;
let registry: FileModelRegistry | undefined;

beforeEach(() => {
	directory = mkdtempSync(join(tmpdir(), "models-"));
});

afterEach(async () => {
	await registry?.close();
	rmSync(directory, { recursive: true });
});

async function open(files: Readonly<Record<string, Uint8Array | string>> = {}): Promise<FileModelRegistry> {
	for (const [name, bytes] of Object.entries(files)) writeFileSync(join(directory, name), bytes);
	registry = await FileModelRegistry.open({ catalogue, directory });
	return registry;
}

function file(name: string): ModelSelector {
	return { kind: "File", name };
}

async function answer(resolution: ModelResolution): Promise<number[]> {
	if (resolution.refused) throw new Error(resolution.message);
	return [...(await resolution.model.predict(Float32Array.of(1, 2), 1))];
}

describe("FileModelRegistry", () => {
	it("has a built-in headroom for either direction", async () => {
		const opened = await open();
		for (const objective of [LATENCY, FPS]) {
			const resolution = opened.resolve({ kind: "Builtin", name: "headroom" }, objective);
			expect(resolution).toMatchObject({ refused: false, model: { reference: { name: "headroom", version: "1" } } });
		}
	});

	it("runs any file that keeps the contract, without a line of code", async () => {
		const opened = await open({ "last.onnx": lastValue(CONTRACT, { times: 10 }) });
		expect(await answer(opened.resolve(file("last"), LATENCY))).toEqual([20, 20, 20]);
	});

	it("refuses a model whose tensors lie in another file, which its hash does not cover", async () => {
		// models/families/lstm.onnx, saved by onnx.save_model with save_as_external_data.
		const bytes = readFileSync(join(import.meta.dirname, "external-data.onnx"));
		const opened = await open();
		const loaded = await opened.load(bytes, "model.onnx");
		expect(loaded).toEqual({
			refused: true,
			reason: "Unreadable",
			message:
				"model.onnx keeps tensors in other files, which are not fetched; save it as one file (log_model with save_as_external_data=False)",
		});
	});

	it("names a model by the hash of its file", async () => {
		const opened = await open({ "last.onnx": lastValue() });
		const resolution = opened.resolve(file("last"), LATENCY);
		const hash = await crypto.subtle.digest("SHA-256", new Uint8Array(lastValue()));
		expect(resolution.refused ? "" : resolution.model.reference.sha256).toBe(Buffer.from(hash).toString("hex"));
	});

	it("takes up new, changed and removed files when refreshed, and keeps what did not change", async () => {
		const opened = await open({ "last.onnx": lastValue() });
		const first = opened.resolve(file("last"), LATENCY);
		utimesSync(join(directory, "last.onnx"), 1, 1);
		await opened.refresh();
		const touched = opened.resolve(file("last"), LATENCY);
		expect(!touched.refused && !first.refused && touched.model === first.model).toBe(true);

		writeFileSync(join(directory, "last.onnx"), lastValue(CONTRACT, { times: 3 }));
		writeFileSync(join(directory, "new.onnx"), lastValue(CONTRACT, { times: 5 }));
		expect(await answer(opened.resolve(file("last"), LATENCY))).toEqual([2, 2, 2]);
		await opened.refresh();
		expect(await answer(opened.resolve(file("last"), LATENCY))).toEqual([6, 6, 6]);
		expect(await answer(opened.resolve(file("new"), LATENCY))).toEqual([10, 10, 10]);
		expect(await answer(first)).toEqual([2, 2, 2]);

		rmSync(join(directory, "last.onnx"));
		await opened.refresh();
		expect(opened.resolve(file("last"), LATENCY)).toMatchObject({ refused: true, reason: "NotFound" });
	});

	it("heals when a bad file is replaced", async () => {
		const opened = await open({ "last.onnx": "half writ" });
		expect(opened.resolve(file("last"), LATENCY)).toMatchObject({ refused: true, reason: "Unreadable" });
		writeFileSync(join(directory, "last.onnx"), lastValue());
		await opened.refresh();
		expect(opened.resolve(file("last"), LATENCY)).toMatchObject({ refused: false });
	});
});

describe("FileModelRegistry refuses in one line that says what, where and how to mend it:", () => {
	const ms = { ...CONTRACT, target: { ...CONTRACT.target, unit: "milliseconds" } };
	const wide = { ...CONTRACT, features: [...CONTRACT.features, { ...CONTRACT.features[0], name: "fps" }] };

	it.each<[string, Uint8Array | string | undefined, string, RegExp]>([
		["a missing file", undefined, "NotFound", /there is no m\.onnx in .*models-/],
		["a file that is not ONNX", "PK", "Unreadable", /m\.onnx is not a complete ONNX model/],
		["a broken graph", brokenGraph(), "Unreadable", /m\.onnx cannot be used by onnxruntime/],
		["no contract", lastValue(null), "SchemaMismatch", /m\.onnx.*kubectl-qos\.dev\/model/],
		["another unit", lastValue(ms), "UnitMismatch", /in milliseconds.*latency.*in seconds/],
		[
			"another input shape",
			lastValue(wide),
			"SchemaMismatch",
			/m\.onnx: its input is \[batch, 2, 1\].*\[batch, 2, 2\]/,
		],
		["another output shape", lastValue(CONTRACT, { outputs: 4 }), "SchemaMismatch", /4 outputs per row.*lists 3/],
	])("%s", async (_, content, reason, message) => {
		const opened = await open(content === undefined ? {} : { "m.onnx": content });
		const refusal = opened.resolve(file("m"), LATENCY);
		expect(refusal).toMatchObject({ refused: true, reason, message: expect.stringMatching(message) });
		expect(refusal.refused && refusal.message).not.toContain("\n");
	});

	it("another direction", async () => {
		const opened = await open({ "m.onnx": lastValue() });
		expect(opened.resolve(file("m"), { ...FPS, metric: "latency" })).toMatchObject({
			reason: "SchemaMismatch",
			message: expect.stringContaining("to Minimize, but the objective latency is to Maximize"),
		});
	});

	it.each(["../secret", "a/b", "..", "", ".hidden", "/etc/passwd"])(
		"the name %j, which could lead astray",
		async (name) => {
			const inner = join(directory, "inner");
			mkdirSync(inner);
			writeFileSync(join(directory, "secret.onnx"), lastValue());
			registry = await FileModelRegistry.open({ catalogue, directory: inner });
			expect(registry.resolve(file(name), LATENCY)).toMatchObject({ refused: true, reason: "NotFound" });
		},
	);

	it("a directory that cannot be read", async () => {
		registry = await FileModelRegistry.open({ catalogue, directory: join(directory, "missing") });
		const refusal = registry.resolve(file("m"), LATENCY);
		expect(refusal).toMatchObject({ reason: "Unreadable", message: expect.stringContaining("missing") });
	});

	it.each<[string, ModelSelector, string, string]>([
		["an unknown built-in", { kind: "Builtin", name: "crystal" }, "NotFound", "`builtin: headroom`"],
		["MLflow", { kind: "Mlflow", name: "m", alias: "a", version: undefined }, "Unreachable", "not configured"],
		["no directory", file("m"), "NotFound", "no directory"],
	])("%s", async (_, selector, reason, message) => {
		registry = await FileModelRegistry.open({ catalogue });
		expect(registry.resolve(selector, LATENCY)).toMatchObject({ reason, message: expect.stringContaining(message) });
	});

	it("a folder of that name", async () => {
		mkdirSync(join(directory, "m.onnx"));
		const opened = await open();
		expect(opened.resolve(file("m"), LATENCY)).toMatchObject({ refused: true, reason: "NotFound" });
	});
});

/** A model with an operator that does not exist. */
function brokenGraph(): Uint8Array {
	const bytes = lastValue();
	const text = Buffer.from(bytes).toString("latin1").replaceAll("MatMul", "NatMul");
	return Buffer.from(text, "latin1");
}
