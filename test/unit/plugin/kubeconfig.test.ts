import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { connectionTo } from "../../../cmd/kubectl-qos/client/connection.ts";
import { kubeconfigFiles, loadKubeconfig, selectContext } from "../../../cmd/kubectl-qos/client/kubeconfig.ts";

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

const NOBODY = { user: undefined, groups: [], uid: undefined };

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
		expect(selectContext(merged, undefined)).toMatchObject({
			namespace: "only-in-second",
			cluster: { server: "https://one:6443" },
		});
		expect(selectContext(merged, "x").namespace).toBe("first");
	});

	it("resolves paths from the folder of the file they stand in", () => {
		const inner = join(folder, "inner");
		mkdirSync(inner, { recursive: true });
		const path = join(inner, "config");
		const user = { tokenFile: "token", "client-key": "/abs/key", exec: { command: "./bin/login" } };
		writeFileSync(path, JSON.stringify(config({ cluster: { "certificate-authority": "ca.crt" }, user })));
		const context = selectContext(loadKubeconfig([path], true), undefined);
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
			undefined,
		);
		expect(context.user.exec?.command).toBe("login");
	});

	it("bears a broken entry that is not in use", () => {
		const content = config({}) as { clusters: object[]; contexts: object[] };
		content.clusters.push({ name: "broken", cluster: { server: 7 } });
		content.contexts.push({ name: "broken", context: { cluster: "broken", user: "nobody" } });
		const kubeconfig = loadKubeconfig([file(content)], true);
		expect(selectContext(kubeconfig, "x").cluster.server).toBe("https://one:6443");
		expect(() => selectContext(kubeconfig, "broken")).toThrow('context "broken": user "nobody" does not exist');
	});

	it("says in one line what is wrong", () => {
		const missing = join(folder, "missing");
		expect(() => loadKubeconfig([missing], true)).toThrow(`error: stat ${missing}: no such file or directory`);
		expect(() => loadKubeconfig([file("a: [")], true)).toThrow(/^error: error loading config file ".*": yaml: [^\n]+$/);
		expect(() => loadKubeconfig([file("- 1")], true)).toThrow(/^error: error loading config file "[^\n]+$/);
		expect(() => loadKubeconfig([folder], false)).toThrow(/it cannot be read \(EISDIR\)/);
		const kubeconfig = loadKubeconfig([file(config({}))], true);
		expect(() => selectContext(kubeconfig, "z")).toThrow('error: context "z" does not exist; there are: x');
		expect(() => selectContext(loadKubeconfig([], false), undefined)).toThrow(/^error: no current context in/);
	});
});

describe("connectionTo", () => {
	function contextWith(user: object, cluster: object = {}) {
		return selectContext(loadKubeconfig([file(config({ user, cluster }))], true), undefined);
	}

	it("sends the token of tokenFile, and it wins over token", async () => {
		const tokenFile = file("from-file\n");
		const { headers } = await connectionTo(contextWith({ tokenFile, token: "inline" }), NOBODY);
		expect(headers["Authorization"]).toBe("Bearer from-file");
	});

	it("never goes anonymous when tokenFile cannot be read", async () => {
		const context = contextWith({ tokenFile: join(folder, "missing") });
		await expect(connectionTo(context, NOBODY)).rejects.toThrow(/tokenFile .*missing cannot be read \(ENOENT\)/);
	});

	it("sends basic credentials", async () => {
		const { headers } = await connectionTo(contextWith({ username: "a", password: "b" }), NOBODY);
		expect(headers["Authorization"]).toBe(`Basic ${Buffer.from("a:b").toString("base64")}`);
	});

	it("impersonates as the kubeconfig says, with groups, uid and extras", async () => {
		const user = { as: "jane", "as-groups": ["dev", "ops"], "as-uid": "7", "as-user-extra": { "a/b": ["1"] } };
		const { headers } = await connectionTo(contextWith(user), NOBODY);
		expect(headers).toMatchObject({
			"Impersonate-User": "jane",
			"Impersonate-Group": ["dev", "ops"],
			"Impersonate-Uid": "7",
			"Impersonate-Extra-a%2Fb": ["1"],
		});
	});

	it("lets the flags replace the kubeconfig's impersonation as a whole", async () => {
		const user = { as: "jane", "as-groups": ["admins"] };
		const { headers } = await connectionTo(contextWith(user), { user: "joe", groups: [], uid: undefined });
		expect(headers["Impersonate-User"]).toBe("joe");
		expect(headers["Impersonate-Group"]).toBeUndefined();
		const groupOnly = connectionTo(contextWith({}), { user: undefined, groups: ["g"], uid: undefined });
		await expect(groupOnly).rejects.toThrow("without impersonating a user");
	});

	it("gets a token from a credential plugin, and tells it what it needs", async () => {
		const script = [
			'const { spec } = JSON.parse(process.env.KUBERNETES_EXEC_INFO ?? "{}");',
			'if (spec === undefined) throw new Error("no KUBERNETES_EXEC_INFO");',
			'console.log(JSON.stringify({ status: { token: "from-" + process.env.WHO } }));',
		].join("\n");
		const exec = { command: process.execPath, args: ["-e", script], env: [{ name: "WHO", value: "plugin" }] };
		const { headers } = await connectionTo(contextWith({ exec }), NOBODY);
		expect(headers["Authorization"]).toBe("Bearer from-plugin");
	});

	it("says in one line which credential plugin failed, and how to get it", async () => {
		const exec = { command: "no-such-login", installHint: "Install it\nwith brew." };
		await expect(connectionTo(contextWith({ exec }), NOBODY)).rejects.toThrow(
			/^error: getting credentials: exec: no-such-login: .*ENOENT.*; Install it with brew\.$/,
		);
	});

	it("refuses a server that is no URL", async () => {
		await expect(connectionTo(contextWith({}, { server: "ftp://x" }), NOBODY)).rejects.toThrow(
			'cluster server "ftp://x" is not an http or https URL',
		);
	});
});
