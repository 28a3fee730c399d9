/** Messages to the inference thread. A model is sent once, then named by its hash. */
export type InferenceRequest =
	| { readonly kind: "Load"; readonly model: string; readonly bytes: Uint8Array }
	| { readonly kind: "Drop"; readonly model: string }
	| {
			readonly kind: "Run";
			readonly id: number;
			readonly model: string;
			readonly input: Float32Array;
			readonly shape: readonly number[];
	  };

export type InferenceAnswer =
	| { readonly id: number; readonly output: Float32Array<ArrayBuffer> }
	| { readonly id: number; readonly error: string };
