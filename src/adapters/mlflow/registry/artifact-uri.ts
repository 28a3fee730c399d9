/** Where an artifact lies, as far as it can be fetched through the tracking server. */
export type ArtifactLocation =
	/** Handed out by the server; `path` below its artifact root, without a slash in front. */
	| { readonly kind: "Served"; readonly path: string }
	/** Below the artifacts of a run, whose own location has to be asked for. */
	| { readonly kind: "Run"; readonly runId: string; readonly path: string }
	| { readonly kind: "Elsewhere" };

const PROXIED = /^mlflow-artifacts:(?:\/\/([^/]*))?\/*(.*)$/;
const OF_RUN = /^runs:\/+([^/]+)\/+(.+)$/;
const PROXY_PATH = "/api/2.0/mlflow-artifacts/artifacts/";

/** `trackingUri` is the server's address: what another one hands out is not asked for with our credentials. */
export function locate(uri: string, trackingUri: string): ArtifactLocation {
	const { host, href } = new URL(trackingUri);
	const [, authority = "", proxied] = PROXIED.exec(uri) ?? [];
	if (proxied !== undefined) return authority === "" || authority === host ? served(proxied) : ELSEWHERE;
	const [, runId, path] = OF_RUN.exec(uri) ?? [];
	if (runId !== undefined && path !== undefined) return { kind: "Run", runId, path };
	const base = href.replace(/\/+$/, "") + PROXY_PATH;
	return uri.startsWith(base) ? served(uri.slice(base.length)) : ELSEWHERE;
}

const ELSEWHERE = { kind: "Elsewhere" } as const;

/** A path that climbs would lead out of the artifacts, to another page of the server. */
function served(text: string): ArtifactLocation {
	const path = text.replace(/\/+$/, "");
	return path.split("/").some((part) => part === "." || part === "..") ? ELSEWHERE : { kind: "Served", path };
}
