import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { expiredToken } from "./expired-token.ts";

/** In a pod there is no kubeconfig but a mounted service account: kubectl and the plugin must make the same of it. */

const PLUGIN = join(import.meta.dirname, "../../cmd/kubectl-qos/kubectl-qos");
const CONTROLLER = join(import.meta.dirname, "../../cmd/qos-controller/main.ts");

/** Puts a folder where a pod's service account is, in a mount namespace of its own: nobody else sees it. */
const MOUNT = `
	mount -t tmpfs none /run
	mkdir -p /var/run/secrets/kubernetes.io/serviceaccount
	cp "$1"/* /var/run/secrets/kubernetes.io/serviceaccount
	shift
	exec "$@"`;
const canMount = spawnSync("unshare", ["--user", "--map-root-user", "--mount", "true"]).status === 0;

let folder: string | undefined;
let cluster: Cluster;
let token = "";
let ca = "";

beforeAll(async () => {
	if (!canMount) return;
	folder = mkdtempSync(join(tmpdir(), "kubectl-qos-in-cluster-"));
	cluster = await startCluster({ prometheus: false });
	await cluster.kubectl(["create", "namespace", "shop"]);
	await cluster.kubectl(["create", "serviceaccount", "alice", "-n", "shop"]);
	token = (await cluster.kubectl(["create", "token", "alice", "-n", "shop"])).trim();
	const path = "{.clusters[0].cluster.certificate-authority-data}";
	const data = await cluster.kubectl(["config", "view", "--raw", "-o", `jsonpath=${path}`]);
	ca = Buffer.from(data, "base64").toString();
});
afterAll(async () => {
	if (folder !== undefined) rmSync(folder, { recursive: true });
	await cluster?.stop();
});

interface Pod {
	/** Of the service account's volume. */
	readonly files: Readonly<Record<string, string>>;
	readonly environment?: Readonly<Record<string, string>>;
	readonly flags?: readonly string[];
}

let pods = 0;

/** Exit code and words of a program that may see nothing but the pod's service account. */
async function inPod({ files, environment = {}, flags = [] }: Pod, command: readonly string[]): Promise<string> {
	const account = join(folder ?? "", `pod-${(pods += 1)}`);
	mkdirSync(account);
	for (const [name, content] of Object.entries(files)) writeFileSync(join(account, name), content);
	const { hostname, port } = new URL(cluster.apiServerUrl);
	const { PATH } = process.env;
	const env = { PATH, HOME: account, KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port, ...environment };
	const args = ["--user", "--map-root-user", "--mount", "sh", "-ec", MOUNT, "sh", account, ...command, ...flags];
	return new Promise((resolve) => {
		execFile("unshare", args, { env, timeout: 30_000 }, (error, stdout, stderr) => {
			resolve(`${error?.code ?? 0}: ${stdout}${stderr}`);
		});
	});
}

describe.runIf(canMount)("in a pod", () => {
	const whole = () => ({ token, "ca.crt": ca, namespace: "shop" });
	const forbidden =
		/^1: Error from server \(Forbidden\): \S+ is forbidden: (User "\S+") cannot list .* (in the namespace "\S+")\n$/;
	const cases: readonly (readonly [name: string, make: () => Pod])[] = [
		["its service account in its namespace", () => ({ files: whole() })],
		["a namespace of its own", () => ({ files: whole(), environment: { POD_NAMESPACE: "other" } })],
		["a namespace by flag", () => ({ files: whole(), flags: ["-n", "third"] })],
		["no file for the namespace", () => ({ files: { token, "ca.crt": ca } })],
	];

	test.each(cases)("%s: the same user and namespace as kubectl", async (_name, make) => {
		const kubectl = forbidden.exec(await inPod(make(), [cluster.programs.kubectl, "get", "deployments"]));
		expect(kubectl?.slice(1)).toBeDefined();
		expect(forbidden.exec(await inPod(make(), [PLUGIN, "predict"]))?.slice(1)).toEqual(kubectl?.slice(1));
	});

	const refusals: readonly (readonly [name: string, make: () => Pod, message: RegExp])[] = [
		["a token that is wrong", () => ({ files: { ...whole(), token: "wrong" } }), /must be logged in to the server/],
		[
			"a token that has expired",
			() => ({ files: { ...whole(), token: expiredToken(cluster, token) } }),
			/must be logged in to the server/,
		],
		["an empty token", () => ({ files: { ...whole(), token: "" } }), /serviceaccount\/token.* is empty/],
		[
			"no token",
			() => ({ files: { "ca.crt": ca } }),
			/localhost:8080 was refused.*\nhint: .*no service account is mounted/,
		],
		["a wrong authority", () => ({ files: { ...whole(), "ca.crt": "nonsense" } }), /root certificates/],
		["a context that nobody has", () => ({ files: whole(), flags: ["--context=x"] }), /context "x" does not exist/],
		[
			"another server",
			() => ({ files: whole(), flags: ["--server=https://127.0.0.1:1"] }),
			/127\.0\.0\.1:1 was refused/,
		],
	];

	test.each(refusals)("%s is refused in one line", async (_name, make, message) => {
		const plugin = await inPod(make(), [PLUGIN, "predict"]);
		expect(plugin).toMatch(message);
		expect(plugin).toMatch(/^1: [^\n]+\n(hint: [^\n]+\n)?$/);
	});

	test.each([
		["no authority", { token: "t" }, "cannot be read (ENOENT)"],
		["an authority that is none", { token: "t", "ca.crt": "nonsense" }, "holds no certificate"],
	])("%s: the controller says which file, and does not begin", async (_name, files, problem) => {
		const config = join(folder ?? "", "config.yaml");
		writeFileSync(config, "prometheus: { url: 'http://127.0.0.1:9090' }\n");
		expect(await inPod({ files }, [process.execPath, CONTROLLER, "--config", config])).toBe(
			`1: error: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt ${problem}: mount the whole volume of the pod's ServiceAccount, or pass --kubeconfig FILE\n`,
		);
	});
});
