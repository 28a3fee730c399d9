import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { KubeConfigError, loadClusterAccess } from "../../../src/adapters/kubernetes/kubeconfig.ts";

const dir = mkdtempSync(join(tmpdir(), "kubeconfig-"));
let files = 0;

afterAll(() => rmSync(dir, { recursive: true }));

const healthy = {
	"current-context": "x",
	clusters: [{ name: "c", cluster: { server: "https://api:6443/", "certificate-authority": "ca.crt" } }],
	users: [{ name: "u", user: { token: "secret-token" } }],
	contexts: [{ name: "x", context: { cluster: "c", user: "u", namespace: "shop" } }],
};

function file(content: unknown): string {
	files += 1;
	const path = join(dir, `config-${files}`);
	writeFileSync(path, typeof content === "string" ? content : stringify(content));
	return path;
}

function problem(...paths: string[]): string {
	try {
		loadClusterAccess({ files: paths });
		return "none";
	} catch (error) {
		expect(error).toBeInstanceOf(KubeConfigError);
		return error instanceof Error ? error.message : "";
	}
}

describe("loadClusterAccess", () => {
	it("reads server, namespace and credentials", () => {
		const { server, namespace, config } = loadClusterAccess({ files: [file(healthy)] });
		expect(server).toBe("https://api:6443");
		expect(namespace).toBe("shop");
		expect(config.getCurrentUser()?.token).toBe("secret-token");
		expect(config.getCurrentCluster()?.caFile).toBe(join(dir, "ca.crt"));
	});

	it("lets the first of several files win and takes each entry from where it is", () => {
		const first = file({ "current-context": "y", contexts: [{ name: "y", context: { cluster: "c" } }] });
		expect(loadClusterAccess({ files: [first, file(healthy)] })).toMatchObject({
			server: "https://api:6443",
			namespace: "default",
		});
		expect(loadClusterAccess({ files: [first, file(healthy)], context: "x" }).namespace).toBe("shop");
	});

	it("is not disturbed by a broken entry that is not asked for", () => {
		const clusters = [...healthy.clusters, { name: "broken" }, { name: "c", cluster: {} }];
		expect(problem(file({ ...healthy, clusters }))).toBe("none");
	});

	it("reads a token file, which would otherwise make requests anonymous", async () => {
		writeFileSync(join(dir, "token"), "from-file");
		const clusters = [{ name: "c", cluster: { server: "https://api:6443" } }];
		const path = file({ ...healthy, clusters, users: [{ name: "u", user: { tokenFile: "token" } }] });
		const options: { headers?: Record<string, string> } = {};
		await loadClusterAccess({ files: [path] }).config.applyToHTTPSOptions(options);
		expect(options.headers?.["Authorization"]).toBe("Bearer from-file");
	});

	it("keeps every part of an impersonation", () => {
		const user = { as: "jane", "as-groups": ["a", "b"], "as-uid": "7", "as-user-extra": { "a/b": ["c"] } };
		expect(loadClusterAccess({ files: [file({ ...healthy, users: [{ name: "u", user }] })] }).impersonation).toEqual({
			"Impersonate-User": "jane",
			"Impersonate-Group": ["a", "b"],
			"Impersonate-Uid": "7",
			"Impersonate-Extra-a%2Fb": ["c"],
		});
	});

	it.each([
		["", /no current-context; set one or pass --context NAME$/],
		["{", /^kubeconfig \S+ cannot be read: /],
		["just text", /^kubeconfig \S+ cannot be read: not a kubeconfig/],
		[{ ...healthy, "current-context": "z" }, /context "z" is not there$/],
		[{ ...healthy, clusters: [] }, /cluster "c" is not there$/],
		[{ ...healthy, users: null }, /user "u" is not there$/],
		[{ ...healthy, clusters: [{ name: "c", cluster: {} }] }, /cluster "c" is invalid: server: /],
		[{ ...healthy, clusters: [{ name: "c", cluster: { server: "api" } }] }, /server "api" is not a URL$/],
	])("says in one line what is wrong with %j", (content, expected) => {
		const message = problem(file(content));
		expect(message).toMatch(expected);
		expect(message).not.toContain("\n");
		expect(message).not.toContain("secret-token");
	});

	it("names a file that is not there", () => {
		expect(problem(join(dir, "none"))).toMatch(/^kubeconfig \S+none cannot be read: ENOENT/);
	});
});
