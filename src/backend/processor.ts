import * as fs from "node:fs";

/** What this processor can do, as Linux tells it; null elsewhere. */
function flagsOf(text: string | null): ReadonlySet<string> | null {
  const line = /^flags\s*:(.*)$/m.exec(text ?? "")?.[1];
  return line === undefined ? null : new Set(line.trim().split(/\s+/));
}

/** The text in which Linux describes the processor, or null. @example addonNeeds(processorText()) */
export function processorText(): string | null {
  return process.platform === "linux" && process.arch === "x64" && fs.existsSync("/proc/cpuinfo") ? fs.readFileSync("/proc/cpuinfo", "utf8") : null;
}

/**
 * What libtensorflow's wheel needs and this processor lacks, else null. It must be asked before the library loads: that one ends
 * the process where AVX is missing.
 * @source TensorFlow, cpu_feature_guard.cc
 * @example addonNeeds("flags : sse4_2") // "this processor has no AVX, …"
 */
export function addonNeeds(text: string | null): string | null {
  const flags = flagsOf(text);
  return flags === null || flags.has("avx") ? null : "this processor has no AVX, which the library was compiled for; use another machine for the fast backend";
}

/**
 * Why the native code runs in its portable variant, else "".
 * @example portableNote("portable", "flags : avx") // ": this processor has no AVX2 with FMA, so it is slower"
 */
export function portableNote(instructions: string, text: string | null): string {
  const flags = flagsOf(text);
  return instructions === "portable" && flags !== null && !(flags.has("avx2") && flags.has("fma")) ? ": this processor has no AVX2 with FMA, so it is slower" : "";
}
