"""What a network sees of a window: free of scale, so that it serves any app in any unit. export.py says the same in ONNX."""

import numpy as np

from .windows import Windows

LOG_LIMIT = 3.0
RATE_UNIT = 1e-3
"""Relative deviation of a frame rate that matters: a steady pipeline holds its rate to a thousandth."""
LEAST_RATE = 1e-3


def level(windows: Windows) -> np.ndarray:
    """[samples, 1] the median of the window, by which everything in its unit is divided."""
    return np.median(windows.objective, axis=1, keepdims=True)


def _logarithm(ratio: np.ndarray) -> np.ndarray:
    return np.log(np.clip(ratio, np.exp(-LOG_LIMIT), np.exp(LOG_LIMIT)))


def network_inputs(windows: Windows) -> np.ndarray:
    """[samples, inputs] float64. Sorting is dear in service: only the objective is, for its median."""
    ratio = windows.objective / level(windows)
    rate = windows.rate + LEAST_RATE
    deviation = rate / rate.max(axis=1, keepdims=True) - 1
    return np.hstack(
        [
            _logarithm(ratio),
            _logarithm(-np.sort(-ratio, axis=1)),
            windows.utilization,
            np.arcsinh(deviation / RATE_UNIT),
            _logarithm(windows.history_median),
            _logarithm(windows.history_max),
        ]
    )


def forget_some(windows: Windows, random: np.random.Generator, share: float) -> Windows:
    """A copy where for a share of the samples each the rate is not measured and the app came to its node lately."""
    fields = dict(vars(windows))
    unmeasured = random.random(len(windows)) < share
    fields["rate"] = np.where(unmeasured[:, None], 1.0, windows.rate)
    came = np.where(random.random(len(windows)) < share, random.integers(1, 10, len(windows)), 0)
    part = np.maximum(np.arange(10)[None, :], came[:, None])
    for name in ("history_median", "history_max"):
        fields[name] = np.take_along_axis(fields[name], part, axis=1)
    return Windows(**fields)
