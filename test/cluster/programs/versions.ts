/** Numbers of a dotted version, from text such as "go1.26.8", "v20.1.0" or "1.27rc1"; `undefined` without any. */
export function parseVersion(text: string): readonly number[] | undefined {
	const match = /(\d+(?:\.\d+)*)/.exec(text);
	return match?.[1]?.split(".").map(Number);
}

/** Negative when `left` is older, positive when newer; missing parts count as 0. */
export function compareVersions(left: readonly number[], right: readonly number[]): number {
	for (let part = 0; part < Math.max(left.length, right.length); part += 1) {
		const difference = (left[part] ?? 0) - (right[part] ?? 0);
		if (difference !== 0) return difference;
	}
	return 0;
}

/** The version that the `go` line of a go.mod asks for. */
export function goLine(goMod: string): string {
	const match = /^go (\S+)$/m.exec(goMod);
	if (match?.[1] === undefined) throw new Error("a go.mod without a go line");
	return match[1];
}
