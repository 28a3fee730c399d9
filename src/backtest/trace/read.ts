import type { Layout } from "./layout.ts";
import type { Lines } from "./lines.ts";
import { RowReader } from "./rows.ts";
import { type Tick, TickAssembler } from "./ticks.ts";
import { UnitWatch } from "./units.ts";

export interface ReadTrace {
	readonly layout: Layout;
	/** All ticks, read as they are asked for. @throws TraceError */
	readonly ticks: AsyncGenerator<Tick>;
}

/** Reads a trace as far as its first tick, so that its layout is known. @throws TraceError */
export async function readTrace(
	lines: AsyncIterable<Lines>,
	options: { readonly trustUnits: boolean },
): Promise<ReadTrace> {
	const rows = new RowReader();
	const ticks = ticksOf(lines, rows, options);
	const first = await ticks.next();
	async function* all() {
		if (!first.done) yield first.value;
		yield* ticks;
	}
	return { layout: rows.layout as Layout, ticks: all() };
}

async function* ticksOf(
	source: AsyncIterable<Lines>,
	rows: RowReader,
	{ trustUnits }: { readonly trustUnits: boolean },
): AsyncGenerator<Tick> {
	const assembler = new TickAssembler();
	const units = new UnitWatch();
	for await (const lines of source) {
		for (const row of rows.read(lines)) {
			const layout = rows.layout as Layout;
			const tick = assembler.add(row, layout);
			if (!trustUnits) units.see(row, layout);
			if (tick) yield tick;
		}
	}
	rows.end();
	units.end();
	const last = assembler.end(rows.layout as Layout);
	if (last) yield last;
}
