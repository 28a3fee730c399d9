import { describe, expect, it } from "vitest";
import { parseTargets } from "../../../cmd/kubectl-qos/arguments/targets.ts";

describe("parseTargets", () => {
	it.each([
		["", []],
		["web", ["web"]],
		["web db", ["web", "db"]],
		["deploy/web", ["web"]],
		["deployment/web deployments.apps/db", ["web", "db"]],
		["deployments.v1.apps/web", ["web"]],
		["Deployment/web", ["web"]],
		["deployment web db", ["web", "db"]],
		["deploy", []],
		["deploy/deploy", ["deploy"]],
		["qosreport.kubectl-qos.dev/web", ["web"]],
		["deploy/web db", ["web", "db"]],
		["web deploy/web", ["web"]],
		["007 1e3", ["007", "1e3"]],
	])("reads '%s'", (line, names) => {
		expect(parseTargets(line.split(" ").filter(Boolean))).toEqual(names);
	});

	it.each([
		["pod/web", 'error: QoS is kept per Deployment, not for "pod"; write deploy/NAME'],
		["deploy/", "error: arguments in resource/name form must have a single resource and name"],
		["/web", "error: arguments in resource/name form must have a single resource and name"],
		["a/b/c", "error: arguments in resource/name form may not have more than one slash"],
		["deploy deploy/web", "error: there is no need to specify a resource type as a separate argument"],
	])("refuses '%s'", (line, message) => {
		expect(() => parseTargets(line.split(" "))).toThrow(message);
	});
});
