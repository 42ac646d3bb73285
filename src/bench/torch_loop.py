"""One epoch and prediction at stride 1 in PyTorch, with batches gathered by numpy: written for speed, as a practitioner would."""

import os

import numpy
import torch
from safetensors.torch import load_file

from torch_contender import read_arrays
from torch_steps import Training, open_torch
from torch_tamrl import build

PREDICT_BATCH = 1024


def windows_of(days, length):
    """All windows of `length` days of [day, channel] as a view [start, length * channel]: taking rows of it is one contiguous copy each."""
    return numpy.lib.stride_tricks.as_strided(days, (len(days) - length + 1, length * days.shape[1]), days.strides)


def taken(windows, starts, channels):
    """The windows at `starts` as [window, length, channel]."""
    return windows[starts].reshape(len(starts), -1, channels)


class Loader:
    """Batches of training windows with support windows of the same site, one from each quarter of the year, none sharing a day with the query."""

    def __init__(self, arrays, training, batch, seed):
        self.a, self.training, self.batch, self.random = arrays, training, batch, numpy.random.default_rng(seed)
        self.x = windows_of(arrays["x"], training["window"])
        self.y = windows_of(arrays["y"], training["lossDays"])
        self.weight = windows_of(arrays["weight"].reshape(-1, 1), training["lossDays"])
        self.reach = int(arrays["site_from"].max()) + 1  # more than any day: site * reach + day sorts by site, then by day
        self.quarters = []
        for k in range(4):
            starts, first = arrays["quarter%d" % k].astype(numpy.int64), arrays["quarter%d_from" % k].astype(numpy.int64)
            site = numpy.repeat(numpy.arange(len(first) - 1), numpy.diff(first))
            self.quarters.append((starts, first, site * self.reach + starts))

    def draw(self, site, start):
        """Support starts [query, window], -1 where a quarter has none; the query's own window where no quarter has one."""
        window, drawn = self.training["window"], []
        offset = 0 if self.training["support"] % 4 == 0 else self.random.integers(4, size=len(site))
        for k in range(self.training["support"]):
            quarter, chosen = (offset + k) % 4, numpy.full(len(site), -1)
            for q, (starts, first, keys) in enumerate(self.quarters):
                rows = numpy.flatnonzero(numpy.broadcast_to(quarter == q, len(site)))
                if len(rows) == 0 or len(starts) == 0:
                    continue
                s, at = site[rows], start[rows]
                low = numpy.searchsorted(keys, s * self.reach + numpy.maximum(at - window + 1, 0))
                high = numpy.searchsorted(keys, s * self.reach + at + window)
                free = numpy.diff(first)[s] - (high - low)
                pick = first[s] + (self.random.random(len(s)) * free).astype(numpy.int64)
                pick = numpy.where(pick < low, pick, pick + high - low)
                chosen[rows] = numpy.where(free > 0, starts[numpy.minimum(pick, len(starts) - 1)], -1)
            drawn.append(chosen)
        drawn = numpy.stack(drawn, 1)
        none = (drawn < 0).all(1)
        drawn[none, 0] = start[none]
        return drawn

    def gather(self, site, start, support):
        """One batch: x, statics, support, support weight, targets, valid, weight."""
        first, statics = self.a["site_from"][site].astype(numpy.int64), self.a["statics"][site]
        there = support >= 0
        support_weight = there / there.sum(1, keepdims=True, dtype=numpy.float32)
        channels = self.a["x"].shape[1]
        windows = taken(self.x, (first[:, None] + numpy.maximum(support, 0)).reshape(-1), channels)
        last = first + start + self.training["window"] - self.training["lossDays"]
        weight, y = self.weight[last], taken(self.y, last, 3)
        valid = ~numpy.isnan(y) & ~numpy.isnan(weight)[:, :, None]
        return (taken(self.x, first + start, channels), statics, windows, support_weight.astype(numpy.float32), numpy.where(valid, y, 0).astype(numpy.float32),
                valid.astype(numpy.float32), numpy.nan_to_num(weight))

    def epoch(self):
        order = self.random.permutation(len(self.a["queries"]))
        for begin in range(0, len(order), self.batch):
            site, start = self.a["queries"][order[begin : begin + self.batch]].T.astype(numpy.int64)
            yield self.gather(site, start, self.draw(site, start))


def measure_epoch(folder, job):
    about = open_torch()
    arrays, training, size = read_arrays(folder), job["training"], job["batch"]
    loader = Loader(arrays, training, size, job["seed"])
    compared = Training(folder, training, compared=True)
    losses = []
    for begin in range(0, len(arrays["check_queries"]), size):
        site, start = arrays["check_queries"][begin : begin + size].T.astype(numpy.int64)
        losses.append(compared.step(loader.gather(site, start, arrays["check_starts"][begin : begin + size])))
    timed = Training(folder, training)

    def run():
        for batch in loader.epoch():
            timed.step(batch)

    return losses, about, run


def predict_site(model, drivers, statics, support, scale, window):
    """Fluxes [day, flux] in physical units, NaN where a window misses a driver; z once, then the last day of each whole window."""
    x = (drivers - scale["mean"]) / scale["sd"]
    out = numpy.full((len(x), 3), numpy.nan, numpy.float32)
    missing = numpy.concatenate([[0], numpy.cumsum(numpy.isnan(x).any(1))])
    starts = numpy.flatnonzero(missing[window:] == missing[:-window])
    if len(starts) == 0:
        return out
    windows, one = windows_of(x, window), torch.from_numpy(statics)[None]
    z = model.encode(None, one, torch.from_numpy(taken(windows, support, x.shape[1])), torch.full((1, len(support)), 1 / len(support)))
    for begin in range(0, len(starts), PREDICT_BATCH):
        part = starts[begin : begin + PREDICT_BATCH]
        fluxes = model.forward_model(torch.from_numpy(taken(windows, part, x.shape[1])), z.expand(len(part), -1), 1)[:, 0].numpy()
        out[part + window - 1] = fluxes * scale["targetSd"] + scale["targetMean"]
    return out


def measure_inference(folder, job):
    about = open_torch()
    arrays, window = read_arrays(folder), job["training"]["window"]
    scale = {name: numpy.array(job["standardiser"][name], numpy.float32) for name in ("mean", "sd", "targetMean", "targetSd")}
    model = build(job["training"]["model"])
    model.load_state_dict(load_file(os.path.join(folder, "weights.safetensors")))
    model.eval()
    at, support_at = arrays["site_from"], arrays["support_from"]

    @torch.inference_mode()
    def run():
        return [
            predict_site(model, arrays["drivers"][at[k] : at[k + 1]], arrays["statics"][k], arrays["support"][support_at[k] : support_at[k + 1]], scale, window)
            for k in range(len(at) - 1)
        ]

    values = numpy.abs(numpy.concatenate(run()).astype(numpy.float64))
    return numpy.nanmean(values, 0).tolist(), about, run
