"""The contract that a model file carries in itself; models/README.md describes it."""

import json

import numpy as np

from .windows import HORIZON, STEP_SECONDS, WINDOW, Windows

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


def model_input(windows: Windows) -> np.ndarray:
    """[samples, WINDOW, features] float32, as the controller fills it."""
    return np.stack([getattr(windows, field) for field, *_ in FEATURES], axis=2).astype(np.float32)


def contract(name: str, version: str, trained_on: Windows) -> str:
    """The metadata as JSON; ranges are those of the training windows."""
    features = []
    for field, feature, unit, scope in FEATURES:
        values = getattr(trained_on, field)
        bounds = (None, None) if field in FREE else (_rounded(values.min()), _rounded(values.max()))
        features.append({"name": feature, "unit": unit, "scope": scope, "min": bounds[0], "max": bounds[1]})
        if field == "rate":
            features[-1]["default"] = 1
    return json.dumps(
        {
            "schema": "kubectl-qos.dev/model/v1",
            "name": name,
            "version": version,
            "window": WINDOW,
            "stepSeconds": STEP_SECONDS,
            "horizonSeconds": HORIZON * STEP_SECONDS,
            "features": features,
            "outputs": [
                {"aggregate": aggregate, "quantile": quantile} for aggregate in AGGREGATES for quantile in QUANTILES
            ],
            "target": {"metric": "*", "unit": "*", "direction": "Minimize"},
        }
    )


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")
