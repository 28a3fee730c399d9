import { createPrivateKey, X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { issueAuthority, issueLeaf } from "../../../certs/issue.ts";
import type { KeyPair } from "../../../certs/pair.ts";
import { fromSecretData, toSecretData } from "../../../certs/state.ts";

const NOW = Date.parse("2026-11-24T12:00:00Z");
const HOSTS = ["kubectl-qos-webhook.kubectl-qos-system.svc", "127.0.0.1", "::1"];

let authority: KeyPair;
let other: KeyPair;
let leaf: KeyPair;

beforeAll(async () => {
	[authority, other] = await Promise.all([
		issueAuthority({ now: NOW, seconds: 3600 }),
		issueAuthority({ now: NOW, seconds: 3600 }),
	]);
	leaf = await issueLeaf(authority, HOSTS, { now: NOW, seconds: 600 });
});

describe("what node-forge builds, as node:crypto reads it", () => {
	test("the authority may sign certificates and nothing deeper", () => {
		const certificate = new X509Certificate(authority.certificate);
		expect(certificate.ca).toBe(true);
		expect(certificate.verify(certificate.publicKey)).toBe(true);
		expect(certificate.checkPrivateKey(createPrivateKey(authority.key))).toBe(true);
	});

	test("the leaf is issued by its authority, and by no other", () => {
		const certificate = new X509Certificate(leaf.certificate);
		const issuer = new X509Certificate(authority.certificate);
		const stranger = new X509Certificate(other.certificate);
		expect(certificate.ca).toBe(false);
		expect(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)).toBe(true);
		expect(certificate.checkIssued(stranger) || certificate.verify(stranger.publicKey)).toBe(false);
		expect(certificate.checkPrivateKey(createPrivateKey(leaf.key))).toBe(true);
		expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
	});

	test("the leaf is good for its DNS names and addresses alone", () => {
		const certificate = new X509Certificate(leaf.certificate);
		expect(certificate.checkHost("kubectl-qos-webhook.kubectl-qos-system.svc")).toBeDefined();
		expect(certificate.checkIP("127.0.0.1")).toBeDefined();
		expect(certificate.checkIP("::1")).toBeDefined();
		expect(certificate.checkHost("kubectl-qos-webhook.other.svc")).toBeUndefined();
		expect(certificate.checkIP("127.0.0.2")).toBeUndefined();
	});

	test("validity begins before now, for clocks that lag, and ends on time", () => {
		const certificate = new X509Certificate(leaf.certificate);
		expect(certificate.validFromDate.getTime()).toBe(NOW - 5 * 60 * 1000);
		expect(certificate.validToDate.getTime()).toBe(NOW + 600_000);
	});

	test("a leaf does not outlive its authority", async () => {
		const long = await issueLeaf(authority, HOSTS, { now: NOW, seconds: 7200 });
		expect(new X509Certificate(long.certificate).validToDate.getTime()).toBe(NOW + 3_600_000);
	});

	test("serial numbers and authority names are unique", () => {
		const serials = [authority, other, leaf].map(({ certificate }) => new X509Certificate(certificate).serialNumber);
		expect(new Set(serials).size).toBe(3);
		const subjects = [authority, other].map(({ certificate }) => new X509Certificate(certificate).subject);
		expect(subjects[0]).not.toBe(subjects[1]);
	});
});

describe("the Secret", () => {
	const state = () => ({
		authorities: [other.certificate, authority.certificate],
		authorityKey: authority.key,
		leaf,
		changedAt: NOW,
	});

	test("what is written is read back", () => {
		const read = fromSecretData(toSecretData(state()));
		expect(read?.authorities.map((pem) => pem.trim())).toEqual(state().authorities.map((pem) => pem.trim()));
		expect(read?.leaf).toEqual(leaf);
		expect(read?.changedAt).toBe(NOW);
	});

	test.each([
		["nothing", () => ({})],
		["a missing field", () => ({ ...toSecretData(state()), "tls.key": "" })],
		["garbage", () => ({ ...toSecretData(state()), "ca.crt": "garbage" })],
		["a key of another certificate", () => ({ ...toSecretData(state()), "tls.key": other.key })],
		["a key of the older authority", () => ({ ...toSecretData(state()), "ca.key": other.key })],
		["a leaf as authority", () => ({ ...toSecretData(state()), "ca.crt": leaf.certificate, "ca.key": leaf.key })],
	])("%s is not usable", (_, data) => {
		expect(fromSecretData(data())).toBeUndefined();
	});
});
