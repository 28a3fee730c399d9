const MULTIPLIERS: Readonly<Record<string, number>> = {
	"": 1,
	n: 1e-9,
	u: 1e-6,
	m: 1e-3,
	k: 1e3,
	M: 1e6,
	G: 1e9,
	T: 1e12,
	P: 1e15,
	E: 1e18,
	Ki: 2 ** 10,
	Mi: 2 ** 20,
	Gi: 2 ** 30,
	Ti: 2 ** 40,
	Pi: 2 ** 50,
	Ei: 2 ** 60,
};
const QUANTITY = /^([+-]?(?:\d+(?:\.\d*)?|\.\d+))(?:([eE][+-]?\d+)|([numkMGTPE]|[KMGTPE]i)?)$/;

/** The number that a Kubernetes Quantity stands for (`200m` is 0.2, `1Gi` 2^30); `undefined` when it is none. */
export function parseQuantity(text: string | number): number | undefined {
	if (typeof text === "number") return Number.isFinite(text) ? text : undefined;
	const match = QUANTITY.exec(text);
	if (!match) return undefined;
	const [, digits = "", exponent = "", suffix = ""] = match;
	const multiplier = MULTIPLIERS[suffix] ?? Number.NaN;
	// Dividing by an exact power of ten keeps `200m` at 0.2, where multiplying by 0.001 would not.
	const base = Number(digits + exponent);
	const value = multiplier < 1 ? base / Math.round(1 / multiplier) : base * multiplier;
	return Number.isFinite(value) ? value : undefined;
}

const STEPS: readonly (readonly [string, number])[] = [
	["", 1],
	["m", 1e3],
	["u", 1e6],
	["n", 1e9],
];

/** A finite number as a Kubernetes Quantity, to nine decimal places: 0.2 is `200m`, 1.5 is `1500m`. */
export function formatQuantity(value: number): string {
	for (const [suffix, scale] of STEPS) {
		const scaled = Number((value * scale).toPrecision(15));
		if (Number.isSafeInteger(scaled)) return `${scaled}${suffix}`;
	}
	return Math.abs(value) < 1 ? `${Math.round(value * 1e9)}n` : String(value);
}
