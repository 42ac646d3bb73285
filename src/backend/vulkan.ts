import * as fs from "node:fs";
import * as path from "node:path";

const LOADER = "libvulkan.so.1";

/**
 * Makes Vulkan's loader available to Dawn, which looks for it by name. Where the system has none, the one that lies beside
 * the driver named by VK_ICD_FILENAMES is taken: browsers ship both together.
 * @returns null, or the reason why there is none, with its cure
 * @example const missing = loadVulkan()
 */
export function loadVulkan(): string | null {
  if (process.platform !== "linux") return null; // Metal and D3D12 come with the system
  const koffi = require("koffi") as { load(file: string): unknown };
  const drivers = (process.env["VK_ICD_FILENAMES"] ?? "").split(path.delimiter).filter(Boolean);
  const beside = drivers.map((file) => path.join(path.dirname(file), LOADER)).filter((file) => fs.existsSync(file));
  for (const file of [LOADER, ...beside]) {
    try {
      koffi.load(file);
      return null;
    } catch {
      // the next one
    }
  }
  return `${LOADER}, the loader of Vulkan, is not on this machine; install the GPU's driver and the loader (Debian: apt-get install libvulkan1)`;
}
