import { monitorEventLoopDelay } from "node:perf_hooks";
import { afterEach, describe, expect, it } from "vitest";
import { headroom } from "../../models/headroom.ts";
import { InferenceThreads } from "../../src/adapters/onnx/inference-threads.ts";
import { OnnxModel } from "../../src/adapters/onnx/onnx-model.ts";

const ROW = [0.5, 0.1, 0.2, 1];
const ROWS = 50_000;

const threads: InferenceThreads[] = [];
afterEach(async () => {
	for (const thread of threads.splice(0)) await thread.close();
});

async function load(
	bytes: Uint8Array = headroom("Minimize"),
): Promise<{ readonly model: OnnxModel; readonly thread: InferenceThreads }> {
	const thread = new InferenceThreads();
	threads.push(thread);
	const model = await OnnxModel.load(bytes, "headroom.onnx", thread);
	if ("refused" in model) throw new Error(model.message);
	return { model, thread };
}

/** Rows of 10 equal steps, the utilization rising from row to row. */
function batch(rows: number, shared: boolean): Float32Array {
	const length = rows * 10 * ROW.length;
	const input: Float32Array = shared ? new Float32Array(new SharedArrayBuffer(4 * length)) : new Float32Array(length);
	for (let index = 0; index < length; index += 1) {
		const row = Math.floor(index / (10 * ROW.length));
		input[index] = index % ROW.length === 0 ? row / (2 * rows) : (ROW[index % ROW.length] ?? 0);
	}
	return input;
}

describe("large batches", () => {
	it.each([true, false])("give the same as small ones (shared memory: %s)", async (shared) => {
		const { model } = await load();
		const input = batch(ROWS, shared);
		const output = await model.predict(input, ROWS);
		expect(output).toHaveLength(ROWS * 9);
		for (const row of [0, 1, 777, ROWS - 1]) {
			const alone = await model.predict(input.slice(row * 40, (row + 1) * 40), 1);
			expect([...output.subarray(row * 9, (row + 1) * 9)]).toEqual([...alone]);
		}
		expect(input[39]).toBe(1);
	});

	it("leave the event loop free", async () => {
		const { model } = await load();
		const input = batch(400_000, true);
		const before = performance.now();
		await model.predict(input, 400_000);
		const once = performance.now() - before;
		const stalls = monitorEventLoopDelay({ resolution: 1 });
		stalls.enable();
		await model.predict(input, 400_000);
		stalls.disable();
		expect(stalls.percentile(90) / 1e6).toBeLessThan(once / 4);
	});

	it("are answered in order of asking, each with its own", async () => {
		const { model } = await load();
		const answers = await Promise.all([3000, 5000, 4000].map((rows) => model.predict(batch(rows, true), rows)));
		expect(answers.map(({ length }) => length / 9)).toEqual([3000, 5000, 4000]);
	});

	it("go on after the model was released", async () => {
		const { model } = await load();
		const first = await model.predict(batch(3000, true), 3000);
		model.release();
		expect(await model.predict(batch(3000, true), 3000)).toEqual(first);
	});

	it("reject when the thread ends, and the next one starts it anew", async () => {
		const { model, thread } = await load();
		const lost = model.predict(batch(ROWS, true), ROWS);
		await Promise.all([thread.close(), expect(lost).rejects.toThrow("ended")]);
		expect(await model.predict(batch(3000, true), 3000)).toHaveLength(27_000);
	});
});

describe("a large file", () => {
	/** The same graph with a producer's name (field 2) of 40 kB. */
	const LARGE = Buffer.concat([headroom("Minimize"), Buffer.from([0x12, 0xc0, 0xb8, 0x02]), Buffer.alloc(40_000, "x")]);

	it("gives the same as a small one, in batches of any size, after a release and a crash too", async () => {
		const [small, large] = [await load(), await load(LARGE)];
		for (const rows of [1, 100, 5000]) {
			const input = batch(rows, true);
			expect(await large.model.predict(input, rows)).toEqual(await small.model.predict(input, rows));
		}
		large.model.release();
		expect(await large.model.predict(batch(1, false), 1)).toHaveLength(9);
		await large.thread.close();
		expect(await large.model.predict(batch(1, false), 1)).toHaveLength(9);
	});

	it("that onnxruntime refuses is refused in the same words", async () => {
		const broken = Buffer.from(LARGE);
		broken.write("Mol", broken.indexOf("Mul"));
		const opened = new InferenceThreads();
		threads.push(opened);
		expect(await OnnxModel.load(broken, "headroom.onnx", opened)).toMatchObject({
			reason: "Unreadable",
			message: expect.stringMatching(
				/^headroom.onnx cannot be used by onnxruntime: .*Mol.*; export the model with other/,
			),
		});
	});
});
