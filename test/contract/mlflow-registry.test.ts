import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import type { ModelSelector } from "../../src/core/policy/policy.ts";
import { type NewModel, setAlias } from "../cluster/mlflow-models.ts";
import { FPS } from "../unit/prediction/world.ts";
import { answerOf, RegistryStage, type RegistryUnderTest, selectorOf, timesModel } from "./mlflow-registry-world.ts";

const stage = new RegistryStage();

function sha256(bytes: Uint8Array): string {
	return createHash("sha256").update(bytes).digest("hex");
}

function reaches(registry: RegistryUnderTest, state: string): Promise<void> {
	return vi.waitFor(() => expect(registry.state()).toBe(state), { timeout: 15_000, interval: 20 });
}

describe("a model of the registry", () => {
	test("is served under its registered name and version, with the digest of its file", async () => {
		const bytes = timesModel(3);
		await stage.promote(bytes, { tags: { "qos.sha256": sha256(bytes).toUpperCase() } });
		const { registry, resolve, told } = await stage.open();
		expect(resolve()).toMatchObject({ refused: true, reason: "Loading" });
		await registry.poll();
		expect(resolve()).toMatchObject({
			model: { reference: { name: stage.name, version: "1", sha256: sha256(bytes) } },
		});
		expect(await answerOf(resolve())).toBe(6);
		expect(told).toEqual(["none -> 1"]);
	});

	test.each<[string, Partial<NewModel>]>([
		["in a run", { scheme: "runs" }],
		["in a folder of a run", { files: { "nested/model/best.onnx": timesModel(3) }, path: "nested/model" }],
		[
			"logged by MLflow's own flavor",
			{
				files: {
					"model/MLmodel": "flavors:\n  onnx:\n    data: net.onnx\n    onnx_version: 1.19.0\n",
					"model/net.onnx": timesModel(3),
					"model/other.onnx": timesModel(4),
				},
				path: "model",
				scheme: "runs",
			},
		],
	])("%s", async (_where, more) => {
		await stage.promote(timesModel(3), more);
		const { registry, resolve } = await stage.open();
		await registry.poll();
		expect(await answerOf(resolve())).toBe(6);
	});

	test("by version, whatever the alias names", async () => {
		await stage.register(timesModel(3));
		await stage.promote(timesModel(4));
		const model: ModelSelector = { kind: "Mlflow", name: stage.name, alias: undefined, version: "1" };
		const { registry, resolve, state } = await stage.open({ model });
		await registry.poll();
		expect(await answerOf(resolve())).toBe(6);
		expect(state()).toBe(`${stage.name} 1`);
	});

	test("follows its alias while it serves; what is under way ends with the model that it began with", async () => {
		await stage.promote(timesModel(3));
		const registry = await stage.open();
		registry.registry.start();
		await reaches(registry, `${stage.name} 1`);
		const old = registry.resolve();
		await stage.promote(timesModel(4));
		await reaches(registry, `${stage.name} 2`);
		expect(await answerOf(registry.resolve())).toBe(8);
		expect(await answerOf(old)).toBe(6);
		await setAlias(stage.mlflow.url, stage.name, "Production", "1");
		await reaches(registry, `${stage.name} 1`);
		expect(registry.told).toEqual(["none -> 1", "1 -> 2", "2 -> 1"]);
	});

	test("the same file under a new version is not loaded again", async () => {
		const bytes = timesModel(3);
		await stage.promote(bytes);
		const { registry, resolve, state } = await stage.open();
		await registry.poll();
		await stage.promote(bytes);
		await registry.poll();
		expect(state()).toBe(`${stage.name} 2`);
		expect(resolve()).toMatchObject({ model: { reference: { sha256: sha256(bytes) } } });
		expect(readdirSync(stage.directory).filter((file) => file.endsWith(".onnx"))).toHaveLength(1);
	});
});

describe("without a model that was good before,", () => {
	test.each<[string, ModelSelector]>([
		["an alias", selectorOf("nobody")],
		["a version", { kind: "Mlflow", name: "nobody", alias: undefined, version: "7" }],
	])("%s that is not there is not found", async (_what, model) => {
		const { registry, state, failures } = await stage.open({ model });
		await registry.poll();
		expect(state()).toBe("NotFound");
		expect(failures).toHaveLength(1);
	});

	test("a model for another objective is refused with its own words", async () => {
		await stage.promote(timesModel(3));
		const { registry, resolve } = await stage.open({ objective: FPS });
		await registry.poll();
		expect(resolve()).toMatchObject({ refused: true, reason: "SchemaMismatch" });
	});

	test("a file that the server cannot hand out is none of the other models' business", async () => {
		const broken = `${stage.name}_broken`;
		await stage.promote(timesModel(4), { name: broken, files: { "broken.onnx": timesModel(4) } });
		const artifacts = join(stage.mlflow.dir, "artifacts");
		const file = readdirSync(artifacts, { recursive: true, encoding: "utf8" }).find((path) =>
			path.endsWith("broken.onnx"),
		);
		rmSync(join(artifacts, file ?? ""));
		mkdirSync(join(artifacts, file ?? ""));
		await stage.promote(timesModel(3));
		const { registry, resolve, failures } = await stage.open({ others: [selectorOf(broken)] });
		await registry.poll();
		expect(failures).toEqual([
			expect.stringMatching(
				/^model models:\/model_\d+_broken@Production: MLflow at .* answered 400 with JSON that is not MLflow's \(\{"detail":/,
			),
		]);
		expect(await answerOf(resolve())).toBe(6);
	});

	test("a server that is down is out of reach", async () => {
		const { registry, resolve } = await stage.open({ trackingUri: "http://127.0.0.1:9" });
		await registry.poll();
		expect(resolve()).toMatchObject({
			refused: true,
			reason: "Unreachable",
			message: expect.stringMatching(/^model models:.* cannot be reached \(ECONNREFUSED\); check mlflow.trackingUri/),
		});
	});
});

describe("after a restart with the server down", () => {
	async function warmed(): Promise<void> {
		await stage.promote(timesModel(3));
		const before = await stage.open();
		await before.registry.poll();
		await stage.closeAll();
	}

	/** Frozen rather than killed: no answer is no answer, and a start takes many seconds. */
	async function down(work: () => Promise<void>): Promise<void> {
		stage.mlflow.freeze();
		try {
			await work();
		} finally {
			stage.mlflow.thaw();
		}
	}

	test("the last good model serves from the disk", async () => {
		await warmed();
		await down(async () => {
			const { registry, resolve, state } = await stage.open({ timeout: 1 });
			await registry.poll();
			expect(state()).toBe(`${stage.name} 1, kept: Unreachable`);
			expect(await answerOf(resolve())).toBe(6);
		});
	});

	test("a damaged file on the disk is not used, and fetched again", async () => {
		await warmed();
		for (const file of readdirSync(stage.directory)) {
			if (file.endsWith(".onnx")) writeFileSync(join(stage.directory, file), timesModel(9));
		}
		await down(async () => {
			const { registry, state } = await stage.open({ timeout: 1 });
			await registry.poll();
			expect(state()).toBe("Unreachable");
		});
		const { registry, resolve } = await stage.open();
		await registry.poll();
		expect(await answerOf(resolve())).toBe(6);
	});
});

describe("the disk", () => {
	test("holds no more than it may, and keeps what is in service", async () => {
		const bytes = timesModel(3);
		await stage.promote(bytes);
		const { registry, told, state } = await stage.open({ maxBytes: bytes.length * 2.5 });
		for (let times = 4; times < 8; times++) {
			await registry.poll();
			await stage.promote(timesModel(times));
		}
		await registry.poll();
		expect(state()).toBe(`${stage.name} 5`);
		expect(readdirSync(stage.directory).filter((file) => file.endsWith(".onnx"))).toHaveLength(2);
		expect(told).toHaveLength(5);
	});

	test("that cannot be written is told of, and models serve all the same", async () => {
		await stage.promote(timesModel(3));
		const directory = join(stage.directory, "file");
		writeFileSync(directory, "");
		const { registry, told, state } = await stage.open({ directory });
		await registry.poll();
		expect(state()).toBe(`${stage.name} 1`);
		expect(told.join("\n")).toMatch(/cannot be kept in .* \(E[A-Z]+\); set mlflow.registry.cacheDirectory/);
	});
});
