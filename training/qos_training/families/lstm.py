"""A long short-term memory (Hochreiter and Schmidhuber, 1997) over the window, with quantile heads."""

import numpy as np

from ..samples import Samples
from .descent import Descent, quantiles_of, weights
from .fitting import Fitting
from .network import Network, fit_network

HIDDEN = 24


def answer(operations, given, parameters):
    state = operations.lstm(given, parameters["input"], parameters["recurrent"], parameters["gates"])
    return operations.add(operations.matmul(state, parameters["head"]), parameters["bias"])


def fit(samples: Samples, fitting: Fitting) -> Network:
    random = np.random.default_rng(fitting.seed)
    channels, outputs = samples.sequence.shape[2], samples.targets.shape[1]
    gates = np.zeros(4 * HIDDEN, np.float32)
    gates[2 * HIDDEN : 3 * HIDDEN] = 1
    start = {
        "input": weights(random, channels, 4 * HIDDEN),
        "recurrent": weights(random, HIDDEN, 4 * HIDDEN),
        "gates": gates,
        "head": weights(random, HIDDEN, outputs) * np.float32(0.1),
        "bias": quantiles_of(samples.targets),
    }
    return fit_network(answer, start, samples, Descent(epochs=12, rate=5e-3), fitting)
