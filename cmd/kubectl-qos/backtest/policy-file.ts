import { readFile } from "node:fs/promises";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { explained } from "../../../src/adapters/text-file/errors.ts";
import { parsePolicy } from "../../../src/api/v1alpha1/policy.ts";
import type { Policy } from "../../../src/core/policy/policy.ts";
import { badFile } from "../errors.ts";

/** The one QoSPolicy of a YAML or JSON file, read as the controller reads it. @throws PluginError BadFile */
export async function readPolicyFile(path: string): Promise<Policy> {
	const documents = parseAllDocuments(await textOf(path));
	const policies: unknown[] = [];
	for (const document of documents) {
		const [error] = document.errors;
		if (error) {
			const [problem = ""] = error.message.split("\n");
			throw badFile(path, `it is not YAML: ${problem.replace(/ at line .*$/, "")}`, error.linePos?.[0].line);
		}
		const value: unknown = document.toJS();
		if (kindOf(value) === "QoSPolicy") policies.push(value);
	}
	const [policy, ...others] = policies;
	if (policy === undefined) throw badFile(path, "there is no QoSPolicy in it; name a file with one");
	if (others.length > 0) {
		throw badFile(
			path,
			`there are ${policies.length} QoSPolicies in it; a backtest tries one, so put it into a file of its own`,
		);
	}
	return validPolicy(policy, path);
}

/** A policy as the default: every field that has a default has it. `direction` is never guessed. */
export function defaultPolicy(objective: { readonly direction: string; readonly target: string | undefined }): Policy {
	const { direction, target } = objective;
	const spec = {
		workloadSelector: {},
		mode: "Auto",
		objective: { metric: "qos", direction, ...(target !== undefined && { target }) },
	};
	const parsed = parsePolicy(withMetadata({ metadata: { name: "default" }, spec }));
	if (!parsed.ok) throw new RangeError(parsed.message);
	return parsed.value;
}

async function textOf(path: string): Promise<string> {
	try {
		return await readFile(path, "utf8");
	} catch (error) {
		throw badFile(path, explained(error, 0).message);
	}
}

const withKind = z.looseObject({ kind: z.string() });

function kindOf(value: unknown): string | undefined {
	const parsed = withKind.safeParse(value);
	return parsed.success ? parsed.data.kind : undefined;
}

const withSpec = z.looseObject({ metadata: z.looseObject({}).default({}) });

/** What the API server fills in when a policy is created. */
function withMetadata(value: unknown): unknown {
	const parsed = withSpec.safeParse(value);
	if (!parsed.success) return value;
	const created = { namespace: "default", name: "policy", creationTimestamp: "1970-01-01T00:00:00Z" };
	return { ...parsed.data, metadata: { ...created, ...parsed.data.metadata } };
}

function validPolicy(value: unknown, path: string): Policy {
	const parsed = parsePolicy(withMetadata(value));
	if (!parsed.ok) throw badFile(path, parsed.message);
	return { ...parsed.value, mode: "Auto", suspend: false };
}
