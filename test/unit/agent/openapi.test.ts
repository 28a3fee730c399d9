import { expect, test } from "vitest";
import { openApiDocument } from "../../../src/agent/openapi.ts";
import { analysisOperations } from "../../../src/agent/operations/analysis.ts";
import { eventOperations } from "../../../src/agent/operations/events.ts";

const operations = [
	...eventOperations({
		ownNamespace: "kubectl-qos-system",
		schedules: { nextRun: () => undefined, problem: () => undefined, instant: () => 0 },
		configured: {},
	}),
	...analysisOperations({ governed: () => [] }),
];

test("the document has the original's routes", () => {
	const { paths } = openApiDocument(operations, "v1.2.3");
	const routes = Object.entries(paths).flatMap(([path, methods]) =>
		Object.keys(methods).map((one) => `${one} ${path}`),
	);
	expect(routes).toEqual(
		expect.arrayContaining([
			"get /sensors/event/",
			"get /sensors/event/get/all",
			"get /sensors/event/get",
			"post /sensors/event/add/interval",
			"post /sensors/event/add/date",
			"post /sensors/event/add/cron",
			"delete /sensors/event/remove",
			"delete /sensors/event/remove/all",
			"post /sensors/analyze_reactive_qos",
			"post /sensors/analyze_proactive_qos",
		]),
	);
});

test("what the document says of a body is what validates it", () => {
	const { paths } = openApiDocument(operations, "v1.2.3");
	expect(paths["/sensors/event/add/interval"]?.["post"]?.requestBody).toMatchObject({
		required: false,
		content: {
			"application/json": {
				schema: {
					additionalProperties: false,
					properties: { seconds: { type: "integer", minimum: 0 }, start_date: { type: "null" } },
				},
			},
		},
	});
});

test("every route says how it refuses", () => {
	const { paths } = openApiDocument(operations, "v1.2.3");
	for (const operation of operations) {
		const statuses = Object.keys(paths[operation.path]?.[operation.method]?.responses ?? {});
		expect(statuses).toEqual(expect.arrayContaining(["200", "400", "401", "403", "405", "503"]));
	}
});
