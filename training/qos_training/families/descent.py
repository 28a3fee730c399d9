"""Gradient descent on the pinball loss, for every family that is a differentiable function of its parameters."""

from dataclasses import dataclass

import autograd.numpy as anp
import numpy as np
from autograd import value_and_grad

from ..contract import AGGREGATES, QUANTILES
from ..operations import Arrays
from ..samples import Samples
from .fitting import Fitting

INPUT_LIMIT = 6.0
"""Standard deviations beyond which an input is taken as that many."""
EPOCHS_PER_STAGE = 2
OUTPUT_QUANTILES = np.asarray(QUANTILES * len(AGGREGATES), np.float32)


@dataclass(frozen=True)
class Descent:
    epochs: int
    rate: float = 3e-3
    batch: int = 256
    most_samples: int = 40_000


def standardization(values: np.ndarray) -> dict[str, np.ndarray]:
    """Of training inputs, over all axes but the last."""
    axes = tuple(range(values.ndim - 1))
    return {"mean": values.mean(axis=axes), "deviation": values.std(axis=axes) + np.float32(1e-6)}


def standardized(operations, values, by):
    scaled = operations.divide(operations.subtract(values, by["mean"]), by["deviation"])
    return operations.clip(scaled, -INPUT_LIMIT, INPUT_LIMIT)


def quantiles_of(targets: np.ndarray) -> np.ndarray:
    """[outputs]: where a network starts from."""
    return np.asarray([np.quantile(targets[:, at], level) for at, level in enumerate(OUTPUT_QUANTILES)], np.float32)


def weights(random: np.random.Generator, *shape: int) -> np.ndarray:
    return (random.standard_normal(shape) / np.sqrt(shape[-2])).astype(np.float32)


def descend(answer, parameters: dict, samples: Samples, settings: Descent, fitting: Fitting) -> dict:
    """
    `answer(operations, inputs, parameters)` is fitted by Adam (Kingma and Ba, 2015) with a cosine-shaped rate on the
    pinball loss (Koenker and Bassett, 1978). Some epochs at a time are kept, so that an interrupted run goes on there.
    """
    epochs = max(2, settings.epochs // 10) if fitting.quick else settings.epochs
    given = samples.thinned(settings.most_samples // (8 if fitting.quick else 1))
    batches = max(1, len(given) // settings.batch)

    def loss(parameters, sequence, ordered, targets, importance):
        error = targets - answer(Arrays, (sequence, ordered), parameters)
        pinball = anp.maximum(OUTPUT_QUANTILES * error, (OUTPUT_QUANTILES - 1) * error)
        return anp.mean(pinball * importance)

    gradient = value_and_grad(loss)
    zeros = {name: np.zeros_like(value) for name, value in parameters.items()}
    state = (parameters, zeros, zeros, 0)
    for first in range(0, epochs, EPOCHS_PER_STAGE):
        last = min(epochs, first + EPOCHS_PER_STAGE)

        def some_epochs(state=state, first=first, last=last):
            for epoch in range(first, last):
                order = np.random.default_rng((fitting.seed, epoch)).permutation(len(given))
                for rows in np.array_split(order, batches):
                    fields = (given.sequence, given.ordered, given.targets, given.importance)
                    _, by = gradient(state[0], *(field[rows] for field in fields))
                    state = _adam(state, by, settings.rate, epochs * batches)
                fitting.progress(epoch + 1, epochs)
            return state

        state = fitting.once(f"epochs-{last}", some_epochs)
    return state[0]


def _adam(state, gradients, rate, steps):
    parameters, first, second, count = state
    count += 1
    rate = rate * 0.5 * (1 + np.cos(np.pi * count / steps))
    first = {name: 0.9 * first[name] + 0.1 * by for name, by in gradients.items()}
    second = {name: 0.999 * second[name] + 0.001 * by**2 for name, by in gradients.items()}
    moved = {
        name: value
        - np.float32(rate) * (first[name] / (1 - 0.9**count)) / (np.sqrt(second[name] / (1 - 0.999**count)) + 1e-8)
        for name, value in parameters.items()
    }
    return {name: value.astype(np.float32) for name, value in moved.items()}, first, second, count
