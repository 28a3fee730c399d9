"""
Like PatchMixer (Gong et al., 2023): overlapping patches of the window, mixed by a convolution within and one across
patches, and two heads, a linear and a nonlinear one, whose answers are added.
"""

import numpy as np

from ..samples import Samples
from .descent import Descent, quantiles_of, weights
from .fitting import Fitting
from .network import Network, fit_network

PATCH, STRIDE, WIDTH, HIDDEN = 4, 2, 24, 32


def _silu(operations, values):
    return operations.multiply(values, operations.sigmoid(values))


def answer(operations, given, parameters):
    starts = parameters["within"].shape[0]
    rows = np.concatenate([np.arange(PATCH) + STRIDE * patch for patch in range(starts)])
    patches = operations.reshape(operations.take(given, rows, axis=1), (-1, starts, parameters["embed"].shape[0]))
    embedded = operations.add(operations.matmul(patches, parameters["embed"]), parameters["position"])
    within = _silu(operations, operations.convolve(embedded, parameters["within"]))
    mixed = _silu(operations, operations.matmul(parameters["across"], operations.add(embedded, within)))
    linear = operations.matmul(operations.reshape(embedded, (-1, starts * WIDTH)), parameters["linear"])
    hidden = operations.matmul(operations.reshape(mixed, (-1, starts * WIDTH)), parameters["hidden"])
    hidden = _silu(operations, operations.add(hidden, parameters["hidden_bias"]))
    nonlinear = operations.matmul(hidden, parameters["head"])
    return operations.add(operations.add(linear, nonlinear), parameters["bias"])


def fit(samples: Samples, fitting: Fitting) -> Network:
    random = np.random.default_rng(fitting.seed)
    _, window, channels = samples.sequence.shape
    outputs = samples.targets.shape[1]
    patches = max(1, (window - PATCH) // STRIDE + 1)
    start = {
        "embed": weights(random, PATCH * channels, WIDTH),
        "position": np.zeros((patches, WIDTH), np.float32),
        "within": weights(random, patches, 1, 3) * np.float32(0.5),
        "across": weights(random, patches, patches),
        "linear": weights(random, patches * WIDTH, outputs) * np.float32(0.1),
        "hidden": weights(random, patches * WIDTH, HIDDEN),
        "hidden_bias": np.zeros(HIDDEN, np.float32),
        "head": weights(random, HIDDEN, outputs) * np.float32(0.1),
        "bias": quantiles_of(samples.targets),
    }
    return fit_network(answer, start, samples, Descent(epochs=12, rate=5e-3), fitting)
