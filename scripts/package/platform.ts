/** A platform in the words of Go, which krew and kubectl's releases use. */
export interface Platform {
	readonly os: string;
	readonly arch: string;
}

/** The platform that this process runs on. */
export function thisPlatform(): Platform {
	const { platform, arch } = process;
	return { os: platform === "win32" ? "windows" : platform, arch: arch === "x64" ? "amd64" : arch };
}
