"""
Like Informer (Zhou et al., 2021): attention, a distilling step that halves the sequence, attention again, and a head
that gives the whole horizon at once. Of a window this short its sparse attention would select every query, so that
it is full attention.
"""

import numpy as np

from ..samples import Samples
from .descent import Descent, quantiles_of, weights
from .fitting import Fitting
from .network import Network, fit_network

WIDTH, HEADS, INNER = 16, 2, 32


def _normalized(operations, values, gain):
    centred = operations.subtract(values, operations.mean_last(values))
    variance = operations.add(operations.mean_last(operations.multiply(centred, centred)), 1e-5)
    # The square root, by operations that are there.
    deviation = operations.exp(operations.multiply(operations.log(variance), 0.5))
    return operations.multiply(operations.divide(centred, deviation), gain)


def _by_head(operations, values, length):
    split = operations.reshape(values, (-1, length, HEADS, WIDTH // HEADS))
    return operations.transpose(split, (0, 2, 1, 3))


def _attention(operations, values, length, parameters, layer):
    query, key, value = (
        _by_head(operations, operations.matmul(values, parameters[f"{role}{layer}"]), length)
        for role in ("query", "key", "value")
    )
    scores = operations.matmul(query, operations.transpose(key, (0, 1, 3, 2)))
    shares = operations.softmax(operations.multiply(scores, float((WIDTH // HEADS) ** -0.5)))
    seen = operations.transpose(operations.matmul(shares, value), (0, 2, 1, 3))
    seen = operations.matmul(operations.reshape(seen, (-1, length, WIDTH)), parameters[f"out{layer}"])
    values = _normalized(operations, operations.add(values, seen), parameters[f"gain{layer}"])
    inner = operations.add(operations.matmul(values, parameters[f"inner{layer}"]), parameters[f"inner_bias{layer}"])
    inner = operations.matmul(operations.multiply(inner, operations.sigmoid(inner)), parameters[f"outer{layer}"])
    return _normalized(operations, operations.add(values, inner), parameters[f"last_gain{layer}"])


def answer(operations, given, parameters):
    length = parameters["position"].shape[0]
    values = operations.add(operations.matmul(given, parameters["embed"]), parameters["position"])
    values = _attention(operations, values, length, parameters, 0)
    even, odd = (operations.take(values, np.arange(first, length - length % 2, 2), axis=1) for first in (0, 1))
    half = length // 2
    values = _attention(operations, operations.maximum(even, odd), half, parameters, 1)
    whole = operations.reshape(values, (-1, half * WIDTH))
    return operations.add(operations.matmul(whole, parameters["head"]), parameters["bias"])


def fit(samples: Samples, fitting: Fitting) -> Network:
    random = np.random.default_rng(fitting.seed)
    _, window, channels = samples.sequence.shape
    outputs = samples.targets.shape[1]
    start = {
        "embed": weights(random, channels, WIDTH),
        "position": weights(random, window, WIDTH),
        "head": weights(random, window // 2 * WIDTH, outputs) * np.float32(0.1),
        "bias": quantiles_of(samples.targets),
    }
    for layer in range(2):
        start |= {f"{role}{layer}": weights(random, WIDTH, WIDTH) for role in ("query", "key", "value", "out")}
        start |= {f"gain{layer}": np.ones(WIDTH, np.float32), f"last_gain{layer}": np.ones(WIDTH, np.float32)}
        start |= {f"inner{layer}": weights(random, WIDTH, INNER), f"inner_bias{layer}": np.zeros(INNER, np.float32)}
        start |= {f"outer{layer}": weights(random, INNER, WIDTH)}
    return fit_network(answer, start, samples, Descent(epochs=12, rate=3e-3), fitting)
