"""Reads a CSV file of measurements onto a regular grid. Nothing is carried back in time."""

import gzip
import io
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from .problems import InputProblem
from .recordings import Recording
from .windows import Layout

DEFAULT_COLUMNS = {
    "time": "timestamp",
    "workload": "workload",
    "objective": "objective",
    "utilization": "node_cpu_utilization",
    "rate": "fps",
}
OPTIONAL = ("workload", "utilization", "rate")
LARGEST_UTILIZATION = 5.0
"""A share of a node's cores beyond that is another unit."""
LEAST_KNOWN = 0.5
MILLISECONDS_FROM = 1e11
"""A time in seconds as large as this is in the year 5138."""


@dataclass(frozen=True)
class Source:
    csv: Path
    columns: dict[str, str]
    """By role, of those that were named; others have their default names and may be absent."""
    node_cores: float | None
    """`utilization` is in cores of nodes of this size."""
    clip: float | None
    """Larger values of the objective are taken as this."""
    scale: float
    """The objective is multiplied by it first."""
    largest: float | None
    """Beyond it the objective is not in its unit."""
    unit: str
    sort: bool
    notes: bool
    """Say what is odd, but can be used."""


@dataclass(frozen=True)
class History:
    recordings: list[Recording]
    layout: Layout
    has_utilization: bool
    has_rate: bool


def read_history(source: Source, step_seconds: float, window: int, horizon: int) -> History:
    table, columns = _table(source)
    times = _times(table[columns["time"]], source)
    values = {
        role: _numbers(table[columns[role]], role, source)
        for role in ("objective", "utilization", "rate")
        if role in columns
    }
    values["objective"] = _objective(values["objective"], source)
    if "utilization" in values:
        values["utilization"] = _utilization(values["utilization"], source)
    names = table[columns["workload"]].astype(str).to_numpy() if "workload" in columns else np.full(len(table), "all")
    layout = _layout(times, names, source, step_seconds, window, horizon)
    recordings = []
    for name in sorted(set(names)):
        rows = np.flatnonzero(names == name)
        recordings.append(_recording(name, rows, times, values, source, layout))
    return History(recordings, layout, "utilization" in values, "rate" in values)


def _table(source: Source) -> tuple[pd.DataFrame, dict[str, str]]:
    try:
        content = source.csv.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except (OSError, EOFError) as error:
        raise InputProblem(f"{source.csv} cannot be read ({getattr(error, 'strerror', None) or error})") from None
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputProblem(f"{source.csv} is not UTF-8 (line {line}); save it as UTF-8") from None
    if not text.strip():
        raise InputProblem(f"{source.csv} is empty; it needs a header line and rows of measurements")
    try:
        table = pd.read_csv(io.StringIO(text), low_memory=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise InputProblem(f"{source.csv} is not CSV ({str(error).strip().splitlines()[0]})") from None
    columns = {}
    for role, default in DEFAULT_COLUMNS.items():
        name = source.columns.get(role, default)
        if name in table.columns:
            columns[role] = name
        elif role in source.columns or role not in OPTIONAL:
            raise InputProblem(
                f"{source.csv} has no column {name} ({role}); it has {_listed(table.columns)}; "
                + (
                    "separate the columns by commas"
                    if len(table.columns) == 1
                    else f"name the right one with --column {role}=NAME"
                )
            )
    _note_unused(source, columns, table.columns)
    if len(table) < 2:
        raise InputProblem(f"{source.csv} has {len(table)} row{'s' * (len(table) != 1)} of measurements; that is no history")
    return table, columns


def _note_unused(source: Source, columns: dict[str, str], present) -> None:
    """Of roles that have no column although some columns have no role: one may be misspelled."""
    absent = [f"{role} ({DEFAULT_COLUMNS[role]})" for role in DEFAULT_COLUMNS if role not in columns]
    unused = [name for name in present if name not in columns.values()]
    if source.notes and absent and unused:
        print(
            f"{source.csv}: no column for {' and '.join(absent)}, not used: {_listed(unused)}; "
            "if one is meant, pass --column ROLE=NAME",
            file=sys.stderr,
        )


def _listed(names) -> str:
    shown = ", ".join(map(str, names[:12]))
    return shown + (f" and {len(names) - 12} more" if len(names) > 12 else "")


def _times(column: pd.Series, source: Source) -> np.ndarray:
    numbers = pd.to_numeric(column, errors="coerce")
    if numbers.isna().all():
        parsed = pd.to_datetime(column, utc=True, errors="coerce", format="ISO8601")
        numbers = pd.Series((parsed - pd.Timestamp(0, tz="UTC")).dt.total_seconds())
    bad = np.flatnonzero(~np.isfinite(numbers.to_numpy(dtype=float)))
    if len(bad):
        raise InputProblem(
            f"{source.csv}, line {bad[0] + 2}: {column.iloc[bad[0]]!r} in {column.name} is no time; "
            "give seconds since 1970 or ISO 8601"
        )
    times = numbers.to_numpy(dtype=float)
    return times / 1000 if np.median(times) > MILLISECONDS_FROM else times


def _numbers(column: pd.Series, role: str, source: Source) -> np.ndarray:
    """NaN where nothing usable was measured: empty, NaN, infinite or negative."""
    numbers = pd.to_numeric(column, errors="coerce")
    words = column.notna() & numbers.isna() & (column.astype(str).str.strip().str.lower() != "nan")
    bad = np.flatnonzero(words.to_numpy())
    if len(bad):
        raise InputProblem(
            f"{source.csv}, line {bad[0] + 2}: {column.iloc[bad[0]]!r} in {column.name} ({role}) is no number"
        )
    values = numbers.to_numpy(dtype=float).copy()
    values[~np.isfinite(values) | (values < 0)] = np.nan
    return values


def _objective(values: np.ndarray, source: Source) -> np.ndarray:
    known = np.isfinite(values).mean()
    if known < LEAST_KNOWN:
        raise InputProblem(
            f"{source.csv}: only {known:.0%} of the objective's values are measurements (not empty, NaN, infinite or "
            f"negative); at least {LEAST_KNOWN:.0%} are needed"
        )
    values = values * source.scale
    middle = np.nanmedian(values)
    if source.largest is not None and middle > source.largest:
        raise InputProblem(
            f"{source.csv}: half of the objective's values are above {middle:.4g} {source.unit}, more than the metric can "
            f"be ({source.largest:g}); if they are in another unit, convert them with --scale FACTOR"
        )
    return values


def _utilization(values: np.ndarray, source: Source) -> np.ndarray:
    values = values / source.node_cores if source.node_cores else values
    largest = np.nanmax(values, initial=0)
    if largest > LARGEST_UTILIZATION:
        raise InputProblem(
            f"{source.csv}: the utilization goes up to {largest:.4g}, but it is the share of the node's cores in use "
            "(unit ratio); of cores pass --node-cores N, of percent --node-cores 100"
        )
    return values


def _layout(times, names, source: Source, step_seconds: float, window: int, horizon: int) -> Layout:
    """The grid is as fine as the rows come, so that a window may start at any of them."""
    gaps = []
    for name in set(names):
        rows = np.flatnonzero(names == name)
        steps = np.diff(times[rows])
        back = np.flatnonzero(steps <= 0)
        if len(back) and not source.sort:
            what = "repeats" if steps[back[0]] == 0 else "goes back"
            of = f" of {name}" if len(set(names)) > 1 else ""
            raise InputProblem(
                f"{source.csv}, line {rows[back[0] + 1] + 2}: the time{of} {what}; sort the file by time, or pass --sort"
            )
        gaps.append(steps[steps > 0])
    spacing = float(np.median(np.concatenate(gaps))) if any(map(len, gaps)) else step_seconds
    if spacing > 1.5 * step_seconds:
        raise InputProblem(
            f"{source.csv}: rows come every {spacing:g} s, but a step is {step_seconds:g} s; pass --step {max(1, round(spacing))}s, "
            "and give the controller the same step"
        )
    step = int(step_seconds) if float(step_seconds).is_integer() else step_seconds
    return Layout(step, window, horizon, max(1, round(step_seconds / spacing)))


def _recording(name: str, rows, times, values, source: Source, layout: Layout) -> Recording:
    """The newest value of each row of the grid; of what is not measured at all, ones, which no model is given."""
    order = rows[np.argsort(times[rows], kind="stable")]
    # One grid for all workloads: what comes later for one is not learned from another.
    row_seconds = layout.step_seconds / layout.stride
    at = np.floor((times[order] - times.min()) / row_seconds + 1e-6).astype(int)
    span = int((times.max() - times.min()) / row_seconds + 1e-6) + 1
    offset, index = int(at[0]), at - at[0]
    series = {}
    for role in ("objective", "utilization", "rate"):
        if role not in values:
            series[role] = np.ones(index[-1] + 1)
            continue
        series[role] = np.full(index[-1] + 1, np.nan)
        known = np.isfinite(values[role][order])
        series[role][index[known]] = values[role][order][known]
    if source.clip:
        series["objective"] = np.minimum(series["objective"], source.clip)
    return Recording(name, series["objective"], series["utilization"], series["rate"], offset, span)
