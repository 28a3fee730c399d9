import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { Guard } from "../../../src/agent/access.ts";
import type { Access, Caller, Reviews } from "../../../src/core/access/access.ts";

const ANNA: Caller = { username: "anna", uid: "1", groups: ["staff"], extra: {} };
const LIST: Access = { verb: "list", resource: "qosjobs", namespace: "shop" };

/** Answers from what the test sets, and counts what it was asked. */
class Answers implements Reviews {
	caller: Caller | undefined = ANNA;
	allowed = true;
	broken = false;
	asked = 0;

	async authenticate(): Promise<Caller | undefined> {
		return this.answer(this.caller);
	}

	async isAllowed(): Promise<boolean> {
		return this.answer(this.allowed);
	}

	private answer<T>(value: T): T {
		this.asked++;
		if (this.broken) throw new Error("POST /apis/authentication.k8s.io/v1/tokenreviews: no answer in time");
		return value;
	}
}

function guarded() {
	const reviews = new Answers();
	const lines: string[] = [];
	const time = { now: 0 };
	const logger = pino({}, { write: (line: string) => void lines.push(line) });
	return { reviews, lines, time, guard: new Guard({ reviews, clock: () => time.now, logger }) };
}

describe("a caller", () => {
	test.each([undefined, "", "Basic YTpi", "Bearer", "Bearer ", "Bearer a b", "Token abc", "Bearer ä"])(
		"with the header %j is asked for a token, and nobody else is asked",
		async (header) => {
			const { guard, reviews } = guarded();
			await expect(guard.authenticate(header)).rejects.toMatchObject({
				status: 401,
				headers: { "www-authenticate": expect.stringContaining("Bearer") },
			});
			expect(reviews.asked).toBe(0);
		},
	);

	test.each(["Bearer abc.def-_~+/=", "bearer abc", "BEARER  abc "])("with the header %j is known", async (header) => {
		await expect(guarded().guard.authenticate(header)).resolves.toMatchObject({ caller: ANNA });
	});

	test("is remembered for seconds, and then asked for anew", async () => {
		const { guard, reviews, time } = guarded();
		await guard.authenticate("Bearer abc");
		time.now = 4_999;
		await guard.authenticate("Bearer abc");
		expect(reviews.asked).toBe(1);
		reviews.caller = undefined;
		time.now = 5_000;
		await expect(guard.authenticate("Bearer abc")).rejects.toMatchObject({ status: 401 });
	});

	test("is not taken for another one", async () => {
		const { guard, reviews } = guarded();
		await guard.authenticate("Bearer abc");
		reviews.caller = { ...ANNA, username: "bert" };
		await expect(guard.authenticate("Bearer abd")).resolves.toMatchObject({ caller: { username: "bert" } });
	});

	test("who was refused is let in as soon as that changes", async () => {
		const { guard, reviews } = guarded();
		reviews.allowed = false;
		await expect(guard.authorize(ANNA, LIST)).rejects.toMatchObject({
			status: 403,
			message: expect.stringContaining("anna"),
		});
		reviews.allowed = true;
		await guard.authorize(ANNA, LIST);
	});

	test("is told which role would do, and that there are other namespaces", async () => {
		const { guard, reviews } = guarded();
		reviews.allowed = false;
		const message = async (access: Access) => guard.authorize(ANNA, access).catch((error: Error) => error.message);
		expect(await message(LIST)).toMatch(/; name another namespace, or bind the ClusterRole qos-viewer in this one$/);
		expect(await message({ ...LIST, verb: "create" })).toContain("qos-editor");
		expect(await message({ ...LIST, namespace: undefined })).toMatch(/; name a namespace with \?namespace=$/);
	});

	test("with one right has no other", async () => {
		const { guard, reviews } = guarded();
		await guard.authorize(ANNA, LIST);
		reviews.allowed = false;
		await guard.authorize(ANNA, LIST);
		const others: Access[] = [
			{ ...LIST, namespace: undefined },
			{ ...LIST, namespace: "other" },
			{ ...LIST, verb: "delete" },
			{ ...LIST, resource: "qosmigrations" },
			{ verb: "get", path: "/agent/inputs" },
		];
		for (const access of others) await expect(guard.authorize(ANNA, access)).rejects.toMatchObject({ status: 403 });
		await expect(guard.authorize({ ...ANNA, groups: [] }, LIST)).rejects.toMatchObject({ status: 403 });
	});
});

test("without an answer nobody gets in, and no token is in the log", async () => {
	const { guard, reviews, lines } = guarded();
	reviews.broken = true;
	await expect(guard.authenticate("Bearer very.secret")).rejects.toMatchObject({
		status: 503,
		headers: { "retry-after": "1" },
	});
	await expect(guard.authorize(ANNA, LIST)).rejects.toMatchObject({ status: 503, headers: { "retry-after": "1" } });
	expect(lines).toHaveLength(2);
	expect(lines.join()).not.toContain("secret");
	reviews.broken = false;
	await guard.authenticate("Bearer very.secret");
});

test("strangers cannot keep the API server busy", async () => {
	const { guard } = guarded();
	const tokens = Array.from({ length: 100 }, (_, index) => guard.authenticate(`Bearer t${index}`));
	const refused = (await Promise.allSettled(tokens)).filter(({ status }) => status === "rejected");
	expect(refused).toHaveLength(80);
	await guard.authenticate("Bearer later");
});
