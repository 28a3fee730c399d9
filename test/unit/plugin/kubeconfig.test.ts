import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { connectionOptions, GLOBAL_FLAGS } from "../../../cmd/kubectl-qos/arguments/global.ts";
import { parseCommandLine } from "../../../cmd/kubectl-qos/arguments/parse.ts";
import { connectionTo } from "../../../cmd/kubectl-qos/client/connection.ts";
import { type KubeconfigContext, selectContext } from "../../../cmd/kubectl-qos/client/context.ts";
import { kubeconfigFiles, loadKubeconfig } from "../../../cmd/kubectl-qos/client/kubeconfig.ts";

const folder = mkdtempSync(join(tmpdir(), "kubectl-qos-kubeconfig-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let count = 0;
function file(content: object | string): string {
	count += 1;
	const path = join(folder, `config-${count}`);
	writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
	return path;
}

interface Entries {
	readonly server?: string;
	readonly cluster?: object;
	readonly user?: object;
	readonly namespace?: string;
	readonly current?: string;
}

/** A kubeconfig with one context `x` -> cluster `c`, user `u`. */
function config({ server = "https://one:6443", cluster = {}, user = {}, namespace, current = "x" }: Entries): object {
	return {
		clusters: [{ name: "c", cluster: { server, ...cluster } }],
		users: [{ name: "u", user }],
		contexts: [{ name: "x", context: { cluster: "c", user: "u", ...(namespace && { namespace }) } }],
		"current-context": current,
	};
}

/** What the flags of a command line say. */
function flags(line = "") {
	const argv = ["x", ...line.split(" ").filter(Boolean)];
	return connectionOptions(parseCommandLine(argv, [{ name: "x", flags: GLOBAL_FLAGS }]).values);
}

/** The headers of a request. */
async function headersOf(context: KubeconfigContext) {
	const connection = connectionTo(context, {});
	const { headers } = await connection.access();
	connection.close();
	return headers;
}

describe("kubeconfigFiles", () => {
	it("follows --kubeconfig, then KUBECONFIG, then the home folder", () => {
		const environment = { KUBECONFIG: ":/a::/b:/a", HOME: "/home/me" };
		expect(kubeconfigFiles("/flag", environment)).toEqual({ files: ["/flag"], mustExist: true });
		expect(kubeconfigFiles(undefined, environment).files).toEqual(["/a", "/b"]);
		expect(kubeconfigFiles(undefined, { HOME: "/home/me" }).files).toEqual(["/home/me/.kube/config"]);
	});
});

describe("loadKubeconfig", () => {
	it("merges files: the first entry of a name wins, the first current-context wins, missing files are skipped", () => {
		const first = file({ ...config({ namespace: "first" }), "current-context": "" });
		const second = file({
			...config({ server: "https://two:6443", namespace: "second", current: "y" }),
			contexts: [
				{ name: "x", context: { cluster: "c", user: "u", namespace: "second" } },
				{ name: "y", context: { cluster: "c", user: "u", namespace: "only-in-second" } },
			],
		});
		const third = file(config({ current: "x" }));
		const merged = loadKubeconfig([join(folder, "missing"), first, second, third], false);
		expect(selectContext(merged, flags())).toMatchObject({
			namespace: "only-in-second",
			cluster: { server: "https://one:6443" },
		});
		expect(selectContext(merged, flags("--context x")).namespace).toBe("first");
	});

	it("resolves paths from the folder of the file they stand in", () => {
		const inner = join(folder, "inner");
		mkdirSync(inner, { recursive: true });
		const path = join(inner, "config");
		const user = { tokenFile: "token", "client-key": "/abs/key", exec: { command: "./bin/login" } };
		writeFileSync(path, JSON.stringify(config({ cluster: { "certificate-authority": "ca.crt" }, user })));
		const context = selectContext(loadKubeconfig([path], true), flags());
		expect(context.cluster["certificate-authority"]).toBe(join(inner, "ca.crt"));
		expect(context.user).toMatchObject({
			tokenFile: join(inner, "token"),
			"client-key": "/abs/key",
			exec: { command: join(inner, "bin/login") },
		});
	});

	it("looks for an exec command without a slash on PATH", () => {
		const context = selectContext(
			loadKubeconfig([file(config({ user: { exec: { command: "login" } } }))], true),
			flags(),
		);
		expect(context.user.exec?.command).toBe("login");
	});

	it("bears a broken entry that is not in use", () => {
		const content = config({}) as { clusters: object[]; contexts: object[] };
		content.clusters.push({ name: "broken", cluster: { server: 7 } });
		content.contexts.push({ name: "broken", context: { cluster: "broken", user: "nobody" } });
		const kubeconfig = loadKubeconfig([file(content)], true);
		expect(selectContext(kubeconfig, flags("--context x")).cluster.server).toBe("https://one:6443");
		expect(() => selectContext(kubeconfig, flags("--context broken"))).toThrow('kubeconfig cluster "broken": server:');
	});

	it("says in one line what is wrong", () => {
		const missing = join(folder, "missing");
		expect(() => loadKubeconfig([missing], true)).toThrow(`error: stat ${missing}: no such file or directory`);
		expect(() => loadKubeconfig([file("a: [")], true)).toThrow(/^error: error loading config file ".*": yaml: [^\n]+$/);
		expect(() => loadKubeconfig([file("- 1")], true)).toThrow(/^error: error loading config file "[^\n]+$/);
		expect(() => loadKubeconfig([folder], false)).toThrow(/read .*: is a directory$/);
		const kubeconfig = loadKubeconfig([file(config({}))], true);
		expect(() => selectContext(kubeconfig, flags("--context z"))).toThrow(
			'error: context "z" does not exist; there are: x',
		);
		expect(() => selectContext(kubeconfig, flags("--cluster z"))).toThrow('error: cluster "z" does not exist');
		expect(() => selectContext(kubeconfig, flags("--user z"))).toThrow('error: auth info "z" does not exist');
	});
});

describe("selectContext", () => {
	const cluster = { "certificate-authority-data": "eA==", "tls-server-name": "kubernetes" };
	const kubeconfig = loadKubeconfig([file(config({ cluster, user: { "client-key-data": "eA==" } }))], true);

	it("lays flags over the kubeconfig, and drops what contradicts them", () => {
		const { cluster: other } = selectContext(kubeconfig, flags("-s https://other --insecure-skip-tls-verify"));
		expect(other).toMatchObject({ server: "https://other", "insecure-skip-tls-verify": true });
		expect(other["certificate-authority-data"]).toBeUndefined();
		expect(other["tls-server-name"]).toBeUndefined();
		const { user } = selectContext(kubeconfig, flags("--client-key k --token t"));
		expect(user).toMatchObject({ "client-key": "k", "client-key-data": undefined, token: "t" });
	});

	it("says which name leads nowhere, as kubectl does not", () => {
		const dangling = loadKubeconfig(
			[file({ contexts: [{ name: "x", context: { cluster: "c", user: "u" } }], "current-context": "x" })],
			true,
		);
		expect(selectContext(dangling, flags()).warnings).toEqual([
			'warning: kubeconfig: cluster "c" does not exist',
			'warning: kubeconfig: user "u" does not exist; the request goes without credentials',
		]);
	});
});

describe("connectionTo", () => {
	function contextWith(user: object, cluster: object = {}, line = "") {
		return selectContext(loadKubeconfig([file(config({ user, cluster }))], true), flags(line));
	}

	it("sends the token of tokenFile, and it wins over token", async () => {
		const tokenFile = file("from-file\n");
		expect((await headersOf(contextWith({ tokenFile, token: "inline" })))["Authorization"]).toBe("Bearer from-file");
	});

	it("never goes anonymous when tokenFile cannot be read", async () => {
		const context = contextWith({ tokenFile: join(folder, "missing") });
		await expect(headersOf(context)).rejects.toThrow(/open .*missing: no such file or directory/);
	});

	it("sends basic credentials", async () => {
		const headers = await headersOf(contextWith({ username: "a", password: "b" }));
		expect(headers["Authorization"]).toBe(`Basic ${Buffer.from("a:b").toString("base64")}`);
	});

	it("sends no credentials over plain HTTP, where everybody could read them", async () => {
		const headers = await headersOf(contextWith({ token: "t", as: "jane" }, { server: "http://one" }));
		expect(headers).toEqual({ "Impersonate-User": "jane" });
	});

	it("impersonates as the kubeconfig says, with groups, uid and extras", async () => {
		const user = { as: "jane", "as-groups": ["dev", "ops"], "as-uid": "7", "as-user-extra": { "A/b": ["1"] } };
		expect(await headersOf(contextWith(user))).toMatchObject({
			"Impersonate-User": "jane",
			"Impersonate-Group": ["dev", "ops"],
			"Impersonate-Uid": "7",
			"Impersonate-Extra-a%2Fb": ["1"],
		});
	});

	it("lets each impersonation flag replace its field of the kubeconfig, as kubectl does", async () => {
		const user = { as: "jane", "as-groups": ["admins"] };
		expect(await headersOf(contextWith(user, {}, "--as joe"))).toMatchObject({
			"Impersonate-User": "joe",
			"Impersonate-Group": ["admins"],
		});
		expect(() => connectionTo(contextWith({}, {}, "--as-group g"), {})).toThrow("without impersonating a user");
	});

	it.each([
		[
			{ "proxy-url": "ftp://p:9" },
			`invalid 'proxy-url' "ftp://p:9" for cluster "c": unsupported scheme "ftp", must be `,
		],
		[
			{ "proxy-url": "http" },
			`invalid 'proxy-url' "http" for cluster "c": unsupported scheme "", must be http, https, or`,
		],
		[{ "proxy-url": "p:9" }, `invalid 'proxy-url' "p:9" for cluster "c": could not parse: p:9`],
		[{ "proxy-url": ":" }, `invalid 'proxy-url' ":" for cluster "c": could not parse: :`],
		[
			{ "insecure-skip-tls-verify": true, "certificate-authority-data": "eA==" },
			"specifying a root certificates file with the insecure flag is not allowed",
		],
		[{ "certificate-authority-data": "!" }, 'kubeconfig cluster "c": certificate-authority-data: illegal base64 data'],
	])("refuses %j in kubectl's words", (cluster, problem) => {
		expect(() => connectionTo(contextWith({}, cluster), {})).toThrow(problem);
	});

	it("refuses certificates that are none", async () => {
		const garbage = { "client-certificate-data": "eA==", "client-key-data": "eA==" };
		await expect(headersOf(contextWith(garbage))).rejects.toThrow(
			"tls: failed to find any PEM data in certificate input",
		);
		const roots = contextWith({}, { "certificate-authority-data": "eA==" });
		await expect(headersOf(roots)).rejects.toThrow(
			"unable to load root certificates: unable to parse bytes as PEM block",
		);
	});

	const EXEC = { apiVersion: "client.authentication.k8s.io/v1", interactiveMode: "Never" };

	it("gets a token from a credential plugin, and tells it what it needs", async () => {
		const script = [
			'const { spec, apiVersion } = JSON.parse(process.env.KUBERNETES_EXEC_INFO ?? "{}");',
			'if (spec.interactive || spec.cluster.server !== "https://one:6443/") throw new Error("wrong");',
			'console.log(JSON.stringify({ apiVersion, kind: "ExecCredential", status: { token: "from-" + process.env.WHO } }));',
		].join("\n");
		const env = [{ name: "WHO", value: "plugin" }];
		const exec = { ...EXEC, command: process.execPath, args: ["-e", script], env, provideClusterInfo: true };
		expect((await headersOf(contextWith({ exec })))["Authorization"]).toBe("Bearer from-plugin");
	});

	it.each([
		[
			{ command: "no-such-login", installHint: "Install it\nwith brew." },
			/executable no-such-login not found\n\n[^]*\n\nInstall it\nwith brew\.$/,
		],
		[{ command: "false" }, /exec: executable false failed with exit code 1/],
		[{ command: "true" }, /printed no ExecCredential/],
		[{ command: "echo", args: ["{}"] }, /API version client\S+v1, plugin returned version undefined/],
		[{ command: "true", interactiveMode: "Always" }, /standard input is not a terminal/],
	])("says which credential plugin failed, and how: %j", async (exec, message) => {
		await expect(headersOf(contextWith({ exec: { ...EXEC, ...exec } }))).rejects.toThrow(message);
	});

	it.each([
		[{ exec: { command: "x", apiVersion: EXEC.apiVersion } }, "interactiveMode must be specified for u"],
		[{ exec: { ...EXEC, command: "x", apiVersion: "" } }, "apiVersion must be specified for u"],
		[{ token: "t", username: "a" }, "more than one authentication method found for u; found [token basicAuth]"],
		[
			{ "auth-provider": { name: "oidc" } },
			"the auth-provider oidc of u is not supported; use an exec plugin such as kubelogin",
		],
		[{ "client-certificate-data": "eA==" }, "client-key-data or client-key must be specified for u"],
		[{ "as-groups": ["g"] }, "requesting uid, groups or user-extra for u without impersonating a user"],
	])("refuses %j before anybody is asked", (user, message) => {
		expect(() => connectionTo(contextWith(user), {})).toThrow(`error: ${message}`);
	});

	it("refuses a server that is no URL", () => {
		expect(() => connectionTo(contextWith({}, { server: "ftp://x" }), {})).toThrow(
			'cluster server "ftp://x" is not an http or https URL',
		);
	});
});
