/** The pieces of a JSONPath template as kubectl writes them: `{range .items[*]}{.metadata.name}{"\n"}{end}`. */
export type Piece =
	| { readonly kind: "text"; readonly text: string }
	| { readonly kind: "path"; readonly steps: Path }
	| { readonly kind: "range"; readonly steps: Path; readonly body: readonly Piece[] };

/** A template as it was written, and what it means. */
export interface Template {
	readonly text: string;
	readonly pieces: readonly Piece[];
}

export type Path = readonly Step[];

export type Step =
	| { readonly kind: "root" | "current" | "wildcard" | "descend" }
	| { readonly kind: "field"; readonly name: string }
	| {
			readonly kind: "slice";
			readonly start?: number;
			readonly end?: number;
			readonly step: number;
			readonly one: boolean;
	  }
	| { readonly kind: "union"; readonly paths: readonly Path[] }
	| { readonly kind: "filter"; readonly left: Operand; readonly operator?: Operator; readonly right?: Operand };

export type Operator = "==" | "!=" | "<=" | ">=" | "<" | ">";

export type Operand = { readonly literal: string | number | boolean } | { readonly path: Path };
