import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { scratch } from "../helpers/cli";

/** A disk with little room. */
export interface SmallDisk {
  readonly dir: string;
  /** leaves so many kilobytes free */
  leave(kilobytes: number): void;
  /** takes away what filled it */
  makeRoom(): void;
  release(): void;
}

/** A megabyte in memory as a disk of its own, or why there is none: mounting takes root on Linux. */
export function smallDisk(kilobytes = 1024): SmallDisk | string {
  const dir = scratch("disk");
  const made = process.platform === "linux" ? spawnSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", dir], { encoding: "utf8" }) : null;
  if (made?.status !== 0) return `a small disk takes the right to mount one (${made?.stderr?.trim() ?? process.platform})`;
  const ballast = path.join(dir, "ballast");
  return {
    dir,
    leave(free) {
      fs.rmSync(ballast, { force: true });
      const { bavail, bsize } = fs.statfsSync(dir);
      fs.writeFileSync(ballast, Buffer.alloc(Math.max(0, bavail * bsize - 1024 * free)));
    },
    makeRoom: () => fs.rmSync(ballast, { force: true }),
    release: () => void spawnSync("umount", ["-l", dir]),
  };
}
