/** Architecture as import rules; each says why it stands. `scripts/check-architecture.ts` runs them. */
const core = "^src/core/";

export default {
	forbidden: [
		{
			name: "core-is-pure",
			severity: "error",
			comment: "src/core decides and never acts: no Kubernetes, HTTP, ONNX, file access or package with I/O.",
			from: { path: core },
			to: { pathNot: core },
		},
		{
			name: "adapters-stand-alone",
			severity: "error",
			comment:
				"One folder per outside system; an adapter knows the core, its wire types, what all HTTP and all folders have in common, and nobody else.",
			from: { path: "^src/adapters/([^/]+)/" },
			to: { path: "^(src|cmd|certs|simulation)/", pathNot: "^src/(core|api|http|files)/|^src/adapters/$1/" },
		},
		{
			name: "http-knows-nobody",
			severity: "error",
			comment: "What all that speaks HTTP shares: credentials, JSON, certificates, of no system in particular.",
			from: { path: "^src/http/" },
			to: { path: "^(src|cmd|certs|simulation)/", pathNot: "^src/http/" },
		},
		{
			name: "files-know-nobody",
			severity: "error",
			comment: "What adapters that keep files share: making their folders.",
			from: { path: "^src/files/" },
			to: { path: "^(src|cmd|certs|simulation)/", pathNot: "^src/files/" },
		},
		{
			name: "api-knows-core-only",
			severity: "error",
			comment: "The wire contract (CRD schemas) turns objects into core types; it needs nothing else of ours.",
			from: { path: "^src/api/" },
			to: { path: "^(src|cmd|certs|simulation)/", pathNot: "^src/(core|api)/" },
		},
		{
			name: "backtest-is-pure",
			severity: "error",
			comment: "A backtest decides with the core alone; files, models and tables are brought by cmd/.",
			from: { path: "^src/backtest/" },
			to: { pathNot: "^src/(backtest|core)/" },
		},
		{
			name: "webhook-makes-no-calls",
			severity: "error",
			comment: "Admission decides from caches only: no adapter can be reached from the webhook.",
			from: { path: "^src/webhook/" },
			to: { path: "^src/(adapters|controller|config)/|@kubernetes/client-node|onnxruntime-node" },
		},
		{
			name: "controller-talks-through-ports",
			severity: "error",
			comment: "The loop knows ports, not adapters; cmd/ wires them.",
			from: { path: "^src/controller/" },
			to: { path: "^src/(adapters|webhook)/" },
		},
		{
			name: "agent-talks-through-ports",
			severity: "error",
			comment: "The agent's API knows the core and its own ports; who reviews callers and keeps jobs is wired by cmd/.",
			from: { path: "^src/agent/" },
			to: { path: "^(src|cmd|certs|simulation)/|@kubernetes/client-node", pathNot: "^src/(agent|core|charts|http)/" },
		},
		{
			name: "cmd-is-the-only-composer",
			severity: "error",
			comment: "Nothing but tests, the demo, figures and docs may import a command.",
			from: { pathNot: "^(cmd|test|demo|bench|scripts)/" },
			to: { path: "^cmd/" },
		},
		{
			name: "world-is-apart",
			severity: "error",
			comment: "The controller knows nothing of the simulated world but what Prometheus and the API server tell it.",
			from: { path: "^(src|cmd|certs)/" },
			to: { path: "^(simulation|test|demo|bench)/" },
		},
		{
			name: "no-cycles",
			severity: "error",
			comment: "A cycle means that two concepts share one room.",
			from: {},
			to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
		},
	],
	options: {
		parser: "swc",
		doNotFollow: { path: "node_modules" },
		tsPreCompilationDeps: true,
		enhancedResolveOptions: { extensions: [".ts", ".mjs", ".js"] },
	},
};
