import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** Files with a control plane each mostly wait for it. */
const WITH_CLUSTERS = {
	maxWorkers: Math.max(2, availableParallelism()),
	// A control plane that lives for a minute spends a third of its start on collecting garbage.
	env: { GOGC: "400" },
};

export default defineConfig({
	test: {
		projects: [
			// Pure logic shares its modules between files: importing them anew for each takes longer than the tests.
			{ test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 20_000, isolate: false } },
			{
				test: {
					...WITH_CLUSTERS,
					name: "contract",
					include: ["test/contract/**/*.test.ts"],
					testTimeout: 60_000,
					hookTimeout: 120_000,
				},
			},
			{
				test: {
					...WITH_CLUSTERS,
					name: "e2e",
					include: ["test/e2e/**/*.test.ts"],
					testTimeout: 120_000,
					hookTimeout: 180_000,
				},
			},
			{
				test: {
					...WITH_CLUSTERS,
					name: "real-nodes",
					include: ["test/real-nodes/**/*.test.ts"],
					// What is measured is real: one file at a time has the computer.
					fileParallelism: false,
					testTimeout: 120_000,
					hookTimeout: 180_000,
				},
			},
		],
	},
});
