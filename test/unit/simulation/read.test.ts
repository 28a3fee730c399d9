import { describe, expect, test } from "vitest";
import { mergePatch, parseWorld, readWorld } from "../../../simulation/read.ts";

describe("a merge patch (examples of RFC 7386)", () => {
	test.each([
		[{ a: "b" }, { a: "c" }, { a: "c" }],
		[{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
		[{ a: "b", b: "c" }, { a: null }, { b: "c" }],
		[{ a: ["b"] }, { a: "c" }, { a: "c" }],
		[{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
		[{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
		[{ a: "foo" }, "bar", "bar"],
		[[1, 2], { a: "b", c: null }, { a: "b" }],
		[{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
	])("%j with %j", (target, patch, merged) => {
		expect(mergePatch(target, patch)).toEqual(merged);
	});
});

test("durations and amounts are in seconds and bytes, and what is left out has its default", () => {
	const world = parseWorld({
		nodes: { a: { memory: "2Gi", background: 1 } },
		apps: { cart: { serviceTime: "20ms", arrivalRate: { base: 3, waves: [{ amplitude: 1, period: "24h" }] } } },
	});
	expect(world.nodes["a"]).toMatchObject({ memory: 2 ** 31, speed: 1, background: { base: 1, pulses: [] } });
	expect(world.apps["cart"]).toMatchObject({ serviceTime: 0.02, baseLatency: 0.001, sensitivity: 1, timeout: 10 });
	expect(world.apps["cart"]?.arrivalRate.waves).toEqual([{ amplitude: 1, period: 86_400, peak: 0 }]);
});

test.each([
	[{ nodes: { a: { speed: 0 } } }, "world: nodes.a.speed: "],
	[{ apps: { cart: { arrivalRate: 1 } } }, "world: apps.cart.serviceTime: "],
	[{ apps: { cart: { arrivalRate: 1, serviceTime: "20" } } }, 'world: apps.cart.serviceTime: "20" is not a duration'],
	[{ nodes: { a: { memory: "much" } } }, 'world: nodes.a.memory: "much" is not an amount of bytes'],
	[{ compresion: 2 }, "world: (root): Unrecognized key"],
	["text", "world: (root): "],
])("%j is refused with its place", (document, message) => {
	expect(() => parseWorld(document)).toThrow(message);
});

test("a file that cannot be read says so in one line", () => {
	expect(() => readWorld("/none.yaml")).toThrow(
		"/none.yaml: cannot be read (ENOENT); pass the world with --world FILE",
	);
});
