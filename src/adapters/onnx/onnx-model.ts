import type { Model, ModelMetadata, ModelReference, ModelRefusal } from "../../core/model/model.ts";
import { hasExternalData } from "./external-data.ts";
import type { ThreadModel } from "./inference-thread.ts";
import type { InferenceThreads } from "./inference-threads.ts";
import { readMetadata } from "./metadata.ts";
import { openSession, type Session } from "./session.ts";

/** Longest run that may hold up the event loop, and most rows of one whatever the model costs. */
const IN_THREAD = { milliseconds: 2, rows: 2000 };
const PROBE_ROWS = 256;
/** A session is made in one go: of larger files it would hold up the event loop for more than a few milliseconds. */
const LARGEST_ON_MAIN_THREAD = 32 * 1024;

/** A loaded ONNX file that keeps the contract. */
export class OnnxModel implements Model {
	readonly reference: ModelReference;
	readonly metadata: ModelMetadata;
	private readonly bytes: Uint8Array;
	private readonly session: Session;
	private readonly threads: InferenceThreads;
	/** Larger batches run in the background. */
	private smallBatch = 0;

	private constructor(
		{ bytes, sha256 }: ThreadModel,
		session: Session,
		{ metadata, threads }: { readonly metadata: ModelMetadata; readonly threads: InferenceThreads },
	) {
		this.bytes = bytes;
		this.session = session;
		this.metadata = metadata;
		this.threads = threads;
		this.reference = { name: metadata.name, version: metadata.version, sha256 };
	}

	/** Loads a model from the bytes of its file and tries it out; `file` is named in refusals. */
	static async load(bytes: Uint8Array, file: string, threads: InferenceThreads): Promise<OnnxModel | ModelRefusal> {
		const metadata = readMetadata(bytes, file);
		if ("refused" in metadata) return metadata;
		try {
			if (hasExternalData(bytes)) {
				const message = `${file} keeps tensors in other files, which are not fetched; save it as one file (log_model with save_as_external_data=False)`;
				return { refused: true, reason: "Unreadable", message };
			}
			const sha256 = await digest(bytes);
			const isSmall = bytes.length <= LARGEST_ON_MAIN_THREAD;
			const session = await (isSmall ? openSession(bytes) : threads.prompt.open({ sha256, bytes }));
			const model = new OnnxModel({ bytes, sha256 }, session, { metadata, threads });
			const problem = model.shapeProblem() ?? (await model.probe());
			return problem === undefined
				? model
				: { refused: true, reason: "SchemaMismatch", message: `${file}: ${problem}` };
		} catch (error) {
			const [line = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
			const message = `${file} cannot be used by onnxruntime: ${line.trim()}; export the model with other operators`;
			return { refused: true, reason: "Unreadable", message };
		}
	}

	async predict(input: Float32Array, rows: number): Promise<Float32Array> {
		const { window, features } = this.metadata;
		const shape = [rows, window, features.length];
		if (rows <= this.smallBatch) return this.session.run(input, shape);
		return this.threads.background.run({ sha256: this.reference.sha256, bytes: this.bytes }, input, shape);
	}

	/** Frees what the inference threads hold of it; the model stays usable. */
	release(): void {
		this.threads.background.drop(this.reference.sha256);
		this.threads.prompt.drop(this.reference.sha256);
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
		this.smallBatch = Math.min(IN_THREAD.rows, Math.max(1, Math.floor(IN_THREAD.milliseconds / perRow)));
		return undefined;
	}
}

/** SHA-256 in hex, computed on another thread. */
async function digest(bytes: Uint8Array): Promise<string> {
	return Buffer.from(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes))).toString("hex");
}
