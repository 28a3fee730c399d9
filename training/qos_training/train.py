"""One run of the command `train`, up to the model file: training/command has what comes before and after."""

import json
from pathlib import Path

from .history import History, Source, read_history
from .problems import InputProblem
from .run_folder import RunFolder
from .windows import WINDOW, Windows, cut, join

LEAST_SAMPLES = {"train": 200, "validation": 40, "test": 40}


def train(request_file: Path) -> None:
    """`request_file` is written by training/command/run.ts, which says what is in it; results go to its folder."""
    request = json.loads(request_file.read_text())
    folder = RunFolder(request_file.parent)
    if (folder.path / "trained.json").exists():
        return
    history = folder.once("history", lambda: _history(request))
    windows = folder.once("windows", lambda: _windows(history, request["csv"]))
    # Loaded when it is known that the input is good: it takes a second.
    from .produce import produce

    produce(request, folder, history, windows)


def _history(request) -> History:
    fields = ("columns", "nodeCores", "clip", "scale", "largest", "sort")
    columns, node_cores, clip, scale, largest, sort = (request["preparation"][field] for field in fields)
    unit = request["target"]["unit"]
    source = Source(
        Path(request["csv"]), columns, node_cores, clip, scale, largest, unit, sort, request["isFirst"]
    )
    return read_history(source, request["preparation"]["stepSeconds"], WINDOW, request["preparation"]["horizonSteps"])


def _windows(history: History, csv: str) -> Windows:
    """Cut per workload; short ones give nothing."""
    layout = history.layout
    least = (layout.window + layout.horizon) * layout.stride
    long_enough = [recording for recording in history.recordings if len(recording) > least]
    windows = join([cut(recording, layout) for recording in long_enough]) if long_enough else None
    for name, least_samples in LEAST_SAMPLES.items():
        found = 0 if windows is None else int((windows.split == name).sum())
        if found < least_samples:
            seconds = least * layout.step_seconds / layout.stride
            raise InputProblem(
                f"{csv} gives {found} {name} samples, at least {least_samples} are needed: each takes {_duration(seconds)} "
                "of one workload's measurements without long gaps, mostly above 0; give a longer history, of Prometheus by --last"
            )
    return windows


def _duration(seconds: float) -> str:
    return f"{seconds:.3g} seconds" if seconds < 120 else f"{seconds / 60:.3g} minutes"
