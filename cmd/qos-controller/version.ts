import manifest from "../../package.json" with { type: "json" };

/** The controller's version, as its package says it: `v0.1.0`. */
export function version(): string {
	return `v${manifest.version}`;
}
