import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import manifest from "../../package.json" with { type: "json" };
import { ROOT } from "../run-part.ts";

/** The bundle cannot cache its own compilation: this does, and then loads it. */
const LAUNCHER = `#!/usr/bin/env node
require("node:module").enableCompileCache?.();
require("./kubectl-qos.cjs");
`;

/** What the package is made of. */
interface Contents {
	readonly bundle: string;
	readonly thirdParty: string;
	readonly dist: string;
}

/** Makes the npm package with `npm pack`, and returns the name of its file. */
export function npmPackage({ bundle, thirdParty, dist }: Contents): string {
	const folder = join(dist, "npm");
	mkdirSync(folder);
	copyFileSync(bundle, join(folder, "kubectl-qos.cjs"));
	copyFileSync(thirdParty, join(folder, "THIRD_PARTY_LICENSES"));
	for (const file of ["LICENSE", "README.md"]) copyFileSync(join(ROOT, file), join(folder, file));
	writeFileSync(join(folder, "kubectl-qos.js"), LAUNCHER);
	chmodSync(join(folder, "kubectl-qos.js"), 0o755);
	const { name, version, description, license, engines, dependencies } = manifest;
	const published = {
		name,
		version,
		description,
		license,
		engines,
		bin: { "kubectl-qos": "kubectl-qos.js", "kubectl_complete-qos": "kubectl-qos.js" },
		// Only backtest on a metrics trace runs a model.
		optionalDependencies: { "onnxruntime-node": dependencies["onnxruntime-node"] },
	};
	writeFileSync(join(folder, "package.json"), `${JSON.stringify(published, undefined, "\t")}\n`);
	execFileSync("npm", ["pack", "--silent", "--pack-destination", dist, folder], {
		stdio: ["ignore", "ignore", "inherit"],
	});
	rmSync(folder, { recursive: true });
	return `${name}-${version}.tgz`;
}
