import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { PrometheusClient } from "../../../src/adapters/prometheus/client.ts";

const servers: http.Server[] = [];
afterEach(() => {
	for (const server of servers.splice(0)) server.close();
});

/** A server whose clock is ahead of ours by so much (ms); absent: it does not tell the time. */
async function ask(ahead: number | undefined): Promise<unknown> {
	const server = http.createServer((_, response) => {
		response.sendDate = false;
		if (ahead !== undefined) response.setHeader("date", new Date(Date.now() + ahead).toUTCString());
		response.end('{"status":"success","data":{"resultType":"matrix","result":[]}}');
	});
	servers.push(server);
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	const { port } = server.address() as AddressInfo;
	const client = new PrometheusClient({ url: `http://127.0.0.1:${port}`, timeout: 5 });
	return client.queryRange({ query: "up", start: 0, end: 1000, stepSeconds: 1 });
}

describe("a Prometheus with another clock", () => {
	it.each([
		[3_600_000, /ahead of this one by (60|59)m/],
		[-3_600_000, /behind this one by (60|61)m/],
	])("%d ms ahead is told of, instead of values of unknown age", async (ahead, words) => {
		await expect(ask(ahead)).rejects.toThrow(words);
	});

	it("is believed where the clocks differ a little, or where it does not tell the time", async () => {
		await expect(ask(30_000)).resolves.toEqual([]);
		await expect(ask(undefined)).resolves.toEqual([]);
	});
});
