import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { writeMachineFiles } from "../../real-nodes/machine-files.ts";
import { checkFolder, checkSpecs, DEFAULT_NODES, machinesOf } from "../../real-nodes/machines.ts";
import { scrapingConfiguration } from "../../real-nodes/prometheus.ts";

describe("nodes that are asked for", () => {
	test("are slower together than the computer", () => {
		expect(() => checkSpecs(DEFAULT_NODES, 2)).not.toThrow();
		expect(() => checkSpecs(DEFAULT_NODES, 1)).toThrow("take slower nodes");
	});

	test("are kept in a folder that they can see", () => {
		expect(() => checkFolder("/var/lib/cluster")).toThrow("machines have a /var/lib of their own");
		expect(() => checkFolder("/var/library")).not.toThrow();
	});

	test("have names that an interface can have, all different, and a speed", () => {
		expect(() => checkSpecs([{ name: "node-1.example.org", speed: 0.1 }], 2)).toThrow("at most 15 small letters");
		expect(() => checkSpecs([{ name: "a", speed: 0 }], 2)).toThrow("0.01 or more");
		expect(() => checkSpecs([{ name: "a", speed: Number.NaN }], 2)).toThrow("0.01 or more");
		const twice = { name: "a", speed: 0.1 };
		expect(() => checkSpecs([twice, twice], 2)).toThrow("same name");
		expect(() => checkSpecs([], 2)).toThrow("1 to 99");
	});
});

test("kubelets register their nodes with the taints that were asked for", async () => {
	const dir = await mkdtemp(join(tmpdir(), "machines-"));
	const taint = { key: "node-role.kubernetes.io/control-plane", effect: "NoSchedule" } as const;
	const specs = [
		{ name: "a", speed: 0.5 },
		{ name: "b", speed: 0.5, taints: [taint] },
	];
	const { machines } = machinesOf(specs, {
		dir,
		network: { prefix: "10.143", link: "qos143", host: "10.143.0.1", servers: "10.143.0.2" },
		equipment: { trees: { version: 2, folder: "/sys/fs/cgroup" }, runc: "runc", cniPlugins: "/opt/cni/bin", cpus: [0] },
		cgroups: { trees: { version: 2, folder: "/sys/fs/cgroup" }, name: "c" },
		nodeGraceSeconds: 12,
		programs: {} as never,
		clientAuthority: "ca.crt",
	});
	try {
		const taints = machines.map(async (machine) => {
			await writeMachineFiles(machine);
			return parse(await readFile(join(machine.dir, "kubelet.yaml"), "utf8")).registerWithTaints;
		});
		expect(await Promise.all(taints)).toEqual([[], [taint]]);
	} finally {
		await rm(dir, { recursive: true });
	}
});

test("Prometheus looks at kubelets as often as they have news, and at a machine's page under the machine's address", () => {
	const text = scrapingConfiguration({
		dir: "/d",
		apiServerUrl: "https://10.150.0.2:443",
		exporterAddress: "10.150.0.2:9100",
		machines: [{ name: "node-1", address: "10.150.0.11" }],
		interval: 0.5,
	});
	const { global, scrape_configs: jobs } = parse(text);
	expect(global.scrape_interval).toBe("500ms");
	expect(jobs[0]).toMatchObject({ metrics_path: "/metrics/cadvisor", scrape_interval: "2000ms" });
	expect(jobs[2].static_configs).toEqual([
		{ targets: ["10.150.0.2:9100"], labels: { __metrics_path__: "/node-1", instance: "10.150.0.11:9100" } },
	]);
});
