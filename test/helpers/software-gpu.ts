import * as fs from "node:fs";
import * as path from "node:path";

/** Where browsers keep SwiftShader, a Vulkan device in software. */
const PLACES = ["/usr/lib/chromium", "/usr/lib/chromium-browser", "/usr/lib64/chromium-browser", "/opt/google/chrome", "/usr/share/chromium"];
const DRIVER = "vk_swiftshader_icd.json";

/**
 * Points Vulkan at a software device for this process and its children; call it before the backend opens.
 * @returns null, or the message of a test that cannot run here
 */
export function useSoftwareGpu(): string | null {
  if (process.env["VK_ICD_FILENAMES"]) return null;
  const found = PLACES.map((folder) => path.join(folder, DRIVER)).find((file) => fs.existsSync(file));
  if (found === undefined) return `no ${DRIVER} on this machine: WebGPU is tested on the software device of a browser, e.g. Debian's package chromium`;
  process.env["VK_ICD_FILENAMES"] = found;
  return null;
}
