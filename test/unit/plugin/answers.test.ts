import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { runPlugin } from "../../../cmd/kubectl-qos/root.ts";
import { recordingTerminal } from "./terminal.ts";

const closing: (() => void)[] = [];
afterAll(() => closing.forEach((close) => close()));

/** What stands where an API server should. */
async function standIn(answer: (response: ServerResponse) => void): Promise<string> {
	const server = createServer((_, response) => answer(response));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	closing.push(() => server.close());
	return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function run(host: string, words: readonly string[]) {
	const { terminal, output } = recordingTerminal({ environment: { KUBECONFIG: "/no/such" } });
	const code = await runPlugin([...words, "-s", `http://${host}`, "--request-timeout", "1s"], terminal);
	return { code, ...output };
}

const LOGIN_PAGE = (response: ServerResponse) => response.end("<html>log in</html>");

describe("what is no API server", () => {
	it.each<readonly [string, (response: ServerResponse) => void, string]>([
		["a login page", LOGIN_PAGE, "error: http://HOST answers, but not as a Kubernetes API server does; check"],
		["a list of nulls", (response) => response.end('{"items":[null]}'), "error: http://HOST answers, but not as"],
		[
			"a proxy that drives terminals",
			(response) => response.writeHead(502).end("<p>\n\u001B[31mbad\u0007 gateway"),
			"Error from server (HTTP 502): <p> [31mbad gateway\n",
		],
		[
			"an answer that breaks off",
			(response) => {
				response.writeHead(200, { "Content-Length": "99" }).write("{");
				setTimeout(() => response.destroy(), 50);
			},
			"Unable to connect to the server: unexpected EOF: HOST closed the connection in the middle of an answer\n",
		],
		[
			"an answer that does not end",
			(response) => void response.writeHead(200).write("{"),
			"Unable to connect to the server: no answer from HOST in time\n",
		],
		[
			"nothing",
			(response) => response.destroy(),
			"Unable to connect to the server: EOF: HOST closed the connection without an answer\n",
		],
	])("%s is an error of one line", async (_, answer, line) => {
		const host = await standIn(answer);
		const { code, stdout, stderr } = await run(host, ["predict", "-n", "shop"]);
		expect([code, stdout, stderr.split("\n").length]).toEqual([1, "", 2]);
		expect(stderr).toContain(line.replaceAll("HOST", host));
	});

	it("is not well for check either", async () => {
		const host = await standIn((response) => response.writeHead(502).end());
		const { code, stdout } = await run(host, ["check"]);
		expect(code).toBe(1);
		expect(stdout).not.toContain("√");
	});
});
