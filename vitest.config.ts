import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		projects: [
			// Pure logic shares its modules between files: importing them anew for each takes longer than the tests.
			{ test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 20_000, isolate: false } },
			{
				test: {
					name: "contract",
					include: ["test/contract/**/*.test.ts"],
					testTimeout: 60_000,
					hookTimeout: 120_000,
					fileParallelism: false,
				},
			},
			{
				test: {
					name: "e2e",
					include: ["test/e2e/**/*.test.ts"],
					testTimeout: 120_000,
					hookTimeout: 180_000,
					fileParallelism: false,
				},
			},
		],
	},
});
