import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { MlflowClient, type MlflowClientOptions } from "../../src/adapters/mlflow/client.ts";
import { freePorts } from "../cluster/ports.ts";
import { cacheFolder, openRegistry, selectorOf } from "./mlflow-registry-world.ts";
import { failureOf } from "./mlflow-support.ts";

/** What no real MLflow does: answers of other services, and of servers that are broken. */

const closing: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0)) await close();
});

async function serve(answer: http.RequestListener): Promise<string> {
	const server = http.createServer(answer);
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	closing.push(() => {
		server.closeAllConnections();
		server.close();
	});
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function clientOf(trackingUri: string, options: Partial<MlflowClientOptions> = {}): MlflowClient {
	const client = new MlflowClient({ trackingUri, timeout: 5, ...options });
	closing.push(() => client.close());
	return client;
}

async function drain(chunks: AsyncIterable<Uint8Array>): Promise<void> {
	for await (const _chunk of chunks);
}

const CALL = "GET /api/2.0/mlflow/model-versions/get";

test("a page instead of JSON", async () => {
	const url = await serve((_request, response) => {
		response.setHeader("content-type", "text/html").end("<html>Welcome</html>");
	});
	expect(await failureOf(clientOf(url).getModelVersion("m", "1"))).toBe(
		`MLflow at ${url} (${CALL}) answered 200 with text/html instead of JSON; mlflow.trackingUri must name an MLflow server, without a path unless it is served under one`,
	);
});

test("a redirect to a page for logging in is not followed, and what it holds is not shown", async () => {
	let calls = 0;
	const url = await serve((_request, response) => {
		calls++;
		response.writeHead(302, { location: "/login?token=hunter22", "content-type": "text/html" }).end("<a>hunter22</a>");
	});
	const message = await failureOf(clientOf(url.replace("//", "//reader:hunter22@")).getModelVersion("m", "1"));
	expect(message).toBe(
		`MLflow at ${url} (${CALL}) answered 302 with text/html instead of JSON; it sends on to another page, a login for one, which is not followed; name the address behind it in mlflow.trackingUri, and credentials`,
	);
	expect(calls).toBe(1);
});

test("an error of a gateway, in JSON of its own", async () => {
	const url = await serve((request, response) => {
		response.writeHead(400, { "content-type": "application/json" });
		response.end(JSON.stringify({ detail: `no route for ${request.headers.authorization}` }));
	});
	expect(await failureOf(clientOf(url, { token: "hunter22" }).getModelVersion("m", "1"))).toBe(
		`MLflow at ${url} (${CALL}) answered 400 with JSON that is not MLflow's ({"detail":"no route for Bearer ***"}); mlflow.trackingUri must name an MLflow server, without a path unless it is served under one`,
	);
});

test("too many calls: tried again, and told as such", async () => {
	const kinds = [
		[
			"text/html",
			"<html>slow down</html>",
			/answered 429 with text\/html instead of JSON; a proxy before MLflow takes no more/,
		],
		[
			"application/json",
			'{"error_code":"REQUEST_LIMIT_EXCEEDED","message":"x"}',
			/answered 429 REQUEST_LIMIT_EXCEEDED/,
		],
	] as const;
	for (const [type, body, line] of kinds) {
		const url = await serve((_request, response) => {
			response.writeHead(429, { "content-type": type }).end(body);
		});
		const answer = clientOf(url).getModelVersion("m", "1");
		await expect(answer).rejects.toMatchObject({ failure: "ServerError", message: expect.stringMatching(line) });
	}
});

test.each<[string, Partial<MlflowClientOptions>]>([
	["a token", { token: "hunter22" }],
	["a password", { username: "reader", password: "hunter22" }],
])("%s that a server repeats in its error is not shown", async (_what, options) => {
	const url = await serve((request, response) => {
		const message = `${request.headers.authorization} (hunter22) may not`;
		response.writeHead(400, { "content-type": "application/json" });
		response.end(JSON.stringify({ error_code: "hunter22", message }));
	});
	const message = await failureOf(clientOf(url, options).getModelVersion("m", "1"));
	expect(message).toMatch(/answered 400 \*\*\* \((Basic|Bearer) \*\*\* \(\*\*\*\) may not\)$/);
});

test("a percent sign in the address's password that encodes nothing stands for itself", async () => {
	const seen: (string | undefined)[] = [];
	const url = await serve((request, response) => {
		seen.push(request.headers.authorization);
		response.end('{"experiment":{"experiment_id":"7","name":"e"}}');
	});
	await clientOf(url.replace("//", "//reader:100%@")).experimentByName("e");
	expect(seen).toEqual([`Basic ${Buffer.from("reader:100%").toString("base64")}`]);
});

test("JSON of another service", async () => {
	const url = await serve((_request, response) => response.end('{"hello":"world"}'));
	expect(await failureOf(clientOf(url).getModelVersion("m", "1"))).toMatch(
		/^the answer of MLflow at .* is not one of MLflow \(model_version: .*\); check mlflow.trackingUri$/,
	);
});

test("nobody listens", async () => {
	const [port] = await freePorts(1);
	const url = `http://127.0.0.1:${port}`;
	expect(await failureOf(clientOf(url).getModelVersion("m", "1"))).toBe(
		`MLflow at ${url} (${CALL}) cannot be reached (ECONNREFUSED); check mlflow.trackingUri and that MLflow runs`,
	);
});

test("what is idempotent is tried three times at a 503, the rest once", async () => {
	let calls = 0;
	const url = await serve((_request, response) => {
		calls++;
		response.writeHead(503, { "content-type": "text/plain" }).end("starting");
	});
	const client = clientOf(url);
	expect(await failureOf(client.getModelVersion("m", "1"))).toMatch(/answered 503 with text\/plain/);
	expect(calls).toBe(3);
	expect(await failureOf(client.createRun({ experimentId: "1", startTime: 1 }))).toMatch(/answered 503/);
	expect(calls).toBe(4);
});

test("a server that recovers is not noticed", async () => {
	let calls = 0;
	const url = await serve((_request, response) => {
		calls++;
		if (calls === 1) response.destroy();
		else if (calls === 2) response.writeHead(500).end();
		else response.end('{"experiment":{"experiment_id":"7","name":"predictor"}}');
	});
	const experiment = await clientOf(url).experimentByName("predictor");
	expect(experiment).toEqual({ id: "7", name: "predictor", deleted: false });
});

test("a slow server is given up on at the timeout, retries included", async () => {
	const url = await serve(() => undefined);
	const start = performance.now();
	const message = await failureOf(clientOf(url, { timeout: 0.3 }).getModelVersion("m", "1"));
	expect(message).toBe(
		`MLflow at ${url} (${CALL}) gave no answer within 0.3 s; raise mlflow.timeout or relieve the server`,
	);
	expect(performance.now() - start).toBeLessThan(2000);
});

test("an answer that stops half way", async () => {
	const url = await serve((_request, response) => {
		response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
		response.write('{"model_version":');
		setTimeout(() => response.destroy(), 20);
	});
	expect(await failureOf(clientOf(url).getModelVersion("m", "1"))).toMatch(/cannot be reached \(connection closed\)/);
});

test("a large artifact is refused by its announced size, else as soon as it gets too large", async () => {
	let sent = 0;
	const url = await serve((request, response) => {
		if (request.url?.endsWith("/announced")) {
			response.setHeader("content-length", String(500 * 2 ** 20));
			response.flushHeaders();
			return;
		}
		const chunk = Buffer.alloc(2 ** 20);
		const feed = () => {
			while (!response.destroyed) {
				sent += chunk.length;
				if (!response.write(chunk)) return void response.once("drain", feed);
			}
		};
		feed();
	});
	for (const path of ["announced", "endless"]) {
		const chunks = clientOf(url).downloadArtifact(`1/${path}`, { maxBytes: 4 * 2 ** 20 });
		const message = await failureOf(drain(chunks));
		expect(message).toBe(
			`the answer of MLflow at ${url} (GET /api/2.0/mlflow-artifacts/artifacts/1/${path}) is larger than 4 MiB`,
		);
	}
	expect(sent).toBeLessThan(32 * 2 ** 20);
});

test("a download that ends early is no artifact", async () => {
	const url = await serve((_request, response) => {
		response.writeHead(200, { "content-length": "1000" });
		response.write("half");
		setTimeout(() => response.destroy(), 20);
	});
	const chunks = clientOf(url).downloadArtifact("1/model.onnx", { maxBytes: 2000 });
	expect(await failureOf(drain(chunks))).toMatch(/cannot be reached \(connection closed\)/);
});

test("a path that climbs out of the artifacts is none", () => {
	const climb = () => clientOf("http://127.0.0.1:9").downloadArtifact("1/model/../../../../secrets", { maxBytes: 1 });
	expect(climb).toThrow("1/model/../../../../secrets is no path of an artifact");
});

test("Basic wins over a token, and a user without a password is none", async () => {
	const seen: (string | undefined)[] = [];
	const url = await serve((request, response) => {
		seen.push(request.headers.authorization);
		response.end('{"experiment":{"experiment_id":"7","name":"e"}}');
	});
	const basic = `Basic ${Buffer.from("reader:secret").toString("base64")}`;
	await clientOf(url, { username: "reader", password: "secret", token: "t" }).experimentByName("e");
	await clientOf(url.replace("//", "//reader:secret@")).experimentByName("e");
	await clientOf(url, { username: "reader", token: "t" }).experimentByName("e");
	await clientOf(url).experimentByName("e");
	expect(seen).toEqual([basic, basic, "Bearer t", undefined]);
});

test("a slow server is asked for a few models at the same time, and one that gives no answer not for every model", async () => {
	let asked = 0;
	let underWay = 0;
	let most = 0;
	const missing = JSON.stringify({ error_code: "RESOURCE_DOES_NOT_EXIST", message: "no such model" });
	const url = await serve((_request, response) => {
		asked += 1;
		underWay += 1;
		most = Math.max(most, underWay);
		setTimeout(() => {
			underWay -= 1;
			response.writeHead(404, { "content-type": "application/json" }).end(missing);
		}, 50);
	});
	const { path, remove } = cacheFolder();
	closing.push(remove);
	const models = Array.from({ length: 20 }, (_, index) => selectorOf(`m${index}`));
	const [model = selectorOf("m"), ...others] = models;
	const slow = await openRegistry({ trackingUri: url, directory: path, model, others });
	closing.push(slow.stop);
	await slow.registry.poll();
	expect({ asked, most, state: slow.state() }).toEqual({ asked: 20, most: 4, state: "NotFound" });

	const silent = await openRegistry({ trackingUri: "http://127.0.0.1:9", directory: path, model, others });
	closing.push(silent.stop);
	await silent.registry.poll();
	expect(silent.failures).toHaveLength(20);
	expect(silent.state()).toBe("Unreachable");
});
