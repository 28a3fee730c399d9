import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { expiredToken } from "./expired-token.ts";
import {
	type Proxies,
	seenOfKubectl,
	seenOfPlugin,
	startProxies,
	writeClientCertificates,
} from "./plugin-identity-parts.ts";

/** Every kubeconfig is given to kubectl and to the plugin; what the API server saw must be the same. */

const folder = mkdtempSync(join(tmpdir(), "kubectl-qos-identity-"));
let cluster: Cluster;
let proxies: Proxies;
/** Tokens of the service accounts `alice` and `bob`, and the server's authority. */
let [alice, bob, ca] = ["", "", ""];

beforeAll(async () => {
	writeClientCertificates(folder);
	cluster = await startCluster({ prometheus: false, apiServerFlags: [`--client-ca-file=${join(folder, "ca.crt")}`] });
	for (const name of ["alice", "bob"]) await cluster.kubectl(["create", "serviceaccount", name]);
	alice = (await cluster.kubectl(["create", "token", "alice"])).trim();
	bob = (await cluster.kubectl(["create", "token", "bob"])).trim();
	await cluster.kubectl(["create", "clusterrolebinding", "root", "--clusterrole=cluster-admin", "--user=cn-root"]);
	const path = "{.clusters[0].cluster.certificate-authority-data}";
	ca = await cluster.kubectl(["config", "view", "--raw", "-o", `jsonpath=${path}`]);
	writeFileSync(pem("server-ca.crt"), Buffer.from(ca, "base64"));
	writeFileSync(pem("alice-token"), `${alice}\n`);
	proxies = await startProxies();
});
afterAll(async () => {
	proxies?.close();
	rmSync(folder, { recursive: true, force: true });
	await cluster?.stop();
});

let files = 0;
function write(content: object, name = `config-${(files += 1)}`): string {
	const path = join(folder, name);
	writeFileSync(path, JSON.stringify({ apiVersion: "v1", kind: "Config", ...content }));
	return path;
}

/** A kubeconfig with one context, whose current context it is. */
function config(user: object, server: object = {}, context: object = {}): object {
	const trusted = { server: cluster.apiServerUrl, "certificate-authority-data": ca, ...server };
	return {
		clusters: [{ name: "c", cluster: trusted }],
		users: [{ name: "u", user }],
		contexts: [{ name: "x", context: { cluster: "c", user: "u", ...context } }],
		"current-context": "x",
	};
}

/** The exec plugin of a kubeconfig: prints `status`, and `$KUBERNETES_EXEC_INFO`'s apiVersion. */
function execPlugin(status: object, settings: object = {}): object {
	const version = "client.authentication.k8s.io/v1";
	const credential = JSON.stringify({ apiVersion: version, kind: "ExecCredential", status });
	const path = join(folder, `login-${(files += 1)}`);
	writeFileSync(path, `#!/bin/sh\ntest -n "$KUBERNETES_EXEC_INFO" || exit 3\ncat <<'END'\n${credential}\nEND\n`);
	chmodSync(path, 0o755);
	return { exec: { apiVersion: version, command: path, interactiveMode: "IfAvailable", ...settings } };
}

const pem = (name: string) => join(folder, name);

describe("the API server sees the same user as of kubectl", () => {
	const cases: readonly (readonly [name: string, make: () => string | readonly [string, ...string[]]])[] = [
		["a token", () => write(config({ token: alice }))],
		["a token file", () => write(config({ tokenFile: pem("alice-token") }))],
		["a token file and a token", () => write(config({ tokenFile: pem("alice-token"), token: bob }))],
		["a token file relative to the kubeconfig", () => write(config({ tokenFile: "alice-token" }))],
		[
			"a client certificate in files relative to the kubeconfig",
			() => write(config({ "client-certificate": "client.crt", "client-key": "./client.key" })),
		],
		[
			"a CA file relative to the kubeconfig",
			() =>
				write(
					config(
						{ token: alice },
						{ "certificate-authority-data": undefined, "certificate-authority": "server-ca.crt" },
					),
				),
		],
		[
			"no check of the certificate",
			() =>
				write(config({ token: alice }, { "certificate-authority-data": undefined, "insecure-skip-tls-verify": true })),
		],
		[
			"a server name other than the address",
			() => write(config({ token: alice }, { "tls-server-name": "kubernetes.default.svc" })),
		],
		[
			"impersonation in the kubeconfig",
			() => write(config({ ...root(), as: "jane", "as-groups": ["dev", "qa"], "as-uid": "7" })),
		],
		[
			"extras in the kubeconfig",
			() => write(config({ ...root(), as: "jane", "as-user-extra": { "Example.com/Tier": ["a", "b"] } })),
		],
		[
			"impersonation by flags",
			() => [write(config(root())), "--as=jane", "--as-group=dev", "--as-group=qa", "--as-uid=7"],
		],
		[
			"flags over impersonation in the kubeconfig",
			() => [write(config({ ...root(), as: "joe", "as-groups": ["dev"] })), "--as=jane"],
		],
		["a service account impersonated", () => [write(config(root())), "--as=system:serviceaccount:default:bob"]],
		["a token flag over a token", () => [write(config({ token: alice })), `--token=${bob}`]],
		["a token flag over a client certificate", () => [write(config(root())), `--token=${bob}`]],
		["a token flag over a credential plugin", () => [write(config(execPlugin({ token: alice }))), `--token=${bob}`]],
		[
			"certificate flags over a token",
			() => [
				write(config({ token: bob })),
				`--client-certificate=${pem("client.crt")}`,
				`--client-key=${pem("client.key")}`,
			],
		],
		[
			"server and CA flags, no kubeconfig",
			() => [
				"/no/such",
				`--server=${cluster.apiServerUrl}`,
				`--certificate-authority=${pem("server-ca.crt")}`,
				`--token=${alice}`,
			],
		],
		[
			"an insecure flag over a wrong CA",
			() => [
				write(config({ token: alice }, { "certificate-authority-data": "", "certificate-authority": pem("ca.crt") })),
				"--insecure-skip-tls-verify",
			],
		],
		[
			"a server name by flag",
			() => [write(config({ token: alice }, { "tls-server-name": "wrong" })), "--tls-server-name=kubernetes"],
		],
		[
			"another user of the file",
			() => [write({ ...config({ token: alice }), users: [{ name: "v", user: { token: bob } }] }), "--user=v"],
		],
		[
			"another cluster of the file",
			() => [
				write({
					...config({ token: alice }, { server: "https://127.0.0.1:1" }),
					clusters: [{ name: "d", cluster: { server: cluster.apiServerUrl, "certificate-authority-data": ca } }],
				}),
				"--cluster=d",
			],
		],
		[
			"another context of the file",
			() => [
				write({
					...config({ token: alice }),
					contexts: [{ name: "y", context: { cluster: "c", user: "u" } }],
					"current-context": "gone",
				}),
				"--context=y",
			],
		],
		[
			"several files, the first of a name wins",
			() => `/no/such:${write(config({ token: alice }))}:${write(config({ token: bob }))}`,
		],
		[
			"several files that complete each other",
			() =>
				`${write({ users: [{ name: "u", user: { token: bob } }] })}:${write({ ...config({ token: alice }), "current-context": "" })}:${write({ "current-context": "x" })}`,
		],
		[
			"an unrelated broken context",
			() =>
				write({
					...config({ token: alice }),
					contexts: [
						{ name: "x", context: { cluster: "c", user: "u" } },
						{ name: "broken", context: { cluster: "gone" } },
					],
				}),
		],
		["a credential plugin with a token", () => write(config(execPlugin({ token: alice })))],
		[
			"a credential plugin with a certificate",
			() => write(config(execPlugin({ clientCertificateData: read("client.crt"), clientKeyData: read("client.key") }))),
		],
		["a credential plugin relative to the kubeconfig", () => relativePlugin()],
		[
			"a credential plugin that is told of the cluster",
			() =>
				write(
					config(clusterPlugin(), {
						extensions: [{ name: "client.authentication.k8s.io/exec", extension: { audience: "alice" } }],
					}),
				),
		],
		["a token beside a credential plugin", () => write(config({ ...execPlugin({ token: alice }), token: bob }))],
		["an HTTP proxy", () => write(config({ token: alice }, { "proxy-url": proxies.http.url }))],
		["a SOCKS proxy", () => write(config({ token: alice }, { "proxy-url": proxies.socks.url }))],
	];

	function root(): object {
		return { "client-certificate": pem("client.crt"), "client-key": pem("client.key") };
	}

	test.concurrent.each(cases)("%s", async (_, make) => {
		const made = make();
		const [kubeconfig, ...flags] = typeof made === "string" ? [made] : made;
		const plugin = await seenOfPlugin(kubeconfig, flags);
		const kubectl = await seenOfKubectl(cluster.programs.kubectl, kubeconfig, flags);
		expect(kubectl.identity).toBeDefined();
		expect(plugin).toEqual({ identity: kubectl.identity });
	});

	test("the proxies were asked by both", () => {
		for (const { connections } of [proxies.http, proxies.socks]) expect(connections).toBeGreaterThanOrEqual(2);
	});

	test.each([
		["no credentials", () => write(config({}))],
		["a user that is not there", () => write({ ...config({ token: alice }), users: [] })],
		[
			"a context without a user",
			() => write({ ...config({ token: alice }), contexts: [{ name: "x", context: { cluster: "c" } }] }),
		],
	] as const)("%s: nobody, where kubectl asks for a password that no API server knows", async (_, make) => {
		const kubeconfig = make();
		expect((await seenOfPlugin(kubeconfig, [])).error).toContain('User "system:anonymous" cannot');
		expect((await seenOfKubectl(cluster.programs.kubectl, kubeconfig, [])).error).toBe("error: EOF");
	});
});

describe("refuses what kubectl refuses, in its words", () => {
	const cases: readonly (readonly [name: string, make: () => readonly [string, ...string[]]])[] = [
		["a context that is not there", () => [write(config({ token: alice })), "--context=nope"]],
		["a cluster that is not there", () => [write(config({ token: alice })), "--cluster=nope"]],
		["a user that is not there", () => [write(config({ token: alice })), "--user=nope"]],
		["a kubeconfig that is not there", () => [write(config({})), "--kubeconfig=/no/such"]],
		["a certificate without a key", () => [write(config({ "client-certificate": pem("client.crt") }))]],
		[
			"a CA file that is not there",
			() => [write(config({}, { "certificate-authority-data": undefined, "certificate-authority": "/no/such" }))],
		],
		["two ways to log in", () => [write(config({ token: alice, username: "a", password: "b" }))]],
		[
			"a plugin that does not say whether it asks",
			() => [write(config(execPlugin({ token: alice }, { interactiveMode: undefined })))],
		],
		["a plugin that is not there", () => [write(config(execPlugin({ token: alice }, { command: "no-such-login" })))]],
		["a plugin that fails", () => [write(config(execPlugin({ token: alice }, { command: "false" })))]],
		[
			"a plugin that must ask, without a terminal",
			() => [write(config(execPlugin({ token: alice }, { interactiveMode: "Always" })))],
		],
		["a current context that is not there", () => [write({ ...config({ token: alice }), "current-context": "nope" })]],
		["a server that is not there", () => [write(config({ token: alice }, { server: "https://127.0.0.1:1" }))]],
		["two problems", () => [write(config({ token: alice, username: "a", "client-certificate": pem("client.crt") }))]],
		["a timeout that is none", () => [write(config({ token: alice })), "--request-timeout=soon"]],
		["a token that is wrong", () => [write(config({ token: "wrong" }))]],
		["a token that has expired", () => [write(config({ token: expiredToken(cluster, alice) }))]],
	];

	test.concurrent.each(cases)("%s", async (_, make) => {
		const [kubeconfig, ...flags] = make();
		const plugin = await seenOfPlugin(kubeconfig, flags);
		const kubectl = await seenOfKubectl(cluster.programs.kubectl, kubeconfig, flags);
		// Only what exists instead is added, at the end.
		expect(plugin.error?.replace(/; there are: x$/, "")).toBe(kubectl.error);
	});
});

function read(name: string): string {
	return readFileSync(pem(name), "utf8");
}

function relativePlugin(): string {
	const { exec } = execPlugin({ token: alice }) as { exec: { command: string } };
	return write(config({ exec: { ...exec, command: `./${basename(exec.command)}` } }));
}

/** Answers with alice's token when it is told the audience of the cluster, else with nothing. */
function clusterPlugin(): object {
	const plugin = execPlugin({ token: alice }, { provideClusterInfo: true }) as { exec: { command: string } };
	const script = read(basename(plugin.exec.command));
	const told = 'case "$KUBERNETES_EXEC_INFO" in *\'"audience":"alice"\'*\'\'*) ;; *) exit 4 ;; esac';
	writeFileSync(plugin.exec.command, script.replace("\n", `\n${told}\n`));
	return plugin;
}
