"""What of dask_driver.py runs on Dask workers: long-lived Node processes, each given one task at a time."""
import collections
import json
import os
import queue
import shutil
import socket
import subprocess
import threading
import time

from distributed import get_worker

POLL_S = 0.25
PROGRESS_S = 0.5
START_S = 120
IDLE_S = 30


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
