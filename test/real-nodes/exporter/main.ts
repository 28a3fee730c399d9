/**
 * Stands in for node_exporter on machines that share one computer: `/MACHINE` is the page of that machine.
 * Usage: main.ts ADDRESS PORT MACHINES, the last as JSON.
 */
import { createServer } from "node:http";
import { addIdle, type Idle, page } from "./page.ts";
import { type MachineSource, readMachine } from "./readings.ts";

const [, , address = "", port = "", json = "[]"] = process.argv;
const sources: readonly MachineSource[] = JSON.parse(json);
const machines = new Map(sources.map((source) => [`/${source.name}`, source]));
const idles = new Map<string, Idle>();

createServer((request, response) => {
	const source = machines.get(request.url ?? "");
	if (source === undefined) {
		response.writeHead(404).end();
		return;
	}
	try {
		const readings = readMachine(source);
		const idle = addIdle(idles.get(source.name), readings, Date.now());
		idles.set(source.name, idle);
		response.setHeader("content-type", "text/plain; version=0.0.4").end(page(source, readings, idle));
	} catch (error) {
		// Switched off.
		response.writeHead(503).end(`${String(error)}\n`);
	}
}).listen(Number(port), address);
