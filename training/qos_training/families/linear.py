"""Linear quantile regression: the pinball loss on standardized ratios."""

from dataclasses import dataclass

import numpy as np

from ..operations import Arrays
from ..samples import Samples
from .descent import Descent, descend, quantiles_of, standardization, standardized
from .fitting import Fitting, flat


@dataclass(frozen=True)
class Linear:
    window: int
    channels: int
    scaler: dict
    parameters: dict

    def logarithms(self, operations, inputs):
        given = standardized(operations, flat(operations, inputs, self.channels, self.window), self.scaler)
        return _answer(operations, given, self.parameters), 1.0


def _answer(operations, given, parameters):
    return operations.add(operations.matmul(given, parameters["weight"]), parameters["bias"])


def fit(samples: Samples, fitting: Fitting) -> Linear:
    _, window, channels = samples.sequence.shape
    everything = flat(Arrays, samples.inputs, channels, window)
    scaler = standardization(everything)
    outputs = samples.targets.shape[1]
    start = {"weight": np.zeros((everything.shape[1], outputs), np.float32), "bias": quantiles_of(samples.targets)}

    def answer(operations, inputs, parameters):
        given = standardized(operations, flat(operations, inputs, channels, window), scaler)
        return _answer(operations, given, parameters)

    return Linear(window, channels, scaler, descend(answer, start, samples, Descent(epochs=20), fitting))
