import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { checkFolder, checkSpecs, DEFAULT_NODES } from "../../real-nodes/machines.ts";
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
