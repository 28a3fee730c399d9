import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundlePlugin } from "../scripts/package/bundle.ts";
import { buildExecutable } from "../scripts/package/executable.ts";
import { ROOT } from "../scripts/run-part.ts";
import { startCluster } from "../test/cluster/cluster.ts";
import { fill } from "./plugin/cluster.ts";
import { type Measured, measure, summary } from "./plugin/measure.ts";

/** The packaged plugin beside kubectl on one API server, in turns. */
export async function run(args: readonly string[]): Promise<void> {
	const options = { rounds: { type: "string", default: "20" }, apps: { type: "string", default: "200" } } as const;
	const { values } = parseArgs({ args: [...args], options: { ...options, nodes: { type: "string", default: "500" } } });
	const dist = join(ROOT, "dist");
	mkdirSync(dist, { recursive: true });
	const executable = buildExecutable({ bundle: (await bundlePlugin(dist, "executable")).file, folder: dist });
	const cluster = await startCluster({ prometheus: false });
	try {
		const apps = Number(values.apps);
		const nodes = Number(values.nodes);
		await fill(cluster, { small: 20, apps, nodes });
		const { kubectl } = cluster.programs;
		const env = { ...process.env, KUBECONFIG: cluster.kubeconfig, PATH: `${dist}:${process.env["PATH"]}` };
		const get = { name: "kubectl get deploy", command: kubectl, args: ["get", "deploy", "-n", "small"] };
		const versions = { name: "kubectl version --client", command: kubectl, args: ["version", "--client"] };
		const commands = [
			get,
			{ name: "kubectl-qos predict", command: executable, args: ["predict", "-n", "small"] },
			{ name: "kubectl qos predict", command: kubectl, args: ["qos", "predict", "-n", "small"] },
			versions,
			{ name: "kubectl-qos version --client", command: executable, args: ["version", "--client"] },
		];
		const measured = new Map<string, Measured[]>(commands.map(({ name }) => [name, []]));
		for (let round = 0; round < Number(values.rounds); round += 1) {
			for (const { name, command, args } of commands) measured.get(name)?.push(await measure(command, args, env));
		}
		const median = (name: string) => summary(measured.get(name) ?? []).median;
		for (const { name } of commands) {
			const { min, median: middle } = summary(measured.get(name) ?? []);
			const yardstick = name.includes("version") ? versions.name : get.name;
			console.log(
				`${name.padEnd(30)} min ${min.toFixed(0)} ms, median ${middle.toFixed(0)} ms, ${(middle / median(yardstick)).toFixed(2)} x`,
			);
		}
		console.log(`predict -A over ${apps} apps x ${nodes} nodes:`);
		for (let round = 0; round < 5; round += 1) {
			const { wall, firstRow, peakMiB, lines } = await measure(executable, ["predict", "-A"], env);
			console.log(
				`  first row ${firstRow.toFixed(0)} ms, all ${lines} lines ${wall.toFixed(0)} ms, peak RSS ${peakMiB.toFixed(0)} MiB`,
			);
		}
	} finally {
		await cluster.stop();
	}
}
