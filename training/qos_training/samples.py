"""What the families learn from: windows as ratios, so that one model serves any app in any unit."""

from dataclasses import dataclass

import numpy as np

from .contract import AGGREGATES, QUANTILES, Target, model_input
from .windows import Windows

LOG_LIMIT = 3.0
"""Ratios beyond e^3 (20) are taken as that."""
RATE_UNIT = 1e-3
LEAST = 1e-12
"""Stands for a level of zero."""


def features_of(target: Target, has_utilization: bool, has_rate: bool):
    """Field of Windows, feature of the controller, unit, scope; as FEATURES of contract.py, of what is measured."""
    objective = (
        ("objective", "objective_after_move", "*", "Pair")
        if target.direction == "Minimize"
        else ("objective", target.metric, target.unit, "Workload")
    )
    return (
        objective,
        *([("utilization", "node_cpu_utilization_after_move", "ratio", "Pair")] if has_utilization else []),
        *([("rate", "fps", "frames_per_second", "Workload")] if has_rate else []),
        ("history_median", "objective_history_median", "ratio", "Workload"),
        ("history_max", "objective_history_max", "ratio", "Workload"),
    )


def seen(operations, columns: dict):
    """
    Columns [samples, window] by field of Windows -> level [samples, 1], sequence [samples, window, channels], and the
    window's ratios sorted, largest first. `operations` is numpy in training and the graph in the exported model.
    """
    ops = operations
    level = ops.maximum(ops.median(columns["objective"]), LEAST)
    ratio = _logarithm(ops, ops.divide(columns["objective"], level))
    channels = [ratio]
    if "utilization" in columns:
        channels.append(columns["utilization"])
    if "rate" in columns:
        rate = ops.add(columns["rate"], RATE_UNIT)
        deviation = ops.subtract(ops.divide(rate, ops.largest(rate)), 1.0)
        channels.append(ops.asinh(ops.divide(deviation, RATE_UNIT)))
    channels += [_logarithm(ops, columns[field]) for field in ("history_median", "history_max")]
    return level, ops.stack_last(channels), ops.sort_descending(ratio)


def _logarithm(ops, ratio):
    return ops.log(ops.clip(ratio, float(np.exp(-LOG_LIMIT)), float(np.exp(LOG_LIMIT))))


@dataclass(frozen=True)
class Samples:
    """Float32; what a family is fitted on."""

    level: np.ndarray
    sequence: np.ndarray
    ordered: np.ndarray
    targets: np.ndarray
    """[samples, outputs] logarithms of mean, max and min over the level, repeated for each quantile."""
    importance: np.ndarray
    """[samples, 1]: an absolute error counts the same wherever within a workload it is made."""

    def __len__(self) -> int:
        return len(self.level)

    @property
    def inputs(self):
        return self.sequence, self.ordered

    def thinned(self, most: int) -> "Samples":
        """Every n-th sample, so that at most `most` are left."""
        step = max(1, -(-len(self) // most))
        return Samples(**{name: values[::step] for name, values in vars(self).items()})


def samples_of(operations, windows: Windows, features) -> Samples:
    given = model_input(windows, features)
    columns = {field: given[:, :, index] for index, (field, *_) in enumerate(features)}
    level, sequence, ordered = (values.astype(np.float32) for values in seen(operations, columns))
    ratios = np.clip(windows.targets / level, np.exp(-LOG_LIMIT), np.exp(LOG_LIMIT))
    importance = np.ones_like(level)
    for name in set(windows.recording):
        rows = windows.recording == name
        importance[rows] = level[rows] / np.median(level[rows])
    targets = np.repeat(np.log(ratios), len(QUANTILES), axis=1).astype(np.float32)
    assert targets.shape[1] == len(AGGREGATES) * len(QUANTILES)
    return Samples(level, sequence, ordered, targets, np.clip(importance, 0.1, 10))
