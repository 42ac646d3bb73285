import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { freePort } from "./ports";

const PROGRAMS = ["munged", "slurmctld", "slurmd", "sbatch", "squeue"];

/** Why there is no Slurm for a test here, or null. */
export function withoutSlurm(): string | null {
  const lacking = PROGRAMS.filter((name) => !(process.env["PATH"] ?? "").split(":").some((folder) => fs.existsSync(path.join(folder, name))));
  if (lacking.length > 0) return `Slurm is not installed (${lacking.join(", ")}; Debian: slurm-wlm munge)`;
  return process.getuid?.() === 0 ? null : "Slurm's daemons need root";
}

/** A Slurm of two nodes on this machine. */
export interface Slurm {
  /** environment in which Slurm's commands and Dask find it */
  readonly env: Readonly<Record<string, string>>;
  /** jobs that wait or run, each with its state and node: `RUNNING n1` */
  jobs(): string[];
  /** runs a program of it, its output */
  call(program: string, ...args: string[]): string;
  stop(): void;
}

/** Starts controller and two nodes, on loopback, with keys of its own, in `dir`. */
export async function startSlurm(dir: string): Promise<Slurm> {
  for (const part of ["state", "log", "dask"]) fs.mkdirSync(path.join(dir, part), { recursive: true });
  fs.chmodSync(dir, 0o755);
  const conf = path.join(dir, "slurm.conf");
  fs.writeFileSync(conf, configuration(dir, [await freePort(), await freePort(), await freePort()]));
  fs.writeFileSync(path.join(dir, "dask", "jobqueue.yaml"), JOBQUEUE);
  fs.writeFileSync(path.join(dir, "munge.key"), crypto.randomBytes(128), { mode: 0o600 });
  const env = { SLURM_CONF: conf, DASK_CONFIG: path.join(dir, "dask") };
  const children: ChildProcess[] = [];
  const daemon = (program: string, ...args: string[]): void => void children.push(spawn(program, args, { env: { ...process.env, ...env }, stdio: "ignore" }));
  const call = (program: string, ...args: string[]): string => {
    const { stdout, stderr, status } = spawnSync(program, args, { env: { ...process.env, ...env }, encoding: "utf8" });
    if (status !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  const within = (name: string): string => path.join(dir, name);
  daemon("munged", "--foreground", "--force", `--key-file=${within("munge.key")}`, `--socket=${within("munge.socket")}`, `--pid-file=${within("munge.pid")}`, `--log-file=${within("log/munge.log")}`, `--seed-file=${within("munge.seed")}`);
  await until(() => fs.existsSync(within("munge.socket")), "munge's socket");
  daemon("slurmctld", "-D", "-c");
  for (const node of ["n1", "n2"]) daemon("slurmd", "-D", "-N", node);
  const ready = (): boolean => {
    try {
      return call("sinfo", "-h", "-N", "-o", "%t").trim().split("\n").filter((s) => s === "idle").length === 2;
    } catch {
      return false;
    }
  };
  await until(ready, "two idle nodes");
  return {
    env, call,
    jobs: () => call("squeue", "-h", "-o", "%T %N").split("\n").filter((s) => s !== ""),
    stop() {
      spawnSync("scancel", ["--signal=KILL", "--partition=main"], { env: { ...process.env, ...env } });
      for (const child of children.reverse()) child.kill("SIGKILL");
    },
  };
}

async function until(there: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 300; i++) {
    if (there()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`slurm: ${what} did not come within 30 s`);
}

/** One job a worker; nodes share this machine's loopback. */
const JOBQUEUE = `jobqueue:
  slurm:
    cores: 1
    processes: 1
    memory: 2GB
    queue: main
    walltime: '00:10:00'
    interface: lo
    death-timeout: 20
    job-directives-skip: ['--mem']
`;

function configuration(dir: string, [control, one, two]: readonly number[]): string {
  return `ClusterName=test
SlurmctldHost=localhost
SlurmctldPort=${control}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=${dir}/munge.socket
CredType=cred/munge
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation=${dir}/state
SlurmdSpoolDir=${dir}/spool-%n
SlurmctldPidFile=${dir}/ctld.pid
SlurmdPidFile=${dir}/slurmd-%n.pid
SlurmctldLogFile=${dir}/log/ctld.log
SlurmdLogFile=${dir}/log/slurmd-%n.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,requeue_delay=1
SlurmdTimeout=10
InactiveLimit=0
KillWait=5
JobRequeue=1
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SwitchType=switch/none
NodeName=n1 NodeHostname=localhost NodeAddr=127.0.0.1 Port=${one} CPUs=1 Sockets=1 CoresPerSocket=1 State=UNKNOWN
NodeName=n2 NodeHostname=localhost NodeAddr=127.0.0.1 Port=${two} CPUs=1 Sockets=1 CoresPerSocket=1 State=UNKNOWN
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=INFINITE State=UP
`;
}
