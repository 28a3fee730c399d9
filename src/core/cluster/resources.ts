/**
 * Amounts by Kubernetes resource name, in base units: `cpu` in cores, `memory` in bytes, `pods` and
 * extended resources as counts. A name that is absent means none.
 */
export type Resources = Readonly<Record<string, number>>;
