import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, it } from "vitest";
import { unreachable } from "../../../src/adapters/kubernetes/errors.ts";

function failureOf(work: () => unknown): unknown {
	try {
		return work();
	} catch (error) {
		return error;
	}
}
const failed = (code: string, syscall?: string) => Object.assign(new Error("x"), { code, ...(syscall && { syscall }) });

it.each([
	[
		"no file",
		failureOf(() => readFileSync("/nope/ca.crt")),
		/cannot be asked: \/nope\/ca\.crt cannot be read \(ENOENT\);/,
	],
	[
		"a folder",
		failureOf(() => readFileSync(tmpdir())),
		/cannot be asked: .* cannot be read \(EISDIR\); correct the kube/,
	],
	["a firewall", failed("EACCES", "connect"), /cannot be reached \(EACCES\); check that it runs/],
	["a reset", failed("ECONNRESET", "read"), /cannot be reached \(ECONNRESET\); check that it runs/],
	[
		"another authority",
		failed("SELF_SIGNED_CERT_IN_CHAIN"),
		/is not trusted \(SELF_SIGNED_CERT_IN_CHAIN\); check certificate/,
	],
	["another name", failed("ERR_TLS_CERT_ALTNAME_INVALID"), /is not trusted \(ERR_TLS_CERT_ALTNAME_INVALID\);/],
])("%s: an API server that cannot be asked is told from one that does not answer", (_, cause, message) => {
	const error = unreachable("GET /a", "https://host", cause);
	expect(error.message).toMatch(/^GET \/a: the API server https:\/\/host /);
	expect(error.message).toMatch(message);
	expect([error.status, error.message.includes("\n")]).toEqual([0, false]);
});
