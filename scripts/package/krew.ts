import { stringify } from "yaml";
import type { Platform } from "./platform.ts";

const HOMEPAGE = "https://github.com/kubectl-qos/kubectl-qos";

/** One archive of a release. */
export interface Released extends Platform {
	readonly file: string;
	readonly sha256: string;
}

/** The manifest by which `kubectl krew install qos` finds the archives of a version (`v1.2.3`). */
export function krewManifest(version: string, archives: readonly Released[]): string {
	return stringify({
		apiVersion: "krew.googlecontainertools.github.com/v1alpha2",
		kind: "Plugin",
		metadata: { name: "qos" },
		spec: {
			version,
			homepage: HOMEPAGE,
			shortDescription: "Predict QoS on every node, and move apps there",
			description:
				"Shows the quality of service that is predicted for every Deployment on every node,\nrecommends where each should run and why, and moves it there when told to.\n",
			caveats:
				"Needs the controller in the cluster: 'kubectl qos install' puts it there,\n'kubectl qos check' says what is missing.\n'kubectl qos completion install' sets up completion.\n",
			platforms: archives.map(({ os, arch, file, sha256 }) => ({
				selector: { matchLabels: { os, arch } },
				uri: `${HOMEPAGE}/releases/download/${version}/${file}`,
				sha256,
				bin: os === "windows" ? "kubectl-qos.exe" : "kubectl-qos",
			})),
		},
	});
}
