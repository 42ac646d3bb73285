import * as fs from "node:fs";
import * as path from "node:path";

/** SPDX names of what older packages write into their metadata. */
const SPDX: Readonly<Record<string, string>> = {
  "MIT License": "MIT", MIT: "MIT", "The MIT License": "MIT", "BSD License": "BSD-3-Clause", BSD: "BSD-3-Clause", "BSD-3-Clause": "BSD-3-Clause", "3-Clause BSD License": "BSD-3-Clause", "BSD 3-Clause": "BSD-3-Clause", "New BSD": "BSD-3-Clause",
  "Apache Software License": "Apache-2.0", "Apache 2.0": "Apache-2.0", "Apache License 2.0": "Apache-2.0", "Apache License, Version 2.0": "Apache-2.0", "Apache-2.0": "Apache-2.0", "Python Software Foundation License": "PSF-2.0",
  "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "MPL-2.0": "MPL-2.0", "ISC License (ISCL)": "ISC", "The Unlicense (Unlicense)": "Unlicense", "NVIDIA Proprietary Software": "LicenseRef-NVIDIA-Proprietary",
};

/**
 * Licences of the Python packages installed here, from their own metadata: by `name==version`, and by name for the versions of other Pythons.
 * @example pythonLicences(root).get("jupyterlab==4.6.3") // "BSD-3-Clause"
 */
export function pythonLicences(root: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const folder of sitePackages(root)) {
    for (const name of fs.readdirSync(folder).filter((n) => n.endsWith(".dist-info"))) {
      const file = path.join(folder, name, "METADATA");
      if (!fs.existsSync(file)) continue;
      const text = fs.readFileSync(file, "utf8").split(/\r?\n\r?\n/)[0]!;
      const field = (key: string): string | undefined => new RegExp(`^${key}: *(.+)$`, "m").exec(text)?.[1]?.trim();
      const classified = [...text.matchAll(/^Classifier: License :: (?:OSI Approved :: )?(.+)$/gm)].map((m) => SPDX[m[1]!.trim()]).find((v) => v !== undefined);
      const licence = field("License-Expression") ?? SPDX[field("License") ?? ""] ?? classified ?? field("License");
      const own = (field("Name") ?? "").toLowerCase().replace(/[-_.]+/g, "-");
      if (licence !== undefined) found.set(`${own}==${field("Version") ?? ""}`, licence).set(own, licence);
    }
  }
  return found;
}

/** Where the project's Python environments keep their packages. */
function sitePackages(root: string): string[] {
  return [".venv", ".venv-bench", ".venv-audit"].flatMap((venv) => {
    const windows = path.join(root, venv, "Lib", "site-packages");
    const lib = path.join(root, venv, "lib");
    const versions = fs.existsSync(lib) ? fs.readdirSync(lib).map((v) => path.join(lib, v, "site-packages")) : [];
    return [windows, ...versions].filter((folder) => fs.existsSync(folder));
  });
}
