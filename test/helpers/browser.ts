import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { pipeline } from "node:stream/promises";
import * as zlib from "node:zlib";
import { chromium, type Browser } from "playwright-core";
import { projectRoot } from "../../src/core/files";

/** Names under which a Chromium lies on the PATH. */
const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge"];
/** The Chromium inside the npm package is one for Linux on x86-64. */
const PACKED = process.platform === "linux" && process.arch === "x64";

/**
 * The `skip` option of a test that needs a browser. In CI there always is one: a test that cannot have it fails there.
 * @example test("rows sort", needsBrowser(), async () => …)
 */
export function needsBrowser(): { skip: string | false } {
  const here = PACKED || installed() !== null || process.env["CI"] !== undefined;
  return { skip: here ? false : "needs a Chromium on the PATH, or its file named by CHROME_PATH" };
}

/**
 * A headless Chromium: the one that `CHROME_PATH` names, else one on the PATH, else the one of the npm package. It reaches nothing outside
 * this machine, whatever a page asks for.
 * @throws Error where there is none
 */
export async function openBrowser(): Promise<Browser> {
  const own = installed();
  const { executablePath, env } = own === null ? await unpacked() : { executablePath: own, env: {} };
  return chromium.launch({ executablePath, env: { ...(process.env as Record<string, string>), ...env }, args: ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"] });
}

function installed(): string | null {
  const named = process.env["CHROME_PATH"];
  if (named !== undefined && named !== "") {
    if (fs.existsSync(named)) return named;
    throw new Error(`browser: CHROME_PATH: the file of a Chromium is required, ${named} is none; correct or unset it`);
  }
  const folders = (process.env["PATH"] ?? "").split(path.delimiter);
  const ending = process.platform === "win32" ? ".exe" : "";
  return folders.flatMap((folder) => NAMES.map((name) => path.join(folder, `${name}${ending}`))).find((file) => fs.existsSync(file)) ?? null;
}

/** Unpacks the package's Chromium, and the libraries that a bare Linux lacks, once into `.cache/`, whole or not at all. */
async function unpacked(): Promise<{ executablePath: string; env: Record<string, string> }> {
  if (!PACKED) throw new Error("browser: a Chromium is required, found none on the PATH; install one, or name its file by CHROME_PATH");
  const folder = path.join(projectRoot(), "node_modules", "@sparticuz", "chromium");
  const { version } = JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8")) as { version: string };
  const home = path.join(projectRoot(), ".cache", `chromium-${version}`);
  if (!fs.existsSync(home)) await unpack(path.join(folder, "bin"), home);
  return { executablePath: path.join(home, "chromium"), env: { LD_LIBRARY_PATH: path.join(home, "lib"), FONTCONFIG_FILE: path.join(home, "fonts.conf") } };
}

async function unpack(packed: string, home: string): Promise<void> {
  const making = `${home}.${process.pid}`;
  fs.mkdirSync(making, { recursive: true });
  await pipeline(fs.createReadStream(path.join(packed, "chromium.br")), zlib.createBrotliDecompress(), fs.createWriteStream(path.join(making, "chromium"), { mode: 0o755 }));
  execFileSync("tar", ["-xf", "-", "-C", making], { input: zlib.brotliDecompressSync(fs.readFileSync(path.join(packed, "al2023.tar.br"))) });
  const fonts = path.join(projectRoot(), "node_modules", "dejavu-fonts-ttf", "ttf");
  fs.writeFileSync(path.join(making, "fonts.conf"), `<?xml version="1.0"?><fontconfig><dir>${fonts}</dir><dir>/usr/share/fonts</dir><cachedir>${path.join(home, "fonts")}</cachedir></fontconfig>\n`);
  try {
    fs.renameSync(making, home);
  } catch (error) {
    // another test file unpacked it meanwhile
    fs.rmSync(making, { recursive: true, force: true });
    if (!fs.existsSync(home)) throw error;
  }
}
