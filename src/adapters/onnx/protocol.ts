/** `Background` lets the thread that answers admission go before. */
export type ThreadPriority = "Background" | "Prompt";

/** Messages to an inference thread. A model is sent once, then named by its hash. Only an Open and a Run are answered. */
export type InferenceRequest =
	| { readonly kind: "Load"; readonly model: string; readonly bytes: Uint8Array }
	| { readonly kind: "Open"; readonly id: number; readonly model: string }
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
	| { readonly id: number; readonly inputShape: readonly (number | string)[] }
	| { readonly id: number; readonly error: string };
