import { expect, it } from "vitest";
import { questionFor } from "../../../src/core/evaluation/request.ts";
import { CandidateLists, subjectOf } from "../../../src/core/evaluation/subject.ts";
import type { Model } from "../../../src/core/model/model.ts";
import { cluster, node, pod, policy, scheduling, workload } from "../cluster-core/builders.ts";

it("asks for the limit that the template sets, and says under which one the pods that run were measured", () => {
	const web = workload("web", {
		template: { labels: {}, annotations: {}, scheduling: scheduling({ cpuLimit: 0.2 }) },
	});
	const running = pod("web-1", { nodeName: "a", workload: web.key, scheduling: scheduling({ cpuLimit: 0.5 }) });
	const state = cluster({ nodes: [node("a")], pods: [running], workloads: [web] });
	const subject = subjectOf({ workload: web, policy: policy(), conflicting: [] }, state);
	const models = { resolve: () => ({ refused: false, model: {} as Model }) as const };
	const question = questionFor(subject, models, new CandidateLists(state.nodes));
	expect(question).toMatchObject({ request: { cpuLimit: 0.2, currentCpuLimit: 0.5 } });
});
