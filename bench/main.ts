import { availableParallelism, cpus, totalmem } from "node:os";

/** Each benchmark is a file of its name here that exports `run`; it is loaded only when asked for. */
const BENCHMARKS: Readonly<Record<string, string>> = {
	cycle: "predictions of one cycle: 1,000 apps x 5,000 nodes, beside raw onnxruntime on the same tensors",
	calibration: "calibration of one cycle's predictions, beside copying them",
	decisions: "the decision core beside its goals: scenarios with noise, drift, gaps and outliers",
	mlflow: "models switched by MLflow's alias while pods are admitted; predictions saved while cycles run",
	models: "exported models of all families: accuracy and coverage on recorded data, rows per second, size",
	plugin: "the packaged plugin beside kubectl on one API server: wall time, first row, memory",
	shares: "CPU shares and limits on real nodes: what each does to an app, beside what was predicted of it",
	truth: "real pods on real nodes: default scheduler, Initial and Auto, judged by real requests",
	controller: "the shipped controller: size of the image, start until ready, memory and CPU at rest",
	admission: "our admission decision with 5,000 nodes cached, replayed and through a real API server",
};

interface Benchmark {
	run(args: readonly string[]): Promise<void>;
}

function machine(): string {
	const model = cpus()[0]?.model.trim() ?? "unknown CPU";
	const memory = (totalmem() / 1024 ** 3).toFixed(1);
	return `${model}, ${availableParallelism()} cores, ${memory} GiB, Node ${process.version}`;
}

const [name, ...args] = process.argv.slice(2);
if (name === undefined || !Object.hasOwn(BENCHMARKS, name)) {
	if (name !== undefined) console.error(`There is no benchmark ${name}.`);
	console.error("Usage: npm run bench -- NAME [OPTIONS]");
	for (const [known, description] of Object.entries(BENCHMARKS)) console.error(`  ${known.padEnd(11)} ${description}`);
	process.exitCode = 2;
} else {
	console.log(machine());
	const benchmark = (await import(new URL(`${name}.ts`, import.meta.url).href)) as Benchmark;
	try {
		await benchmark.run(args);
	} catch (error) {
		// A wrong option is the user's; anything else is a fault of the benchmark, whose stack tells where.
		if (!(error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS")))
			throw error;
		console.error(error.message);
		process.exitCode = 2;
	}
}
