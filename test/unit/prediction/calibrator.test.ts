import { beforeAll, expect, it } from "vitest";
import type { Model } from "../../../src/core/model/model.ts";
import type { Direction } from "../../../src/core/policy/policy.ts";
import type { CalibrationSubject } from "../../../src/core/prediction/calibration.ts";
import { predict } from "../../../src/core/prediction/predict.ts";
import { APP, headroomModels, inputsOf, requestFor, valuesOf } from "./world.ts";

let models: Readonly<Record<Direction, Model>>;
beforeAll(async () => {
	models = await headroomModels();
});

it("hands every table to the calibrator", async () => {
	const calibrator = {
		windows: () => 0,
		calibrate({ workload, currentNodes, least }: CalibrationSubject, { value }: { value: Float32Array }) {
			expect({ workload, on: [...currentNodes], least }).toEqual({ workload: APP, on: [["a", 1]], least: 0 });
			value.forEach((predicted, index) => {
				value[index] = predicted + 1;
			});
		},
	};
	const inputs = inputsOf({ nodes: { a: { cpu: 1 } } });
	const request = requestFor(models.Minimize, ["a"], { currentNodes: new Map([["a", 1]]) });
	const [plain] = await predict([request], inputs);
	const [calibrated] = await predict([request], { ...inputs, calibrator });
	const value = valuesOf(plain)["a"] ?? Number.NaN;
	expect(valuesOf(calibrated)["a"]).toBeCloseTo(value + 1, 6);
	const here = calibrated?.known ? calibrated.here : undefined;
	expect(here?.raw.value).toBeCloseTo(value, 6);
	expect(here?.calibrated.value).toBeCloseTo(value + 1, 6);
});
