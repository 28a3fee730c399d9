"""
The operations that models are made of, twice: on arrays (differentiable, for training) and as nodes of an ONNX graph.
What is written once in terms of them is trained and exported alike, so that the two cannot differ.
"""

import autograd.numpy as anp
import numpy as np
from onnx import helper

from .graph import TREES_DOMAIN, Graph


class Arrays:
    """On float32 arrays; gradients flow through everything but trees and choices."""

    add = staticmethod(lambda left, right: left + right)
    subtract = staticmethod(lambda left, right: left - right)
    multiply = staticmethod(lambda left, right: left * right)
    divide = staticmethod(lambda left, right: left / right)
    maximum = staticmethod(anp.maximum)
    minimum = staticmethod(anp.minimum)
    matmul = staticmethod(anp.matmul)
    exp = staticmethod(anp.exp)
    log = staticmethod(anp.log)
    tanh = staticmethod(anp.tanh)
    asinh = staticmethod(np.arcsinh)
    absolute = staticmethod(anp.abs)

    @staticmethod
    def sigmoid(values):
        return 0.5 * (anp.tanh(0.5 * values) + 1.0)

    @staticmethod
    def clip(values, low, high):
        return anp.clip(values, low, high)

    @staticmethod
    def softmax(values):
        powers = anp.exp(values - anp.max(values, axis=-1, keepdims=True))
        return powers / anp.sum(powers, axis=-1, keepdims=True)

    @staticmethod
    def mean_last(values):
        return anp.mean(values, axis=-1, keepdims=True)

    @staticmethod
    def largest(values):
        return anp.max(values, axis=1, keepdims=True)

    @staticmethod
    def reshape(values, shape):
        return anp.reshape(values, shape)

    @staticmethod
    def transpose(values, order):
        return anp.transpose(values, order)

    @staticmethod
    def take(values, indices, axis):
        return values[(slice(None),) * axis + (np.asarray(indices),)]

    @staticmethod
    def concatenate(parts, axis):
        return anp.concatenate(parts, axis=axis)

    @staticmethod
    def stack_last(columns):
        return anp.stack(columns, axis=2)

    @staticmethod
    def sort_descending(values):
        return -np.sort(-values, axis=1)

    @staticmethod
    def median(values):
        return np.median(values, axis=1, keepdims=True)

    @staticmethod
    def one_hot_of_least(values, choices):
        """[samples, choices] -> 1 where a row's least value is (the first of equals), else 0."""
        return np.eye(choices, dtype=np.float32)[np.argmin(values, axis=1)]

    @staticmethod
    def lstm(sequence, weight, recurrent, bias):
        """[samples, steps, inputs] -> last hidden state [samples, hidden]; gates in ONNX's order: i, o, f, c."""
        hidden = recurrent.shape[0]
        projected = sequence @ weight + bias
        state = cell = np.zeros((sequence.shape[0], hidden), np.float32)
        for step in range(sequence.shape[1]):
            gates = projected[:, step] + state @ recurrent
            opened = Arrays.sigmoid(gates[:, : 3 * hidden])
            fresh = anp.tanh(gates[:, 3 * hidden :])
            cell = opened[:, 2 * hidden :] * cell + opened[:, :hidden] * fresh
            state = opened[:, hidden : 2 * hidden] * anp.tanh(cell)
        return state

    @staticmethod
    def convolve(values, kernels):
        """[samples, channels, length], one kernel [channels, 1, 3] per channel, zeros beyond the ends."""
        zeros = np.zeros(values.shape[:2] + (1,), np.float32)
        padded = anp.concatenate([zeros, values, zeros], axis=2)
        length = values.shape[2]
        return sum(padded[:, :, tap : tap + length] * kernels[None, :, 0, tap : tap + 1] for tap in range(3))

    @staticmethod
    def trees(values, ensemble):
        return ensemble.predict(values)


class Nodes:
    """As nodes of a graph; tensors are their names."""

    def __init__(self, graph: Graph, window: int):
        self.graph, self.window, self.has_trees, self.count = graph, window, False, 0

    def constant(self, value, kind=np.float32) -> str:
        if isinstance(value, str):
            return value
        self.count += 1
        return self.graph.constant(f"c{self.count}", value, kind)

    def _add(self, operator: str, *inputs, **attributes) -> str:
        self.count += 1
        return self.graph.add(f"{operator}{self.count}", operator, *map(self.constant, inputs), **attributes)

    def add(self, left, right):
        return self._add("Add", left, right)

    def subtract(self, left, right):
        return self._add("Sub", left, right)

    def multiply(self, left, right):
        return self._add("Mul", left, right)

    def divide(self, left, right):
        return self._add("Div", left, right)

    def maximum(self, left, right):
        return self._add("Max", left, right)

    def minimum(self, left, right):
        return self._add("Min", left, right)

    def matmul(self, left, right):
        return self._add("MatMul", left, right)

    def exp(self, values):
        return self._add("Exp", values)

    def log(self, values):
        return self._add("Log", values)

    def tanh(self, values):
        return self._add("Tanh", values)

    def asinh(self, values):
        return self._add("Asinh", values)

    def absolute(self, values):
        return self._add("Abs", values)

    def sigmoid(self, values):
        return self._add("Sigmoid", values)

    def clip(self, values, low, high):
        return self._add("Clip", values, low, high)

    def softmax(self, values):
        return self._add("Softmax", values, axis=-1)

    def mean_last(self, values):
        return self._add("ReduceMean", values, axes=[-1], keepdims=1)

    def largest(self, values):
        return self._add("ReduceMax", values, axes=[1], keepdims=1)

    def reshape(self, values, shape):
        return self._add("Reshape", values, self.constant(shape, np.int64))

    def transpose(self, values, order):
        return self._add("Transpose", values, perm=list(order))

    def take(self, values, indices, axis):
        return self._add("Gather", values, self.constant(indices, np.int64), axis=axis)

    def concatenate(self, parts, axis):
        return self._add("Concat", *parts, axis=axis)

    def stack_last(self, columns):
        axis = self.constant([2], np.int64)
        return self.concatenate([self._add("Unsqueeze", column, axis) for column in columns], axis=2)

    def sort_descending(self, values):
        self.count += 1
        name = f"sorted{self.count}"
        shape = self._add("Shape", values, start=1, end=2)
        self.graph.nodes.append(helper.make_node("TopK", [values, shape], [name, f"{name}_order"], axis=1))
        return name

    def median(self, values):
        """Of an even or odd number of columns, which the graph's input fixes."""
        middle = [self.window // 2 - 1, self.window // 2] if self.window % 2 == 0 else [self.window // 2]
        return self.mean_last(self.take(self.sort_descending(values), middle, axis=1))

    def one_hot_of_least(self, values, choices):
        least = self._add("ArgMin", values, axis=1, keepdims=0)
        return self._add("OneHot", least, self.constant([choices], np.int64), self.constant([0, 1]))

    def lstm(self, sequence, weight, recurrent, bias):
        hidden = recurrent.shape[0]
        by_step = self.transpose(sequence, (1, 0, 2))
        tensors = (weight.T[None], recurrent.T[None], np.concatenate([bias, np.zeros_like(bias)])[None])
        self.count += 1
        name = f"lstm{self.count}"
        inputs = [by_step, *map(self.constant, tensors)]
        self.graph.nodes.append(helper.make_node("LSTM", inputs, ["", name], hidden_size=hidden))
        return self.reshape(name, (-1, hidden))

    def convolve(self, values, kernels):
        return self._add("Conv", values, kernels, group=kernels.shape[0], pads=[1, 1])

    def trees(self, values, ensemble):
        self.has_trees = True
        return self._add("TreeEnsembleRegressor", values, domain=TREES_DOMAIN, **ensemble.attributes())
