import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { issueAuthority, issueLeaf } from "../../certs/issue.ts";
import { MlflowClient, type MlflowClientOptions } from "../../src/adapters/mlflow/client.ts";
import { type Mlflow, startMlflow } from "../cluster/mlflow.ts";

const WRONG = "open sesame";
const dir = mkdtempSync(join(tmpdir(), "mlflow-tls-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function file(name: string, content: string): string {
	const path = join(dir, name);
	writeFileSync(path, content, { mode: 0o600 });
	return path;
}

describe("a real MLflow server with TLS and basic authentication", () => {
	let mlflow: Mlflow;
	let authority: string;
	let stranger: string;
	let passwordFile: string;

	beforeAll(async () => {
		const validity = { now: Date.now(), seconds: 3600 };
		const issued = await issueAuthority(validity);
		const leaf = await issueLeaf(issued, ["localhost"], validity);
		authority = issued.certificate;
		stranger = (await issueAuthority(validity)).certificate;
		const tls = {
			certificateFile: file("leaf.pem", leaf.certificate),
			keyFile: file("leaf.key", leaf.key),
			caFile: file("ca.pem", authority),
		};
		mlflow = await startMlflow({ auth: "basic", tls });
		// As a Secret is mounted, and often made: with a newline.
		passwordFile = file("password", `${mlflow.credentials.password}\n`);
	});
	afterAll(() => mlflow?.stop());

	function open(options: Partial<MlflowClientOptions> = {}): MlflowClient {
		const { url: trackingUri, credentials } = mlflow;
		const { username } = credentials;
		return new MlflowClient({
			trackingUri,
			timeout: 20,
			caFile: file("ca.pem", authority),
			username,
			passwordFile,
			...options,
		});
	}

	async function failureOf(client: MlflowClient): Promise<string> {
		const message = await client.experimentByName("Default").then(
			() => "it answered",
			(error: Error) => error.message,
		);
		await client.close();
		return message;
	}

	test("answers whom it knows, by a private authority and a password from a file", async () => {
		const client = open();
		expect(await client.experimentByName("Default")).toMatchObject({ id: "0" });
		await client.close();
	});

	test("answers without a known authority where any certificate will do", async () => {
		const client = open({ caFile: undefined, insecureTls: true });
		expect(await client.experimentByName("Default")).toMatchObject({ id: "0" });
		await client.close();
	});

	test("is not trusted without its authority, with another one, and under another name", async () => {
		const other = { trackingUri: mlflow.url.replace("localhost", "127.0.0.1") };
		for (const options of [{ caFile: undefined }, { caFile: file("stranger.pem", stranger) }, other]) {
			expect(await failureOf(open(options))).toMatch(
				/^the certificate of MLflow at https:.* is not trusted \([A-Z_]+\); check mlflow\.caFile, and the name in mlflow\.trackingUri$/,
			);
		}
	});

	test("is trusted as soon as the file holds its authority", async () => {
		const caFile = file("rotating.pem", stranger);
		const client = open({ caFile });
		await expect(client.experimentByName("Default")).rejects.toThrow("is not trusted");
		file("rotating.pem", authority);
		expect(await client.experimentByName("Default")).toMatchObject({ id: "0" });
		await client.close();
	});

	test("refuses others, and no message holds what they sent", async () => {
		const token = file("token", WRONG.replace(" ", "-"));
		const cases = [
			{ passwordFile: file("wrong", WRONG) },
			{ username: undefined, passwordFile: undefined },
			{ username: undefined, passwordFile: undefined, tokenFile: token },
		];
		for (const options of cases) {
			const message = await failureOf(open(options));
			expect(message).toMatch(/refused the credentials \(status 401\); set MLFLOW_TRACKING_USERNAME and/);
			expect(message).not.toContain("sesame");
		}
	});

	test("a file that is missing or no certificate is named", async () => {
		expect(await failureOf(open({ caFile: join(dir, "none.pem") }))).toBe(
			`mlflow.caFile ${join(dir, "none.pem")} cannot be read (ENOENT)`,
		);
		expect(await failureOf(open({ passwordFile: join(dir, "none") }))).toBe(
			`mlflow.passwordFile ${join(dir, "none")} cannot be read (ENOENT)`,
		);
		expect(await failureOf(open({ caFile: file("text.pem", "no certificate") }))).toMatch(
			/is not trusted|cannot be reached/,
		);
	});

	test("plain HTTP to it is no answer", async () => {
		const message = await failureOf(open({ trackingUri: mlflow.url.replace("https", "http") }));
		expect(message).toMatch(/^MLflow at http:.* cannot be reached \(.*\); check mlflow\.trackingUri/);
	});
});
