import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cpuLimit, effectiveRequests, resourcesSchema } from "../../../../src/api/kubernetes/requests.ts";

function container(cpu: number, restartPolicy?: string) {
	return { resources: { requests: { cpu }, limits: {} }, restartPolicy };
}

const pod = { containers: [], initContainers: [], overhead: {} };

describe("effectiveRequests", () => {
	it("adds up containers and overhead", () => {
		expect(effectiveRequests({ ...pod, containers: [container(1), container(2)], overhead: { cpu: 0.5 } })).toEqual({
			cpu: 3.5,
		});
	});

	it("takes the hungriest init container where it needs more", () => {
		expect(
			effectiveRequests({ ...pod, containers: [container(1)], initContainers: [container(4), container(2)] }),
		).toEqual({ cpu: 4 });
	});

	it("counts a sidecar with the containers, and with the init containers behind it only", () => {
		const initContainers = [container(3), container(1, "Always"), container(3)];
		expect(effectiveRequests({ ...pod, containers: [container(2)], initContainers })).toEqual({ cpu: 4 });
		expect(effectiveRequests({ ...pod, containers: [container(5)], initContainers })).toEqual({ cpu: 6 });
	});

	it("takes limits for requests that are not given", () => {
		const resources = { requests: { cpu: 1 }, limits: { cpu: 2, memory: 100 } };
		expect(effectiveRequests({ ...pod, containers: [{ resources, restartPolicy: undefined }] })).toEqual({
			cpu: 1,
			memory: 100,
		});
	});

	it("lets requests of the pod as a whole stand in for its containers'", () => {
		const resources = { requests: { cpu: 8 }, limits: {} };
		expect(effectiveRequests({ ...pod, containers: [container(1)], overhead: { cpu: 1 }, resources })).toEqual({
			cpu: 9,
		});
	});

	it("fills in what is asked for the pod as a whole as the API server does", () => {
		const containers = [container(1)];
		const limits = { cpu: 4, memory: 100, "hugepages-2Mi": 8, "example.com/gpu": 1 };
		expect(effectiveRequests({ ...pod, containers, resources: { requests: {}, limits } })).toEqual({
			cpu: 1,
			memory: 100,
			"hugepages-2Mi": 8,
		});
	});

	it("rounds up to what the scheduler counts in", () => {
		const resources = { requests: { cpu: 0.0001, memory: 1.5 }, limits: {} };
		expect(effectiveRequests({ ...pod, containers: [{ resources, restartPolicy: undefined }] })).toEqual({
			cpu: 0.001,
			memory: 2,
		});
		expect(effectiveRequests({ ...pod, containers: [container(0.1), container(0.2)] })).toEqual({ cpu: 0.3 });
	});

	it("never is less than any container alone", () => {
		const containers = fc.array(fc.record({ cpu: fc.integer({ min: 0, max: 64 }), sidecar: fc.boolean() }));
		fc.assert(
			fc.property(containers, containers, (main, init) => {
				const requests = effectiveRequests({
					...pod,
					containers: main.map(({ cpu }) => container(cpu)),
					initContainers: init.map(({ cpu, sidecar }) => container(cpu, sidecar ? "Always" : undefined)),
				});
				for (const { cpu } of [...main, ...init]) expect(requests["cpu"]).toBeGreaterThanOrEqual(cpu);
			}),
		);
	});
});

describe("resourcesSchema", () => {
	it("reads quantities into base units", () => {
		expect(resourcesSchema.parse({ cpu: "250m", memory: "1Gi", pods: "110", "example.com/gpu": 1 })).toEqual({
			cpu: 0.25,
			memory: 2 ** 30,
			pods: 110,
			"example.com/gpu": 1,
		});
	});

	it("refuses what is no quantity", () => {
		expect(resourcesSchema.safeParse({ cpu: "lots" }).success).toBe(false);
	});
});

describe("cpuLimit", () => {
	const limited = (cpu: number) => ({ resources: { requests: {}, limits: { cpu } } });
	const free = { resources: { requests: {}, limits: { memory: 1 } } };

	it("is the sum over the containers, and none when one of them has none", () => {
		expect(cpuLimit(undefined, [limited(0.2), limited(0.3)])).toBe(0.5);
		expect(cpuLimit(undefined, [limited(0.2), free])).toBeUndefined();
		expect(cpuLimit(undefined, [limited(0)])).toBeUndefined();
	});

	it("is the pod's own where that is less", () => {
		expect(cpuLimit(limited(0.4).resources, [limited(0.2), limited(0.3)])).toBe(0.4);
		expect(cpuLimit(limited(1).resources, [free])).toBe(1);
	});
});
