/** A live map seen through a layer on top of it; where both have a key, `combine` decides what is seen. */
export class LayeredMap<Key, Value> implements ReadonlyMap<Key, Value> {
	private readonly base: ReadonlyMap<Key, Value>;
	private readonly layer: ReadonlyMap<Key, Value>;
	private readonly combine: (below: Value, above: Value) => Value;

	constructor(
		base: ReadonlyMap<Key, Value>,
		layer: ReadonlyMap<Key, Value>,
		combine: (below: Value, above: Value) => Value,
	) {
		this.base = base;
		this.layer = layer;
		this.combine = combine;
	}

	get size(): number {
		let size = this.base.size;
		for (const key of this.layer.keys()) if (!this.base.has(key)) size += 1;
		return size;
	}

	get(key: Key): Value | undefined {
		const below = this.base.get(key);
		const above = this.layer.get(key);
		return below !== undefined && above !== undefined ? this.combine(below, above) : (above ?? below);
	}

	has(key: Key): boolean {
		return this.layer.has(key) || this.base.has(key);
	}

	*entries(): MapIterator<[Key, Value]> {
		for (const [key, below] of this.base) {
			const above = this.layer.get(key);
			yield [key, above === undefined ? below : this.combine(below, above)];
		}
		for (const entry of this.layer) if (!this.base.has(entry[0])) yield entry;
	}

	*keys(): MapIterator<Key> {
		for (const [key] of this.entries()) yield key;
	}

	*values(): MapIterator<Value> {
		for (const [, value] of this.entries()) yield value;
	}

	forEach(callback: (value: Value, key: Key, map: ReadonlyMap<Key, Value>) => void): void {
		for (const [key, value] of this.entries()) callback(value, key, this);
	}

	[Symbol.iterator](): MapIterator<[Key, Value]> {
		return this.entries();
	}
}
