"""A network over the standardized sequence of a window; the scaler is part of it."""

from collections.abc import Callable
from dataclasses import dataclass

from ..samples import Samples
from .descent import Descent, descend, standardization, standardized
from .fitting import Fitting


@dataclass(frozen=True)
class Network:
    answer: Callable
    """`answer(operations, sequence, parameters)`"""
    scaler: dict
    parameters: dict

    def logarithms(self, operations, inputs):
        return self.answer(operations, standardized(operations, inputs[0], self.scaler), self.parameters), 1.0


def fit_network(answer, start: dict, samples: Samples, settings: Descent, fitting: Fitting) -> Network:
    scaler = standardization(samples.sequence)

    def of_inputs(operations, inputs, parameters):
        return answer(operations, standardized(operations, inputs[0], scaler), parameters)

    return Network(answer, scaler, descend(of_inputs, start, samples, settings, fitting))
