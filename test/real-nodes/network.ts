import { readFile } from "node:fs/promises";
import { networkInterfaces } from "node:os";

/** Addresses of one cluster: a /16 of its own, in which the host, the servers, machines and pods reach each other. */
export interface Network {
	/** Its first two numbers, "10.143". */
	readonly prefix: string;
	/** The host's interface. */
	readonly link: string;
	readonly host: string;
	readonly servers: string;
}

/** Of the Service "kubernetes"; the first of the service range. */
export const SERVICE_ADDRESS = "10.96.0.1";

const CANDIDATES = { first: 128, count: 96 };

/**
 * A network that no interface and no route of the host has. Two processes may still choose the same: then one of them
 * cannot make its link.
 */
export async function chooseNetwork(random: () => number = Math.random): Promise<Network> {
	const taken = takenNumbers(
		Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({ address }) => address)),
		await readFile("/proc/net/route", "utf8"),
	);
	const start = Math.floor(random() * CANDIDATES.count);
	for (let step = 0; step < CANDIDATES.count; step += 1) {
		const second = CANDIDATES.first + ((start + step) % CANDIDATES.count);
		if (!taken.has(second)) return networkOf(second);
	}
	throw new Error("no free network among 10.128.0.0/16 ... 10.223.0.0/16: stop other clusters");
}

/** Second numbers of 10.x networks that addresses and routes (/proc/net/route) of the host name. */
export function takenNumbers(addresses: readonly string[], routes: string): ReadonlySet<number> {
	const ofAddresses = addresses.filter((address) => address.startsWith("10.")).map((address) => address.split(".")[1]);
	// Destinations are hexadecimal, the first number last.
	const ofRoutes = routes
		.split("\n")
		.map((line) => /^\S+\t[\dA-F]{4}([\dA-F]{2})0A\t/.exec(line)?.[1])
		.filter((second) => second !== undefined);
	return new Set([...ofAddresses.map(Number), ...ofRoutes.map((second) => Number.parseInt(second, 16))]);
}

function networkOf(second: number): Network {
	const prefix = `10.${second}`;
	return { prefix, link: `qos-${second}`, host: `${prefix}.0.1`, servers: `${prefix}.0.2` };
}

/** Address of a machine; the first machine is 1. */
export function machineAddress({ prefix }: Network, number: number): string {
	return `${prefix}.0.${10 + number}`;
}

/** What a machine's pods get their addresses from. */
export function podRange({ prefix }: Network, number: number): string {
	return `${prefix}.${number}.0/24`;
}
