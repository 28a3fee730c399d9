import { FEASIBLE, type Verdict } from "./verdict.ts";

/** The code of FEASIBLE; every refusal has a larger one. */
export const FEASIBLE_CODE = 0;

/** Verdicts as numbers, one for each that differs. A code keeps its meaning for good. */
export class VerdictCodes {
	private readonly verdicts: Verdict[] = [FEASIBLE];
	private readonly codes = new Map<string, number>();

	codeOf(verdict: Verdict): number {
		if (verdict.feasible) return FEASIBLE_CODE;
		const key = `${verdict.reason} ${verdict.message}`;
		let code = this.codes.get(key);
		if (code === undefined) {
			code = this.verdicts.push(verdict) - 1;
			this.codes.set(key, code);
		}
		return code;
	}

	verdict(code: number): Verdict {
		return this.verdicts[code] ?? FEASIBLE;
	}
}
