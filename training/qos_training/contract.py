"""The contract that a model file carries in itself; models/README.md describes it."""

import json
from dataclasses import dataclass

import numpy as np

from .windows import BUILTIN_LAYOUT, Layout, Windows

METADATA_KEY = "kubectl-qos.dev/model"
AGGREGATES = ("Mean", "Max", "Min")
QUANTILES = (0.05, 0.5, 0.95)

FEATURES = (
    ("objective", "objective_after_move", "*", "Pair"),
    ("utilization", "node_cpu_utilization_after_move", "ratio", "Pair"),
    ("rate", "fps", "frames_per_second", "Workload"),
    ("history_median", "objective_history_median", "ratio", "Workload"),
    ("history_max", "objective_history_max", "ratio", "Workload"),
)
"""Field of Windows, feature of the controller, unit, scope; in the order of the input's last dimension."""

FREE = ("objective", "rate")
"""Only ratios of these reach the network: any level is as good as the trained ones."""


def model_input(windows: Windows, features=FEATURES) -> np.ndarray:
    """[samples, window, features] float32, as the controller fills it."""
    return np.stack([getattr(windows, field) for field, *_ in features], axis=2).astype(np.float32)


@dataclass(frozen=True)
class Target:
    """What a model answers for; `*` is any."""

    metric: str = "*"
    unit: str = "*"
    direction: str = "Minimize"


ANY_TARGET = Target()


def contract(
    name: str,
    version: str,
    trained_on: Windows,
    features=FEATURES,
    target: Target = ANY_TARGET,
    layout: Layout = BUILTIN_LAYOUT,
) -> str:
    """The metadata as JSON; ranges are those of the training windows."""
    described = []
    for field, feature, unit, scope in features:
        values = getattr(trained_on, field)
        bounds = (None, None) if field in FREE else (_rounded(values.min()), _rounded(values.max()))
        described.append({"name": feature, "unit": unit, "scope": scope, "min": bounds[0], "max": bounds[1]})
        if field == "rate":
            described[-1]["default"] = 1
    return json.dumps(
        {
            "schema": "kubectl-qos.dev/model/v1",
            "name": name,
            "version": version,
            "window": layout.window,
            "stepSeconds": layout.step_seconds,
            "horizonSeconds": layout.horizon * layout.step_seconds,
            "features": described,
            "outputs": [
                {"aggregate": aggregate, "quantile": quantile} for aggregate in AGGREGATES for quantile in QUANTILES
            ],
            "target": {"metric": target.metric, "unit": target.unit, "direction": target.direction},
        }
    )


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
