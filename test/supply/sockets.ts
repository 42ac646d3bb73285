import * as fs from "node:fs";

/** A TCP socket that waits for connections. */
export interface Listener {
  readonly pid: number;
  readonly command: string;
  /** as the kernel writes it: hex, the least byte first in each word */
  readonly address: string;
  readonly port: number;
}

/** `127.0.0.1` and `::1` in /proc/net/tcp and tcp6, and 127.0.0.1 mapped into IPv6. */
const LOOPBACK = ["0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"];

/** Whether a listener takes connections of this machine alone. */
export function isLoopback({ address }: Listener): boolean {
  return LOOPBACK.includes(address);
}

/** A process and all that it and its children started. */
export function family(pid: number): number[] {
  const parents = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      // the command stands in brackets and may hold anything
      const fields = fs.readFileSync(`/proc/${name}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
      return [{ pid: Number(name), parent: Number(fields[1]) }];
    } catch {
      return [];
    }
  });
  const out = [pid];
  for (const own of out) out.push(...parents.filter((p) => p.parent === own).map((p) => p.pid));
  return out;
}

/** What the given processes listen on, by the sockets that they hold open. */
export function listenersOf(pids: readonly number[]): Listener[] {
  const waiting = new Map<string, { address: string; port: number }>();
  for (const table of ["/proc/net/tcp", "/proc/net/tcp6"]) {
    if (!fs.existsSync(table)) continue;
    for (const line of fs.readFileSync(table, "utf8").trim().split("\n").slice(1)) {
      const fields = line.trim().split(/\s+/);
      const [address, port] = fields[1]!.split(":");
      if (fields[3] === "0A") waiting.set(fields[9]!, { address: address!, port: Number.parseInt(port!, 16) });
    }
  }
  return pids.flatMap((pid) => {
    try {
      const command = fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").slice(0, 3).join(" ");
      const inodes = fs.readdirSync(`/proc/${pid}/fd`).flatMap((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1] ?? []);
      return inodes.flatMap((inode) => (waiting.has(inode) ? [{ pid, command, ...waiting.get(inode)! }] : []));
    } catch {
      return [];
    }
  });
}

function linkOf(file: string): string {
  try {
    return fs.readlinkSync(file);
  } catch {
    return "";
  }
}
