"""A small multilayer perceptron with quantile outputs, trained by Adam in numpy: no framework is needed for one."""

from dataclasses import dataclass

import numpy as np

INPUT_LIMIT = 6.0
"""Standard deviations beyond which an input is taken as that many."""


@dataclass(frozen=True)
class Settings:
    hidden: tuple[int, ...] = (32,)
    epochs: int = 20
    batch: int = 512
    rate: float = 2e-3
    decay: float = 1e-3
    distillation: float = 10.0
    """Weight of the teacher's answer beside the measured one."""
    seed: int = 0


@dataclass(frozen=True)
class Network:
    """Inputs are standardized by `mean` and `deviation`; hidden layers are SiLU; outputs are logarithms of ratios."""

    mean: np.ndarray
    deviation: np.ndarray
    weights: list[np.ndarray]
    biases: list[np.ndarray]

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        standard = np.clip((inputs - self.mean) / self.deviation, -INPUT_LIMIT, INPUT_LIMIT).astype(np.float32)
        return _forward(standard, self.weights, self.biases)[0][-1]


def _sigmoid(values: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-values))


def _forward(inputs, weights, biases):
    layers, sums = [inputs], []
    for index, (weight, bias) in enumerate(zip(weights, biases)):
        sums.append(layers[-1] @ weight + bias)
        last = index == len(weights) - 1
        layers.append(sums[-1] if last else sums[-1] * _sigmoid(sums[-1]))
    return layers, sums


def _gradients(error, layers, sums, weights, decay):
    """Of weights and biases, first layer first; `error` is the loss's gradient by the output."""
    by_weight, by_bias = [], []
    for index in range(len(weights) - 1, -1, -1):
        by_weight.append(layers[index].T @ error + decay * weights[index])
        by_bias.append(error.sum(axis=0))
        if index > 0:
            gate = _sigmoid(sums[index - 1])
            error = (error @ weights[index].T) * (gate * (1 + sums[index - 1] * (1 - gate)))
    return by_weight[::-1] + by_bias[::-1]


def train(inputs, targets, teacher, importance, quantiles, settings: Settings, progress) -> Network:
    """
    `targets` and `teacher` are [samples, outputs] logarithms of ratios, `quantiles` one per output. The loss is
    the pinball loss (Koenker and Bassett, 1978) plus the squared distance from the teacher, each sample as
    important as [samples, 1] says.
    """
    random = np.random.default_rng(settings.seed)
    mean, deviation = inputs.mean(axis=0), inputs.std(axis=0) + 1e-6
    standard = np.clip((inputs - mean) / deviation, -INPUT_LIMIT, INPUT_LIMIT).astype(np.float32)
    targets, teacher, importance = (array.astype(np.float32) for array in (targets, teacher, importance))
    quantiles = np.asarray(quantiles, np.float32)
    sizes = [inputs.shape[1], *settings.hidden, targets.shape[1]]
    weights = [
        (random.standard_normal((before, after)) / np.sqrt(before)).astype(np.float32)
        for before, after in zip(sizes, sizes[1:])
    ]
    weights[-1] *= np.float32(0.1)
    biases = [np.zeros(size, np.float32) for size in sizes[1:]]
    biases[-1][:] = [np.quantile(targets[:, output], quantile) for output, quantile in enumerate(quantiles)]
    adam = _Adam(weights + biases, settings.rate, settings.epochs * (len(inputs) // settings.batch))
    for epoch in range(settings.epochs):
        order = random.permutation(len(inputs))
        for batch in range(len(inputs) // settings.batch):
            rows = order[batch * settings.batch : (batch + 1) * settings.batch]
            layers, sums = _forward(standard[rows], weights, biases)
            pinball = np.where(targets[rows] > layers[-1], -quantiles, 1 - quantiles)
            distance = np.float32(settings.distillation) * (layers[-1] - teacher[rows])
            error = (pinball + distance) * importance[rows] / np.float32(settings.batch)
            adam.step(_gradients(error, layers, sums, weights, np.float32(settings.decay)))
        progress(epoch + 1, settings.epochs)
    return Network(mean, deviation, weights, biases)


class _Adam:
    """Adam (Kingma and Ba, 2015) with a cosine-shaped rate; changes the parameters in place."""

    def __init__(self, parameters, rate, steps):
        self.parameters, self.rate, self.steps, self.count = parameters, rate, steps, 0
        self.first = [np.zeros_like(parameter) for parameter in parameters]
        self.second = [np.zeros_like(parameter) for parameter in parameters]

    def step(self, gradients):
        self.count += 1
        rate = self.rate * 0.5 * (1 + np.cos(np.pi * self.count / self.steps))
        for parameter, gradient, first, second in zip(self.parameters, gradients, self.first, self.second):
            first += 0.1 * (gradient - first)
            second += 0.001 * (gradient**2 - second)
            mean = first / (1 - 0.9**self.count)
            scale = np.sqrt(second / (1 - 0.999**self.count)) + 1e-8
            parameter -= np.float32(rate) * mean / scale
