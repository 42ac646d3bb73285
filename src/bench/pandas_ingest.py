"""Half-hourly tower files to daily values in pandas, the peer of half-hourly.ts."""

import os
from concurrent.futures import ThreadPoolExecutor

import numpy
import pandas


def read_site(job, file):
    """The days of one file: canonical columns, NaN = missing."""
    names = [c["from"] for c in job["columns"]]
    hours = pandas.read_csv(file, usecols=["TIMESTAMP_START", *names], na_values=["-9999"], dtype={"TIMESTAMP_START": "int64", **{n: "float32" for n in names}})
    # whole days lie together, so an integer division tells the day and no timestamp need be parsed row by row
    day = hours.pop("TIMESTAMP_START") // 10000
    good = job["columns"][[c["how"] for c in job["columns"]].index("good")]["from"]
    hours[good] = (hours[good] <= 1).astype("float32").where(hours[good].notna())
    groups = hours.groupby(day, sort=True)
    count, mean, total = groups.count(), groups.mean(), groups[[c["from"] for c in job["columns"] if c["how"] == "sum"]].sum()
    daily = {}
    for c in job["columns"]:
        value = total[c["from"]] if c["how"] == "sum" else mean[c["from"]] * (job["gramPerDay"] if c["how"] == "gram" else 1)
        daily[c["to"]] = value.where(count[c["from"]] >= c["least"]).astype("float32")
    table = pandas.DataFrame(daily)
    table["nee_qc"] = table["nee_qc"].where(table["nee"].notna())
    table.insert(0, "site", os.path.basename(file)[:6])
    table.insert(1, "date", pandas.to_datetime(table.index.astype(str), format="%Y%m%d"))
    return table


def read_daily(job, threads):
    """The daily table of the job's files: one row a site and day. Its parser lets go of Python's lock, so that threads can read files side by side."""
    if threads == 1:
        return pandas.concat([read_site(job, file) for file in job["files"]], ignore_index=True)
    with ThreadPoolExecutor(threads) as pool:
        return pandas.concat(pool.map(lambda file: read_site(job, file), job["files"]), ignore_index=True)


def measure_ingest(folder, job):
    threads = int(os.environ.get("PANDAS_THREADS", "1"))
    table = read_daily(job, threads)
    digest = []
    for c in job["columns"]:
        values = table[c["to"]].to_numpy(numpy.float64)
        there = values[~numpy.isnan(values)]
        digest += [float(numpy.abs(there).mean()), float(1 + len(values) - len(there))]
    return digest, {"pandas": pandas.__version__, "device": f"CPU, {threads} threads"}, lambda: read_daily(job, threads)
