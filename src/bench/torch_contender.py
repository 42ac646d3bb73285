"""The PyTorch side of the benchmark: python torch_contender.py PART FOLDER, one long-lived process that speaks the line protocol of serve.ts."""

import json
import os
import sys
import time

import numpy


def peak_memory():
    """Peak resident memory of this process, MB; Linux keeps one of its own in /proc, without what it was started from."""
    try:
        with open("/proc/self/status") as status:
            return round(int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024)
    except OSError:
        import resource

        return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2))


def say(**message):
    print(json.dumps(message), flush=True)


def read_arrays(folder):
    """What arrays.ts wrote, by name."""
    with open(os.path.join(folder, "arrays.json")) as file:
        index = json.load(file)
    return {name: numpy.fromfile(os.path.join(folder, name + ".bin"), "<" + a["type"]).reshape(a["shape"]) for name, a in index.items()}


def serve(losses, about, run):
    """Says ready, then answers each line `run N` until the input ends."""
    say(ready={"losses": losses, "about": about})
    for line in sys.stdin:
        words = line.split()
        if len(words) != 2 or words[0] != "run":
            continue
        ms = []
        for _ in range(int(words[1])):
            began = time.perf_counter()
            run()
            ms.append((time.perf_counter() - began) * 1e3)
        say(turn={"ms": ms, "rss_mb": peak_memory()})


def main(part, folder):
    with open(os.path.join(folder, "job.json")) as file:
        job = json.load(file)
    if part == "ingest":
        from pandas_ingest import measure_ingest as measure
    elif part in ("lstm", "step"):
        from torch_steps import measure_lstm, measure_step

        measure = measure_lstm if part == "lstm" else measure_step
    else:
        from torch_loop import measure_epoch, measure_inference

        measure = measure_epoch if part == "epoch" else measure_inference
    serve(*measure(folder, job))


if __name__ == "__main__":
    main(*sys.argv[1:])
