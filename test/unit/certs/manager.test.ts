import { pino } from "pino";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { IssueSettings } from "../../../certs/carry-out.ts";
import { CertificateManager } from "../../../certs/manager.ts";
import type { KeyPair } from "../../../certs/pair.ts";
import { MemoryStore } from "./memory-store.ts";

const settings: IssueSettings = {
	hosts: ["127.0.0.1"],
	renewBefore: 60,
	overlap: 120,
	authorityValidity: 3600,
	leafValidity: 600,
};

const managers: CertificateManager[] = [];
const lines: string[] = [];

function manage(store: MemoryStore): { manager: CertificateManager; served: KeyPair[] } {
	const served: KeyPair[] = [];
	const manager = new CertificateManager({
		store,
		settings,
		checkInterval: 60,
		clock: Date.now,
		logger: pino({ level: "trace" }, { write: (line) => void lines.push(line) }),
		onCertificate: (leaf) => void served.push(leaf),
	});
	managers.push(manager);
	return { manager, served };
}

afterEach(async () => {
	await Promise.all(managers.splice(0).map((manager) => manager.stop()));
});

describe("the first start", () => {
	test("of several replicas at once yields one authority and one leaf that all serve", async () => {
		const store = new MemoryStore();
		const replicas = [manage(store), manage(store), manage(store)];
		const leaves = await Promise.all(replicas.map(({ manager }) => manager.start()));
		expect(store.writes).toBe(1);
		expect(store.conflicts).toBe(2);
		expect(new Set(leaves.map(({ certificate }) => certificate)).size).toBe(1);
		expect(store.trusted).toBe(store.secret?.data["ca.crt"]);
		await vi.waitFor(() =>
			expect(replicas.map(({ manager }) => manager.problem())).toEqual([undefined, undefined, undefined]),
		);
	});

	test("waits for the API server and says why", async () => {
		const store = new MemoryStore();
		store.failure = new Error("the API server is away");
		const { manager } = manage(store);
		const leaf = manager.start();
		await vi.waitFor(() => expect(manager.problem()).toBe("the API server is away"));
		store.failure = undefined;
		manager.wake();
		await expect(leaf).resolves.toHaveProperty("certificate");
	});

	test("stopped before there is a certificate rejects", async () => {
		const store = new MemoryStore();
		store.failure = new Error("the API server is away");
		const { manager } = manage(store);
		const leaf = manager.start();
		const outcome = expect(leaf).rejects.toThrow();
		await manager.stop();
		await outcome;
	});
});

describe("later", () => {
	test("a restart serves what is stored, a damaged Secret and a lost caBundle are mended, no key is logged", async () => {
		const store = new MemoryStore();
		const first = await manage(store).manager.start();
		const { manager, served } = manage(store);
		expect(await manager.start()).toEqual(first);
		expect(store.writes).toBe(1);

		store.trusted = "";
		await manager.check();
		expect(store.trusted).toBe(store.secret?.data["ca.crt"]);

		const { data = {}, resourceVersion = "" } = store.secret ?? {};
		store.secret = { data: { ...data, "tls.key": "" }, resourceVersion };
		await manager.check();
		expect(served).toHaveLength(2);
		expect(store.trusted).toContain(store.secret?.data["ca.crt"]);
		expect(lines.join("")).toContain("certificate renewal step");
		expect(lines.join("")).not.toContain("PRIVATE KEY");
	});

	test("an API server that is away does not take the certificate away", async () => {
		const store = new MemoryStore();
		const { manager } = manage(store);
		await manager.start();
		await vi.waitFor(() => expect(manager.problem()).toBeUndefined());
		store.failure = new Error("the API server is away");
		await expect(manager.check()).rejects.toThrow("away");
		expect(manager.problem()).toBeUndefined();
	});
});
