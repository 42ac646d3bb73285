"""Feeds tasks to Dask workers, each to a long-lived Node process there.

Stdin: one task a line (JSON). Stdout: what becomes of them, one JSON object a line. The end of stdin ends everything: whoever fed it
has had enough, or is gone. Retries, done-marks and messages are the feeder's (src/engine/dask.ts); this only carries.
"""
import argparse
import collections
import json
import logging
import os
import queue
import shutil
import socket
import subprocess
import sys
import threading
import time

import dask
from distributed import Client, LocalCluster, get_worker

POLL_S = 0.25
PROGRESS_S = 0.5
START_S = 120
CONNECT_S = 5
IDLE_S = 30
# closing waits for schedulers and queues that may be gone
CLOSE_S = 15
LOST = "the connection to the scheduler broke"


class Unfit(Exception):
    """What keeps a Node worker or a cluster from starting."""


class Node:
    """A Node process on a Dask worker, used by one of its threads at a time."""

    def __init__(self, how):
        if not os.path.isdir(how["folder"]):
            raise Unfit(f"the project's folder {how['folder']} is not there")
        program = shutil.which(how["node"]) or shutil.which("node")
        if program is None:
            raise Unfit(f"there is no Node, neither {how['node']} nor on the PATH")
        self.process = subprocess.Popen(
            [program, *how["arguments"]], cwd=how["folder"], env={**os.environ, **how["environment"]},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace")
        self.said, self.words, self.timer = queue.Queue(), collections.deque(maxlen=20), None
        threading.Thread(target=self._read, daemon=True).start()
        threading.Thread(target=self._listen, daemon=True).start()
        try:
            first = self.said.get(timeout=START_S)
        except queue.Empty:
            first = None
        if first is None or first.get("event") != "ready":
            raise Unfit(self.end())

    def _read(self):
        for line in self.process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                continue  # a line that native code printed
            if isinstance(message, dict) and "event" in message:
                self.said.put(message)
        self.said.put(None)

    def _listen(self):
        for line in self.process.stderr:
            self.words.append(line.strip())

    def idle(self):
        """Ends itself when nobody asks for it again: its driver may have been killed."""
        self.timer = threading.Timer(IDLE_S, self.process.stdin.close)
        self.timer.daemon = True
        self.timer.start()

    def busy(self):
        """Whether it lives to take a task."""
        if self.timer is not None:
            self.timer.cancel()
        return self.process.poll() is None and not self.process.stdin.closed

    def end(self):
        """Kills what may still run; its last words."""
        self.process.kill()
        code = self.process.wait()
        words = [w for w in self.words if w]
        named = next((w for w in reversed(words) if "error" in w.lower()), words[-1] if words else "")
        return f"its worker ended with {f'signal {-code}' if code < 0 else f'exit code {code}'}{': ' + named[:300] if named else ''}"


class Nodes:
    """The Node processes of a run on one Dask worker; its threads share them."""

    def __init__(self):
        self.lock, self.everyone, self.free = threading.Lock(), [], []

    def take(self, how):
        """One that waits for a task, else a new one."""
        with self.lock:
            while self.free:
                node = self.free.pop()
                if node.busy():
                    return node
        node = Node(how)
        with self.lock:
            self.everyone = [n for n in self.everyone if n.process.poll() is None] + [node]
        return node

    def give(self, node):
        node.idle()
        with self.lock:
            self.free.append(node)


def nodes_of(worker, run):
    return worker.__dict__.setdefault("_tamrl", {}).setdefault(run, Nodes())


def perform(line, key, how):
    """Runs on a Dask worker: one task, to its end."""
    worker, task = get_worker(), json.loads(line)
    nodes = nodes_of(worker, how["run"])
    try:
        node = nodes.take(how)
    except (Unfit, OSError) as error:
        return {"event": "unfit", "id": task["id"], "reason": f"{worker.address} on {socket.gethostname()}: {error}"}
    tell = lambda event: worker.log_event(how["run"], {"id": task["id"], **event})  # noqa: E731
    tell({"event": "task", "pid": node.process.pid, "host": socket.gethostname(), "worker": worker.address, "worker_pid": os.getpid()})
    try:
        node.process.stdin.write(line + "\n")
        node.process.stdin.flush()
    except (OSError, ValueError):
        return {"event": "died", "id": task["id"], "reason": node.end()}
    told = 0.0
    while True:
        try:
            said = node.said.get(timeout=POLL_S)
        except queue.Empty:
            if not wanted(worker, key):
                return {"event": "died", "id": task["id"], "reason": f"no longer wanted; {node.end()}"}
            continue
        if said is None:
            return {"event": "died", "id": task["id"], "reason": node.end()}
        if said["event"] == "progress" and time.monotonic() - told >= PROGRESS_S:
            told = time.monotonic()
            tell({"event": "progress", "progress": said["progress"]})
        elif said["event"] in ("done", "failed") and said.get("id") == task["id"]:
            nodes.give(node)
            return said


def wanted(worker, key):
    """Whether the scheduler still wants this task here: not when its driver or the scheduler itself has gone."""
    task = worker.state.tasks.get(key)
    return worker.status.name in ("running", "paused", "closing_gracefully") and task is not None and task.state != "cancelled"


def stop_nodes(run, dask_worker):
    """Ends the run's Node processes on a Dask worker."""
    for node in nodes_of(dask_worker, run).everyone:
        node.end()


def emit(**event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def refuse(kind, reason):
    emit(event="refused", kind=kind, reason=reason)
    os._exit(3)


def start_cluster(name, workers):
    """Dask's own cluster: the local one on loopback and free ports, others as dask's YAML says."""
    if name == "local":
        return LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1", scheduler_port=0,
                            dashboard_address="127.0.0.1:0", worker_dashboard_address=None, memory_limit=None)
    from dask_jobqueue import PBSCluster, SLURMCluster
    kind, command = {"slurm": (SLURMCluster, "sbatch"), "pbs": (PBSCluster, "qsub")}[name]
    if shutil.which(command) is None:
        # Dask itself would go on asking for it
        raise Unfit(f"{command} is not on the PATH")
    cluster = kind()
    cluster.adapt(minimum=workers, maximum=workers)
    return cluster


def connect(given):
    """A client, and the cluster where it is our own."""
    if given.scheduler is None:
        try:
            cluster = start_cluster(given.cluster, given.workers)
        except Exception as error:
            refuse("cluster", str(error) if isinstance(error, Unfit) else f"{type(error).__name__}: {error}")
        return Client(cluster, timeout=CONNECT_S), cluster
    try:
        client = Client(given.scheduler, timeout=CONNECT_S, set_as_default=False)
    except Exception as error:  # versions far apart break the connection in many ways
        refuse("unreachable", str(error).split("\n")[0])
    check_versions(client)
    return client, None


def check_versions(client):
    """Refuses Pythons and Dasks that do not understand one another; the client's are the driver's own."""
    found = client.get_versions()
    mine = found["client"]["packages"]
    facts = {"Python": lambda p: ".".join(p["python"].split(".")[:2]), "distributed": lambda p: p["distributed"]}
    for where, theirs in [("the scheduler", found["scheduler"]), *[(f"worker {a}", w) for a, w in found["workers"].items()]]:
        for what, of in facts.items():
            if theirs is not None and of(theirs["packages"]) != of(mine):
                refuse("versions", f"{where} has {what} {of(theirs['packages'])}, the driver {of(mine)}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--scheduler")
    parser.add_argument("--cluster", default="local")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--how", type=json.loads, required=True, help="run, node, arguments, folder, environment")
    given = parser.parse_args()
    dask.config.set({"distributed.logging.distributed": "error"})
    logging.getLogger("distributed").setLevel(logging.ERROR)
    inbox = queue.Queue()
    threading.Thread(target=feed, args=(inbox,), daemon=True).start()
    client, cluster = connect(given)
    client.subscribe_topic(given.how["run"], lambda event: emit(**event[1]))
    emit(event="ready", pid=os.getpid(), scheduler=client.scheduler.address)
    try:
        carry(client, inbox, given.how)
    finally:
        threading.Thread(target=lambda: (time.sleep(CLOSE_S), os._exit(1)), daemon=True).start()
        close(client, cluster, given.how["run"])


def feed(inbox):
    for line in sys.stdin:
        inbox.put(line.strip())
    inbox.put(None)


def carry(client, inbox, how):
    """Submits what comes in and tells what came of it, until the input ends."""
    ids, workers, count, looked = {}, None, 0, 0.0
    while True:
        if client.status != "running":
            refuse("lost", LOST)
        if time.monotonic() - looked > 1:
            looked = time.monotonic()
            try:
                now = len(client.nthreads())
            except OSError:
                refuse("lost", LOST)
            if now != workers:
                workers = now
                emit(event="workers", n=now)
        items = drain(inbox)
        if None in items:
            return
        lines = [item for item in items if isinstance(item, str)]
        if lines:
            keys = [f"{how['run']}-{count + i}" for i in range(len(lines))]
            count += len(lines)
            ids.update((key, json.loads(line)["id"]) for key, line in zip(keys, lines))
            for future in client.map(perform, lines, keys, how=how, key=keys):
                future.add_done_callback(inbox.put)
        settle(client, [item for item in items if not isinstance(item, str)], ids)


def drain(inbox):
    """What has come in, waiting a moment where nothing has."""
    items = []
    try:
        items.append(inbox.get(timeout=0.5))
        while True:
            items.append(inbox.get_nowait())
    except queue.Empty:
        return items


def settle(client, futures, ids):
    """Tells what came of tasks and lets go of them: a result that is kept would be made again when its worker dies."""
    if any(future.status == "cancelled" for future in futures):
        refuse("lost", LOST)
    finished = [future for future in futures if future.status == "finished"]
    for future, said in zip(finished, client.gather(finished)):
        emit(**{**said, "id": ids.pop(future.key)})
    for future in futures:
        if future.status == "error":
            emit(event="died", id=ids.pop(future.key), reason=f"its Dask worker ended ({future.exception()})"[:400])
        future.release()


def close(client, cluster, run):
    try:
        client.run(stop_nodes, run)
    except Exception:
        pass  # workers that are gone have taken their Node processes with them
    client.close(timeout=2)
    if cluster is not None:
        cluster.close(timeout=CLOSE_S)


if __name__ == "__main__":
    main()
