import { X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { carryOut, type IssueSettings } from "../../../certs/carry-out.ts";
import { nextStep } from "../../../certs/renewal.ts";
import type { CertificateState } from "../../../certs/state.ts";

const NOW = Date.parse("2026-11-24T12:00:00Z");
const HOUR = 3_600_000;
const settings: IssueSettings = {
	hosts: ["127.0.0.1"],
	renewBefore: 3600,
	overlap: 120,
	authorityValidity: 30 * 3600,
	leafValidity: 10 * 3600,
};

let initial: CertificateState;

async function step(state: CertificateState | undefined, now: number): Promise<CertificateState> {
	const next = nextStep(state, settings, now);
	if (next.kind === "Wait") throw new Error("nothing is due");
	return carryOut(next, state, settings, now);
}

beforeAll(async () => {
	initial = await step(undefined, NOW);
});

describe("a leaf", () => {
	test("is left alone until its renewal is due, which is said", () => {
		expect(nextStep(initial, settings, NOW)).toEqual({ kind: "Wait", until: NOW + 9 * HOUR });
		expect(nextStep(initial, settings, NOW + 9 * HOUR - 1).kind).toBe("Wait");
	});

	test("is renewed by the same authority, without an overlap", async () => {
		const now = NOW + 9 * HOUR;
		expect(nextStep(initial, settings, now)).toMatchObject({ kind: "IssueLeaf" });
		const renewed = await step(initial, now);
		expect(renewed.authorities).toEqual(initial.authorities);
		expect(renewed.leaf.certificate).not.toBe(initial.leaf.certificate);
		expect(nextStep(renewed, settings, now)).toEqual({ kind: "Wait", until: now + 9 * HOUR });
	});

	test("is replaced at once when the hosts have changed or it has expired", () => {
		const elsewhere = { ...settings, hosts: ["127.0.0.1", "qos.example.com"] };
		expect(nextStep(initial, elsewhere, NOW)).toEqual({
			kind: "IssueLeaf",
			reason: "the leaf is not good for qos.example.com",
		});
		expect(nextStep(initial, settings, NOW + 11 * HOUR).kind).toBe("IssueLeaf");
	});

	test("is not renewed for ever when renewBefore is longer than its life", () => {
		expect(nextStep(initial, { ...settings, renewBefore: 1e9 }, NOW).kind).toBe("Wait");
	});
});

describe("an authority", () => {
	test("is rotated with overlap: both trusted, then the leaf, then the old one goes", async () => {
		let now = NOW + 29 * HOUR;
		// A leaf that was renewed in the meantime.
		const before = await carryOut({ kind: "IssueLeaf", reason: "" }, initial, settings, now - HOUR);

		const both = await step(before, now);
		expect(both.authorities).toEqual([...before.authorities, both.authorities[1]]);
		expect(both.leaf).toEqual(before.leaf);
		expect(nextStep(both, settings, now + 119_999)).toEqual({ kind: "Wait", until: now + 120_000 });

		now += 120_000;
		const switched = await step(both, now);
		expect(switched.authorities).toEqual(both.authorities);
		const issuer = new X509Certificate(switched.authorities[1] ?? "");
		expect(new X509Certificate(switched.leaf.certificate).verify(issuer.publicKey)).toBe(true);
		expect(nextStep(switched, settings, now + 119_999).kind).toBe("Wait");

		now += 120_000;
		const pruned = await step(switched, now);
		expect(pruned.authorities).toEqual([both.authorities[1]]);
		expect(pruned.leaf).toEqual(switched.leaf);
		expect(nextStep(pruned, settings, now).kind).toBe("Wait");
	});

	test("that has expired is replaced with its leaf at once", () => {
		expect(nextStep(initial, settings, NOW + 31 * HOUR).kind).toBe("IssueAll");
	});
});
