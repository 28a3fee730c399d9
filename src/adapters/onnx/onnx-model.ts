import { createHash } from "node:crypto";
import type { Model, ModelMetadata, ModelReference, ModelRefusal } from "../../core/model/model.ts";
import type { InferenceThread } from "./inference-thread.ts";
import { readMetadata } from "./metadata.ts";
import { openSession, type Session } from "./session.ts";

/** Longest run that may hold up the event loop, and most rows of one whatever the model costs. */
const IN_THREAD = { milliseconds: 2, rows: 2000 };
const PROBE_ROWS = 256;

/** A loaded ONNX file that keeps the contract. */
export class OnnxModel implements Model {
	readonly reference: ModelReference;
	readonly metadata: ModelMetadata;
	private readonly bytes: Uint8Array;
	private readonly session: Session;
	private readonly thread: InferenceThread;
	/** Batches up to this size run on the calling thread. */
	private rowsInThread = 0;

	private constructor(
		bytes: Uint8Array,
		session: Session,
		{ metadata, thread }: { readonly metadata: ModelMetadata; readonly thread: InferenceThread },
	) {
		this.bytes = bytes;
		this.session = session;
		this.metadata = metadata;
		this.thread = thread;
		const sha256 = createHash("sha256").update(bytes).digest("hex");
		this.reference = { name: metadata.name, version: metadata.version, sha256 };
	}

	/** Loads a model from the bytes of its file and tries it out; `file` is named in refusals. */
	static async load(bytes: Uint8Array, file: string, thread: InferenceThread): Promise<OnnxModel | ModelRefusal> {
		const metadata = readMetadata(bytes, file);
		if ("refused" in metadata) return metadata;
		try {
			const model = new OnnxModel(bytes, await openSession(bytes), { metadata, thread });
			const problem = model.shapeProblem() ?? (await model.probe());
			return problem === undefined
				? model
				: { refused: true, reason: "SchemaMismatch", message: `${file}: ${problem}` };
		} catch (error) {
			const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
			const mend = /external/i.test(line)
				? "save its tensors in the file itself"
				: "export the model with other operators";
			const message = `${file} cannot be used by onnxruntime: ${line.trim()}; ${mend}`;
			return { refused: true, reason: "Unreadable", message };
		}
	}

	async predict(input: Float32Array, rows: number): Promise<Float32Array> {
		const { window, features } = this.metadata;
		const shape = [rows, window, features.length];
		if (rows <= this.rowsInThread) return this.session.run(input, shape);
		return this.thread.run({ sha256: this.reference.sha256, bytes: this.bytes }, input, shape);
	}

	/** Frees what the inference thread holds of it; the model stays usable. */
	release(): void {
		this.thread.drop(this.reference.sha256);
	}

	private shapeProblem(): string | undefined {
		const { window, features } = this.metadata;
		const expected = ["any", window, features.length];
		const { inputShape } = this.session;
		const isSame =
			inputShape.length === expected.length &&
			inputShape.every((size, index) => typeof size === "string" || size === expected[index]);
		if (isSame) return undefined;
		return `its input is [${inputShape.join(", ")}], but its metadata says [batch, ${window}, ${features.length}]; make them agree, the batch being of any size`;
	}

	/** Runs rows from inside the training range: checks the output's size and measures what a row costs. */
	private async probe(): Promise<string | undefined> {
		const { window, features, outputs } = this.metadata;
		const row = features.map(({ min, max }) => Math.min(Math.max(1, min), max));
		const input = Float32Array.from(
			{ length: PROBE_ROWS * window * features.length },
			(_, index) => row[index % row.length] ?? 0,
		);
		const shape = [PROBE_ROWS, window, features.length];
		const { length } = await this.session.run(input, shape);
		if (length !== PROBE_ROWS * outputs.length) {
			return `it gives ${length / PROBE_ROWS} outputs per row, but its metadata lists ${outputs.length}; make them agree`;
		}
		const start = performance.now();
		await this.session.run(input, shape);
		const perRow = (performance.now() - start) / PROBE_ROWS;
		this.rowsInThread = Math.min(IN_THREAD.rows, Math.max(1, Math.floor(IN_THREAD.milliseconds / perRow)));
		return undefined;
	}
}
