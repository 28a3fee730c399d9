"""What a family is given beside the samples, and what it gives back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ..contract import AGGREGATES, QUANTILES

LEAST_SPREAD = 0.02
"""Added to the spread of a window, in logarithms: a window that stands still says little of what comes."""


@dataclass(frozen=True)
class Fitting:
    seed: int
    quick: bool
    """A tenth of the work: for trying out and for tests."""
    once: Callable[[str, Callable[[], Any]], Any]
    """`once(name, compute)`: what an earlier, interrupted run kept under that name, else computed and kept."""
    progress: Callable[[int, int], None]


class Fitted(Protocol):
    def logarithms(self, operations, inputs) -> tuple[Any, Any]:
        """
        Of (sequence, sorted ratios): [samples, outputs] logarithms of the aggregates' quantiles over the level, and the
        scale [samples, 1] of their errors, 1.0 where they are quantiles already.
        """


def flat(operations, inputs, channels: int, window: int):
    """[samples, window * channels + window]: everything that is seen of a window, side by side."""
    sequence, ordered = inputs
    return operations.concatenate([operations.reshape(sequence, (-1, window * channels)), ordered], 1)


def spread(operations, inputs):
    """[samples, 1]: mean distance of the window's ratios from its median, in logarithms."""
    _, ordered = inputs
    return operations.add(operations.mean_last(operations.absolute(ordered)), LEAST_SPREAD)


def every_quantile(operations, points):
    """[samples, aggregates] -> [samples, outputs]"""
    return operations.take(points, np.repeat(np.arange(len(AGGREGATES)), len(QUANTILES)), axis=1)
