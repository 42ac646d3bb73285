"""u* filter, gap filling and both partitions of one site's half-hours, by hesseflux (Cuntz, MIT).

partition_driver.py IN OUT: each file is a line of JSON, then columns of little-endian doubles (src/data/partition/frame.ts).
Stdout: one JSON object a line, how far it is; or why these half-hours cannot be partitioned. Messages for people are the caller's.
"""
import contextlib
import json
import sys
import warnings

import numpy as np
import pandas as pd
from pyjams.functions import lasslop
from scipy import optimize

# hesseflux 5.0 uses two names that numpy has dropped since
for name, kind in {"int": int, "float": float}.items():
    if not hasattr(np, name):
        setattr(np, name, kind)

import hesseflux  # noqa: E402

# hesseflux prints its own warnings to stdout, which is sent elsewhere below
EVENTS = sys.stdout
UNDEF = -9999.0
# W m-2, as in REddyProc and hesseflux
DAY = 10.0
STEPS = ["meteorology", "spikes", "u* threshold", "gap filling", "night-time partition", "day-time partition"]
# seven classes of temperature of twenty classes of u*, at least two values in each
FEWEST_NIGHT = 280
# night-time values of NEE without which nothing can be fitted
FEWEST_FIT = 50


class Column(pd.Series):
    """hesseflux writes into what `to_numpy` gives, which pandas 3 no longer lets it."""

    @property
    def _constructor(self):
        return Column

    def to_numpy(self, *given, **named):
        return np.array(super().to_numpy(*given, **named))


class Frame(pd.DataFrame):
    @property
    def _constructor(self):
        return Frame

    @property
    def _constructor_sliced(self):
        return Column


class Search:
    """scipy.optimize for hesseflux, the light response apart: Lasslop et al. minimise squares, hesseflux absolute residuals by a gradient search from
    unscaled parameters that stops early (on a made year it finds 0.77 of the respiration, least squares 0.99)."""

    # of alpha, beta, k and the reference respiration
    SCALE = np.array([0.05, 20.0, 1e-3, 2.0])

    def __getattr__(self, name):
        return getattr(optimize, name)

    def fmin_tnc(self, cost, start, args=(), bounds=None, **named):
        if cost.__name__ != "cost_lasslop":
            return optimize.fmin_tnc(cost, start, args=args, bounds=bounds, **named)
        light, respiration, vpd, nee = args
        found = np.array(start, dtype=float)
        # hesseflux fixes a parameter by two equal bounds
        free = np.array([low is None or low != high for low, high in bounds])
        found[~free] = [low for (low, _), is_free in zip(bounds, free) if not is_free]

        def residuals(values):
            tried = found.copy()
            tried[free] = values
            rest = nee - lasslop(light, respiration, vpd, *tried)
            return np.where(np.isfinite(rest), rest, 1e3)

        if free.any():
            with np.errstate(all="ignore"):
                found[free] = optimize.least_squares(residuals, found[free], x_scale=self.SCALE[free], max_nfev=60).x
        return found, 0, 0


sys.modules["hesseflux.nee2gpp"].opt = Search()


class Refused(Exception):
    """These half-hours cannot be partitioned."""

    def __init__(self, kind, **facts):
        super().__init__(kind)
        self.facts = {"kind": kind, **facts}


def emit(**event):
    EVENTS.write(json.dumps(event) + "\n")
    EVENTS.flush()


def step(k):
    emit(event="step", done=k, of=len(STEPS), note=STEPS[k] if k < len(STEPS) else "")


def read(file):
    with open(file, "rb") as f:
        head = json.loads(f.readline())
        values = np.frombuffer(f.read(), dtype="<f8").reshape(len(head["columns"]), head["rows"])
    return head, dict(zip(head["columns"], values.copy()))


def write(file, report, columns):
    head = {"rows": len(next(iter(columns.values()))), "columns": list(columns), **report}
    with open(file, "wb") as f:
        f.write((json.dumps(head) + "\n").encode())
        for values in columns.values():
            f.write(np.ascontiguousarray(values, dtype="<f8").tobytes())


def framed(index, columns):
    """Values with -9999 for what is missing, and their flags: 0 there, 1 missing."""
    values = Frame({name: np.where(np.isfinite(v), v, UNDEF) for name, v in columns.items()}, index=index)
    flags = Frame({name: (~np.isfinite(v)).astype(int) for name, v in columns.items()}, index=index)
    return values, flags


def filled(index, met, targets, longest):
    """Targets with their gaps filled by MDS, and the quality of each value: 0 as it was, 1 to 3 filled, NaN still missing."""
    out, quality = {}, {}
    for name, values in targets.items():
        if np.isfinite(values).all() or not np.isfinite(values).any():
            out[name], quality[name] = values, np.where(np.isfinite(values), 0.0, np.nan)
            continue
        df, flags = framed(index, {**met, "TARGET": values})
        got, how = hesseflux.gapfill(df, flag=flags, undef=UNDEF, longgap=longest)
        value, flag = got["TARGET"].to_numpy(), how["TARGET"].to_numpy().astype(float)
        gone = ~np.isfinite(values) & (flag == 0)
        out[name], quality[name] = np.where(gone, np.nan, value), np.where(gone, np.nan, flag)
    return out, quality


def spikes(index, nee, day, per_day):
    df, flags = framed(index, {"NEE": nee})
    got = hesseflux.madspikes(df, flag=flags, isday=day.copy(), undef=UNDEF, nscan=15 * per_day, nfill=per_day, z=7.0, deriv=2)
    return (got["NEE"].to_numpy() >= 2) & np.isfinite(nee)


def thresholds(index, columns, day, bootstraps):
    """5th, 50th and 95th percentile of the u* threshold of each year, m s-1."""
    night = ~day & np.logical_and.reduce([np.isfinite(v) for v in columns.values()])
    for year in sorted(set(index.year)):
        n = int((night & (index.year == year)).sum())
        if n < FEWEST_NIGHT:
            raise Refused("few-nights", year=int(year), n=n, least=FEWEST_NIGHT)
    whole = pd.date_range(f"{index[0].year}-01-01", f"{index[-1].year + 1}-01-01", freq=index[1] - index[0], inclusive="left")
    at = whole.get_indexer(index)
    spread = {name: np.full(len(whole), np.nan) for name in columns}
    for name, values in columns.items():
        spread[name][at] = values
    # outside the record nothing is measured, and day or night is all the same
    is_day = np.ones(len(whole), dtype=bool)
    is_day[at] = day
    df, flags = framed(whole, spread)
    found, _ = hesseflux.ustarfilter(df, flag=flags, isday=is_day, undef=UNDEF, nboot=bootstraps)
    rows = []
    for k, year in enumerate(sorted(set(index.year))):
        low, mid, high = (float(v) for v in np.reshape(found, (3, -1))[:, k])
        # where no class of temperature shows a plateau, hesseflux takes the 90th percentile of u* itself
        if mid >= np.quantile(columns["USTAR"][night & (index.year == year)], 0.9):
            raise Refused("no-plateau", year=int(year), found=mid)
        rows.append({"year": int(year), "p05": low, "p50": mid, "p95": high})
    return rows


def calm(index, nee, ustar, day, years, percentile):
    """NEE below each year's threshold, and NEE by night whose u* is not known: at night turbulence must be, by day the sun stirs."""
    still, unknown = np.zeros(len(nee), dtype=bool), np.zeros(len(nee), dtype=bool)
    for row in years:
        own = np.isfinite(nee) & (index.year == row["year"])
        if row[percentile] > 0:
            still |= own & (ustar < row[percentile])
            unknown |= own & ~day & ~np.isfinite(ustar)
    return still, unknown


def partitioned(index, nee, met, day, method, steps):
    """RECO of one method, fitted to measured NEE alone; None and why where hesseflux finds no fit. `steps` is what steps are called."""
    df, flags = framed(index, {"NEE": nee, "TA": met["TA"] + 273.15, "SW_IN": met["SW_IN"], "VPD": 100 * met["VPD"]})
    known = ~day & np.isfinite(nee) & np.isfinite(met["TA"])
    if known.sum() < FEWEST_FIT:
        return None, f"{int(known.sum())} {steps} of the night with NEE"
    if method == "lasslop" and (day & np.isfinite(nee)).sum() < FEWEST_FIT:
        return None, f"{int((day & np.isfinite(nee)).sum())} {steps} of the day with NEE"
    try:
        got = hesseflux.nee2gpp(df, flag=flags, isday=day.copy(), undef=UNDEF, method=method)
    except (ValueError, IndexError, TypeError, FloatingPointError) as error:
        return None, f"hesseflux says: {type(error).__name__}: {error}"
    reco = got["RECO"].to_numpy()
    reco = np.where(reco == UNDEF, np.nan, reco)
    return (reco, None) if np.isfinite(reco).any() else (None, "no window of days gives a fit")


def main():
    head, columns = read(sys.argv[1])
    options = head["options"]
    index = pd.DatetimeIndex(np.datetime64("1970-01-01T00:00") + (head["start"] + head["step"] * np.arange(head["rows"])).astype("timedelta64[m]"))
    per_day = 1440 // head["step"]
    np.random.seed(options["seed"])
    nee = columns.pop("NEE")
    met = {name: columns[name] for name in ("SW_IN", "TA", "VPD")}

    step(0)
    met, met_quality = filled(index, met, met, options["longest"])
    lit = np.isfinite(met["SW_IN"])
    day = lit & (np.where(lit, met["SW_IN"], 0.0) > DAY)
    dark = int((~lit & np.isfinite(nee)).sum())
    nee = np.where(lit, nee, np.nan)

    step(1)
    spiky = spikes(index, nee, day, per_day) if options["despike"] else np.zeros(len(nee), dtype=bool)
    nee = np.where(spiky, np.nan, nee)

    step(2)
    years = [{"year": int(y), "p05": options["ustar"], "p50": options["ustar"], "p95": options["ustar"]} for y in sorted(set(index.year))] if options["ustar"] is not None else \
        thresholds(index, {"NEE": nee, "USTAR": columns["USTAR"], "TA": met["TA"]}, day, options["bootstraps"])
    every = nee
    still, unknown = calm(index, nee, columns["USTAR"], day, years, "p50")
    for row in years:
        own = np.isfinite(nee) & (index.year == row["year"])
        row.update(night=int((own & ~day).sum()), day=int((own & day).sum()), night_filtered=int((own & still & ~day).sum()), day_filtered=int((own & still & day).sum()))
    nee = np.where(still | unknown, np.nan, nee)
    if np.isfinite(nee).sum() < FEWEST_FIT:
        raise Refused("little-nee", n=int(np.isfinite(nee).sum()), least=FEWEST_FIT)

    step(3)
    whole, quality = filled(index, met, {"NEE": nee}, options["longest"])
    nee_f, nee_q = whole["NEE"], quality["NEE"]

    out = {"NEE": nee_f, "NEE_QC": nee_q, **met, **{f"{name}_QC": q for name, q in met_quality.items()}}
    for name in ("05", "95") if options["ustar"] is None else ():
        low, dim = calm(index, every, columns["USTAR"], day, years, f"p{name}")
        other = np.where(low | dim, np.nan, every)
        if np.isfinite(other).sum() >= FEWEST_FIT:
            out[f"NEE_{name}"] = filled(index, met, {"NEE": other}, options["longest"])[0]["NEE"]
    day_failed = None
    for k, (part, method) in enumerate({"NT": "reichstein", "DT": "lasslop"}.items()):
        step(4 + k)
        reco, why = partitioned(index, nee, met, day, method, head["steps"])
        if reco is None and part == "NT":
            raise Refused("no-fit", reason=why)
        if reco is None:
            day_failed = why
            continue
        # where NEE could not be filled neither flux is told
        reco = np.where(np.isfinite(nee_f), reco, np.nan)
        out[f"RECO_{part}"], out[f"GPP_{part}"] = reco, reco - nee_f
    counts = {"no_light": dark, "spikes": int(spiky.sum()), "low_ustar": int(still.sum()), "no_ustar": int(unknown.sum()), "kept": int(np.isfinite(nee).sum())}
    write(sys.argv[2], {"version": hesseflux.__version__, "years": years, "counts": counts, "day_failed": day_failed}, out)
    step(len(STEPS))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    try:
        with contextlib.redirect_stdout(sys.stderr):
            main()
    except Refused as refusal:
        emit(event="refused", **refusal.facts)
        sys.exit(3)
