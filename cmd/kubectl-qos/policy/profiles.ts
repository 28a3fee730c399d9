/** What a profile fills a policy with, and why somebody would choose it. */
export interface Profile {
	readonly summary: string;
	readonly mode: string;
	readonly modeWhy: string;
	readonly enforcement: string;
	readonly enforcementWhy: string;
	readonly minGain: string;
	readonly confidence: string;
	readonly stabilization: number;
	readonly cooldown: string;
	readonly verifyAfter: string;
}

export const PROFILES = {
	safe: {
		summary: "predicts and recommends only; when you switch it on, it moves seldom and only for much",
		mode: '"Off"',
		modeWhy: 'look at "kubectl qos recommend" for a while, then write Initial, then Auto',
		enforcement: "Required",
		enforcementWhy: "the pod runs where it was placed",
		minGain: "20%",
		confidence: "95%",
		stabilization: 5,
		cooldown: "30m",
		verifyAfter: "10m",
	},
	eager: {
		summary: "places and moves by itself, for small gains too",
		mode: "Auto",
		modeWhy: "new pods are placed, running ones are moved",
		enforcement: "Required",
		enforcementWhy: "the pod runs where it was placed",
		minGain: "5%",
		confidence: "80%",
		stabilization: 2,
		cooldown: "5m",
		verifyAfter: "3m",
	},
	"edge-cloud": {
		summary: "new pods go where they serve best; when the small edge nodes are full, the scheduler may use the cloud",
		mode: "Initial",
		modeWhy: "new pods are placed; write Auto to have running ones moved too",
		enforcement: "Preferred",
		enforcementWhy: "a full edge node does not hold a pod up",
		minGain: "15%",
		confidence: "90%",
		stabilization: 3,
		cooldown: "15m",
		verifyAfter: "5m",
	},
} as const satisfies Readonly<Record<string, Profile>>;

export type ProfileName = keyof typeof PROFILES;

export const PROFILE_NAMES = Object.keys(PROFILES) as readonly ProfileName[];
