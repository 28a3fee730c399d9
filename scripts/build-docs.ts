import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { configurationReference } from "../src/config/reference.ts";

/** `npm run docs:build`: writes the reference pages that are made from schemas. */
writeFileSync(join(import.meta.dirname, "../docs/reference/configuration.md"), configurationReference());
