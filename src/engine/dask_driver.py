"""Feeds tasks to Dask workers, each to a long-lived Node process there.

Stdin: one task a line (JSON). Stdout: what becomes of them, one JSON object a line. The end of stdin ends everything: whoever fed it
has had enough, or is gone. Retries, done-marks and messages are the feeder's (src/engine/dask.ts); this only carries.
"""
import argparse
import json
import logging
import os
import queue
import shutil
import sys
import threading
import time

import cloudpickle
import dask
import dask_node
from dask_node import Unfit, perform, stop_nodes
from distributed import Client, LocalCluster

CONNECT_S = 5
# closing waits for schedulers and queues that may be gone
CLOSE_S = 15
LOST = "the connection to the scheduler broke"


def emit(**event):
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def refuse(kind, reason):
    emit(event="refused", kind=kind, reason=reason)
    os._exit(3)


def start_cluster(name, workers, logs):
    """Dask's own cluster: the local one on loopback and free ports, others as dask's YAML says."""
    if name == "local":
        return LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, host="127.0.0.1", scheduler_port=0,
                            dashboard_address="127.0.0.1:0", worker_dashboard_address=None, memory_limit=None)
    from dask_jobqueue import PBSCluster, SLURMCluster
    kind, command = {"slurm": (SLURMCluster, "sbatch"), "pbs": (PBSCluster, "qsub")}[name]
    if shutil.which(command) is None:
        # Dask itself would go on asking for it
        raise Unfit(f"{command} is not on the PATH")
    # a job's own output: where the user's YAML says, else beside the engine's log and not in the folder one stands in
    cluster = kind(log_directory=dask.config.get(f"jobqueue.{name}.log-directory", None) or logs)
    cluster.adapt(minimum=workers, maximum=workers)
    return cluster


def connect(given):
    """A client, and the cluster where it is our own."""
    if given.scheduler is None:
        try:
            cluster = start_cluster(given.cluster, given.workers, given.logs)
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
    # Dask's workers have no such module: it travels with the tasks
    cloudpickle.register_pickle_by_value(dask_node)
    parser = argparse.ArgumentParser()
    parser.add_argument("--scheduler")
    parser.add_argument("--cluster", default="local")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--logs", help="folder for the output of a cluster's jobs")
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


def there(line, key, how):
    """What is submitted: a function of this script, which Dask sends as code, and with it what it calls of dask_node."""
    return perform(line, key, how)


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
            for future in client.map(there, lines, keys, how=how, key=keys):
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
