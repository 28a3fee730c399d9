import { dirname, join } from "node:path";
import { locateAll } from "../programs/programs.ts";
import { ask, type ClusterState } from "./control.ts";
import { clusterDir } from "./options.ts";

/** How to use a cluster, for people or as one JSON object. */
export function describe(state: ClusterState, json: boolean): string {
	const { kubeconfig, prometheusUrl, mlflowUrl, dir } = state;
	if (json) return JSON.stringify({ kubeconfig, prometheusUrl, mlflowUrl, dir });
	return [
		`export KUBECONFIG=${kubeconfig}`,
		`Prometheus: ${prometheusUrl === "" ? "not started" : prometheusUrl}`,
		...(mlflowUrl === "" ? [] : [`export MLFLOW_TRACKING_URI=${mlflowUrl}`]),
		`logs: ${dir}/logs`,
	].join("\n");
}

/** Prints the cluster's variables as shell commands, and where its kubectl is: for `eval "$(npm run --silent cluster -- env)"`. */
export async function env(dirFlag: string | undefined): Promise<void> {
	const dir = clusterDir(dirFlag);
	const state = await ask(dir, "status");
	if (state?.ready !== true) throw new Error(`no cluster is running in ${dir}: "npm run cluster -- up" starts one`);
	const variables = {
		KUBECONFIG: state.kubeconfig,
		// Another cluster may have had this one's address.
		KUBECACHEDIR: join(dir, "kubectl-cache"),
		PROMETHEUS_URL: state.prometheusUrl,
		MLFLOW_TRACKING_URI: state.mlflowUrl,
	};
	for (const [name, value] of Object.entries(variables)) if (value !== "") console.log(`export ${name}='${value}'`);
	console.log(`export PATH='${dirname(locateAll().kubectl)}':"$PATH"`);
}

/** Prints whether a cluster runs in the folder. The exit code is 1 when none does. */
export async function status(dirFlag: string | undefined, json: boolean): Promise<void> {
	const dir = clusterDir(dirFlag);
	const state = await ask(dir, "status");
	if (state === undefined) {
		process.exitCode = 1;
		console.log(json ? JSON.stringify({ dir, running: false }) : `no cluster is running in ${dir}`);
	} else if (json) {
		console.log(JSON.stringify({ ...state, running: true }));
	} else {
		console.log(`${state.ready ? "running" : "starting"} since ${state.startedAt}, process ${state.pid}`);
		if (state.ready) console.log(describe(state, false));
	}
}

/** Stops the cluster in the folder, also one in the foreground of another shell; resolves when it is gone. */
export async function down(dirFlag: string | undefined): Promise<void> {
	const dir = clusterDir(dirFlag);
	const state = await ask(dir, "stop");
	console.log(state === undefined ? `no cluster is running in ${dir}` : `stopped the cluster in ${dir}`);
}
