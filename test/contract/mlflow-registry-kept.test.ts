import { readdirSync, readFileSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { deleteAlias, type NewModel, registerModel, setAlias } from "../cluster/mlflow-models.ts";
import { CONTRACT } from "../unit/onnx/model-files.ts";
import { answerOf, RegistryStage, timesModel } from "./mlflow-registry-world.ts";

const stage = new RegistryStage();

describe("the last good model stays, and it is said why, when", () => {
	test("the alias is deleted", async () => {
		await stage.promote(timesModel(3));
		const { registry, resolve, state, told } = await stage.open();
		await registry.poll();
		await deleteAlias(stage.mlflow.url, stage.name, "Production");
		await registry.poll();
		await registry.poll();
		expect(state()).toBe(`${stage.name} 1, kept: NotFound`);
		expect(resolve()).toMatchObject({
			kept: {
				message: expect.stringMatching(
					/^model models:\/model_\d+@Production is not in the registry: MLflow at .*; set the alias, or correct model.mlflow of the policy$/,
				),
			},
		});
		await setAlias(stage.mlflow.url, stage.name, "Production", "1");
		await registry.poll();
		expect(state()).toBe(`${stage.name} 1`);
		expect(told).toEqual(["none -> 1", "NotFound", "fine"]);
	});

	test.each<[string, () => Partial<NewModel> & { files: NewModel["files"] }, string, RegExp]>([
		[
			"the new one is cut short",
			() => ({ files: { "model.onnx": timesModel(4).slice(0, -20) } }),
			"Unreadable",
			/is not a complete ONNX model/,
		],
		[
			"the new one is no ONNX",
			() => ({ files: { "model.onnx": "import pickle" } }),
			"Unreadable",
			/not a complete ONNX/,
		],
		[
			"the new one has another digest than its tag says",
			() => ({ files: { "model.onnx": timesModel(4) }, tags: { "qos.sha256": "0".repeat(64) } }),
			"HashMismatch",
			/its file has sha256 .*, but its tag qos.sha256 says 000000000000\.\.\.; register it anew$/,
		],
		[
			"the new one has operators of its own",
			() => {
				const bytes = Buffer.from(timesModel(4));
				bytes.write("MyOwns", bytes.indexOf("MatMul"));
				return { files: { "model.onnx": bytes } };
			},
			"Unreadable",
			/cannot be used by onnxruntime: .*MyOwns.*; export the model with other operators$/,
		],
		[
			"the new one has no contract",
			() => ({ files: { "model.onnx": timesModel(4, null) } }),
			"SchemaMismatch",
			/add the model contract to it$/,
		],
		[
			"the new one is of another objective",
			() => {
				const target = { ...CONTRACT.target, direction: "Maximize" };
				return { files: { "model.onnx": timesModel(4, { ...CONTRACT, target }) } };
			},
			"SchemaMismatch",
			/set objective.direction or name another model$/,
		],
		[
			"the new one is not there",
			() => ({ files: { "other.txt": "" }, path: "model.onnx" }),
			"NotFound",
			/\(version 2\) has no file: MLflow at .* answered 404 .*; register it anew$/,
		],
		[
			"the new one is a folder without a model",
			() => ({ files: { "model/weights.bin": "" }, path: "model" }),
			"Unreadable",
			/has no file \*\.onnx in .*; register the ONNX file itself$/,
		],
		[
			"the new one is of another flavor",
			() => ({ files: { "model/MLmodel": "flavors: {sklearn: {}}" }, path: "model" }),
			"Unreadable",
			/is not an ONNX model \(its MLmodel has no flavor onnx\); log it as ONNX$/,
		],
	])("%s", async (_what, model, reason, message) => {
		await stage.promote(timesModel(3));
		const { registry, resolve, state } = await stage.open();
		await registry.poll();
		const { files, ...more } = model();
		await registerModel(stage.mlflow.url, { name: stage.name, files, ...more });
		await setAlias(stage.mlflow.url, stage.name, "Production", "2");
		await registry.poll();
		expect(state()).toBe(`${stage.name} 1, kept: ${reason}`);
		const resolution = resolve();
		expect(resolution.refused ? "" : resolution.kept?.message).toMatch(message);
		expect(resolution.refused ? "" : resolution.kept?.message).not.toContain("\n");
		expect(await answerOf(resolution)).toBe(6);
		await stage.promote(timesModel(5));
		await registry.poll();
		expect(state()).toBe(`${stage.name} 3`);
	});

	test("the new one has 500 MB, which are neither fetched nor held", async () => {
		await stage.promote(timesModel(3));
		const { registry, resolve, state } = await stage.open();
		await registry.poll();
		await stage.promote(timesModel(4));
		for (const file of readdirSync(join(stage.mlflow.dir, "artifacts"), { recursive: true, encoding: "utf8" })) {
			const path = join(stage.mlflow.dir, "artifacts", file);
			if (file.endsWith(".onnx") && readFileSync(path).equals(timesModel(4))) truncateSync(path, 500 * 2 ** 20);
		}
		const before = process.memoryUsage().rss;
		const start = performance.now();
		await registry.poll();
		expect(state()).toBe(`${stage.name} 1, kept: Unreadable`);
		expect(resolve()).toMatchObject({
			kept: {
				message: `model models:/${stage.name}@Production (version 2) is larger than 256 MiB; use a smaller model`,
			},
		});
		expect(process.memoryUsage().rss - before).toBeLessThan(100 * 2 ** 20);
		expect(performance.now() - start).toBeLessThan(10_000);
	});

	test("the server is killed, comes back, is frozen and thawed", async () => {
		await stage.promote(timesModel(3));
		const { registry, state, told } = await stage.open({ timeout: 1 });
		await registry.poll();
		await stage.mlflow.kill();
		await registry.poll();
		expect(state()).toBe(`${stage.name} 1, kept: Unreachable`);
		await stage.mlflow.revive();
		await registry.poll();
		expect(state()).toBe(`${stage.name} 1`);
		stage.mlflow.freeze();
		await registry.poll();
		stage.mlflow.thaw();
		expect(state()).toBe(`${stage.name} 1, kept: Unreachable`);
		await registry.poll();
		expect(told).toEqual(["none -> 1", "Unreachable", "fine", "Unreachable", "fine"]);
	});
});
