const SAMPLE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;

export interface Sample {
	readonly name: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly value: number;
}

/** The samples of a page in Prometheus' text format. */
export function parseMetrics(text: string): readonly Sample[] {
	return text.split("\n").flatMap((line) => {
		const [, name, labels = "", value] = SAMPLE.exec(line) ?? [];
		if (name === undefined) return [];
		const pairs = [...labels.matchAll(LABEL)].map(([, key = "", text = ""]) => [key, text] as const);
		return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
	});
}

/** Sum over all samples of a name that carry the given labels; 0 when there is none. */
export function sumOf(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number {
	return samples
		.filter((sample) => sample.name === name)
		.filter((sample) => Object.entries(labels).every(([key, value]) => sample.labels[key] === value))
		.reduce((sum, { value }) => sum + value, 0);
}
