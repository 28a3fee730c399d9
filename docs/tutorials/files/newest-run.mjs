// node newest-run.mjs EXPERIMENT: prints the newest finished run of an MLflow experiment, by the REST API alone.
const api = `${process.env.MLFLOW_TRACKING_URI}/api/2.0/mlflow`;

async function ask(path, body) {
	const post = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
	const response = await fetch(`${api}/${path}`, body && post);
	if (!response.ok) end(`${api}/${path}: ${response.status} ${await response.text()}`);
	return response.json();
}

function end(problem) {
	process.stderr.write(`${problem}\n`);
	process.exit(1);
}

const name = process.argv[2] ?? "";
const { experiment } = await ask(`experiments/get-by-name?experiment_name=${encodeURIComponent(name)}`);
const { runs = [] } = await ask("runs/search", {
	experiment_ids: [experiment.experiment_id],
	filter: "attributes.status = 'FINISHED'",
	order_by: ["attributes.start_time DESC"],
	max_results: 1,
});
const [run] = runs;
if (!run) end(`the experiment ${name} has no finished run yet; one comes with every Predict job that knows something`);
const values = [...(run.data.params ?? []), ...(run.data.metrics ?? [])].map(({ key, value }) => `  ${key} ${value}`);
process.stdout.write(`${[`run ${run.info.run_name} of experiment ${name}`, ...values].join("\n")}\n`);
