"""
Simple exponential smoothing of the logarithm, ETS(A,N,N) of Hyndman et al. (2008): every window finds the smoothing
factor that would have forecast it best one step ahead. Intervals come from calibration alone.
"""

from dataclasses import dataclass

import numpy as np

from ..contract import AGGREGATES, QUANTILES
from ..samples import Samples
from .fitting import LEAST_SPREAD, Fitting

FACTORS = np.asarray([0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])


@dataclass(frozen=True)
class ExponentialSmoothing:
    forecasts: np.ndarray
    """[window, factors * (window - 1)]: a window times this is what each factor says of each step from the earlier ones."""
    levels: np.ndarray
    """[window, factors]: a window times this is where each factor ends."""

    def logarithms(self, operations, inputs):
        window, choices = self.levels.shape
        sequence, _ = inputs
        ratios = operations.reshape(operations.take(sequence, [0], axis=2), (-1, window))
        actual = operations.take(ratios, np.tile(np.arange(1, window), choices), axis=1)
        errors = operations.absolute(operations.subtract(actual, operations.matmul(ratios, self.forecasts)))
        by_factor = operations.mean_last(operations.reshape(errors, (-1, choices, window - 1)))
        by_factor = operations.reshape(by_factor, (-1, choices))
        chosen = operations.one_hot_of_least(by_factor, choices)
        point = _chosen(operations, chosen, operations.matmul(ratios, self.levels))
        scale = operations.add(_chosen(operations, chosen, by_factor), LEAST_SPREAD)
        return operations.take(point, [0] * (len(AGGREGATES) * len(QUANTILES)), axis=1), scale


def _chosen(operations, chosen, values):
    ones = np.ones((len(FACTORS), 1), np.float32)
    return operations.matmul(operations.multiply(chosen, values), ones)


def fit(samples: Samples, fitting: Fitting) -> ExponentialSmoothing:
    window = samples.sequence.shape[1]
    forecasts, levels = [], []
    for factor in FACTORS:
        level = np.eye(window)[0]
        for step in range(1, window):
            forecasts.append(level)
            level = factor * np.eye(window)[step] + (1 - factor) * level
        levels.append(level)
    fitting.progress(1, 1)
    return ExponentialSmoothing(np.stack(forecasts, 1).astype(np.float32), np.stack(levels, 1).astype(np.float32))
