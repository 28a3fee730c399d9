/** A list of numbers that grows, at eight bytes each. */
export class Numbers {
	length = 0;
	private values = new Float64Array(64);

	push(value: number): void {
		if (this.length === this.values.length) {
			const larger = new Float64Array(2 * this.length);
			larger.set(this.values);
			this.values = larger;
		}
		this.values[this.length] = value;
		this.length += 1;
	}

	at(index: number): number {
		return this.values[index] as number;
	}
}

/** A list of bits that grows. */
export class Bits {
	length = 0;
	private bytes = new Uint8Array(64);

	push(bit: boolean): void {
		const byte = this.length >> 3;
		if (byte === this.bytes.length) {
			const larger = new Uint8Array(2 * byte);
			larger.set(this.bytes);
			this.bytes = larger;
		}
		if (bit) this.bytes[byte] = (this.bytes[byte] as number) | (1 << (this.length & 7));
		this.length += 1;
	}

	at(index: number): boolean {
		return (((this.bytes[index >> 3] as number) >> (index & 7)) & 1) === 1;
	}
}
