import { expect, test } from "vitest";
import { machineAddress, type Network, podRange, takenNumbers } from "../../real-nodes/network.ts";

test("networks that the host has are taken: its addresses, and destinations of its routes", () => {
	const routes = [
		"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT",
		"eth0\t00000000\t0102A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0",
		"qos-181\t0000B50A\t0200B50A\t0003\t0\t0\t0\t0000FFFF\t0\t0\t0",
		"eth0\t0002A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0",
	];
	const taken = takenNumbers(["127.0.0.1", "192.168.2.7", "10.130.4.4", "fe80::1"], routes.join("\n"));
	expect(taken).toEqual(new Set([130, 181]));
});

test("machines and their pods share no address", () => {
	const network: Network = { prefix: "10.150", link: "qos-150", host: "10.150.0.1", servers: "10.150.0.2" };
	expect(machineAddress(network, 1)).toBe("10.150.0.11");
	expect(machineAddress(network, 99)).toBe("10.150.0.109");
	expect(podRange(network, 99)).toBe("10.150.99.0/24");
});
