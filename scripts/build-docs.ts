import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { referencePages } from "../cmd/kubectl-qos/reference.ts";
import { configurationReference } from "../src/config/reference.ts";
import { parseFlags } from "./arguments.ts";

const REFERENCE = join(import.meta.dirname, "../docs/reference");

/** `npm run docs:build`: writes the reference pages that are made from schemas and definitions. */
parseFlags({}, "npm run docs:build");
writeFileSync(join(REFERENCE, "configuration.md"), configurationReference());
const plugin = join(REFERENCE, "kubectl-qos");
rmSync(plugin, { recursive: true, force: true });
mkdirSync(plugin);
for (const [file, text] of referencePages()) writeFileSync(join(plugin, file), text);
