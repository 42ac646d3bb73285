import type { Backend } from "../backend/tf";

/** What computes, as plain texts for the report. */
export function backendAbout({ backend, kernel, device, versions, why }: Backend): Record<string, string> {
  return { backend, kernel, device, ...versions, why: why.join("; ") };
}
