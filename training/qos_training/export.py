"""Writes a network as ONNX: normalization as in inputs.py, scalers and network in one graph."""

import numpy as np
from onnx import helper

from .contract import AGGREGATES, FEATURES, METADATA_KEY, QUANTILES
from .graph import Graph
from .inputs import LEAST_RATE, LOG_LIMIT, RATE_UNIT
from .network import INPUT_LIMIT, Network
from .windows import WINDOW


class _Graph(Graph):
    def sorted(self, name: str, values: str) -> str:
        """Largest first, along the window."""
        self.nodes.append(helper.make_node("TopK", [values, "window"], [name, f"{name}_order"], name=name))
        return name

    def median(self, name: str, descending: str) -> str:
        self.add(f"{name}_pair", "Gather", descending, "middle", axis=1)
        return self.add(name, "ReduceMean", f"{name}_pair", axes=[1], keepdims=1)

    def logarithm(self, name: str, ratio: str) -> str:
        self.add(f"{name}_limited", "Clip", ratio, "least_ratio", "largest_ratio")
        return self.add(name, "Log", f"{name}_limited")


def to_onnx(network: Network, metadata: str, description: str) -> bytes:
    """The same network and metadata give the same bytes."""
    graph = _Graph()
    graph.constant("window", [WINDOW], np.int64)
    graph.constant("middle", [WINDOW // 2 - 1, WINDOW // 2], np.int64)
    graph.constant("least_ratio", np.exp(-LOG_LIMIT))
    graph.constant("largest_ratio", np.exp(LOG_LIMIT))
    columns = {}
    for index, (field, *_) in enumerate(FEATURES):
        graph.constant(f"{field}_index", index, np.int64)
        columns[field] = graph.add(field, "Gather", "input", f"{field}_index", axis=2)
    level = _inputs(graph, columns)
    logarithms = _network(graph, network)
    graph.add("ratios", "Exp", logarithms)
    graph.add("output", "Mul", "ratios", level)
    sizes = (WINDOW, len(FEATURES), len(AGGREGATES) * len(QUANTILES))
    return graph.to_bytes("forecast", description, sizes, {METADATA_KEY: metadata})


def _inputs(graph: _Graph, columns: dict[str, str]) -> str:
    """`network_inputs` of inputs.py as the tensor `inputs`; returns the level, [batch, 1]."""
    descending = graph.sorted("objective_sorted", columns["objective"])
    level = graph.median("level", descending)
    # Dividing the sorted values by a positive level keeps their order.
    graph.logarithm("relative", graph.add("relative_ratio", "Div", columns["objective"], level))
    graph.logarithm("relative_sorted", graph.add("relative_sorted_ratio", "Div", descending, level))
    graph.add("rate_known", "Add", columns["rate"], graph.constant("least_rate", LEAST_RATE))
    graph.add("largest_rate", "ReduceMax", "rate_known", axes=[1], keepdims=1)
    graph.add("rate_ratio", "Div", "rate_known", "largest_rate")
    graph.add("rate_deviation", "Sub", "rate_ratio", graph.constant("one", 1))
    graph.add("rate_units", "Div", "rate_deviation", graph.constant("rate_unit", RATE_UNIT))
    graph.add("deviation", "Asinh", "rate_units")
    graph.logarithm("median", columns["history_median"])
    graph.logarithm("largest", columns["history_max"])
    blocks = ["relative", "relative_sorted", columns["utilization"], "deviation", "median", "largest"]
    graph.add("inputs", "Concat", *blocks, axis=1)
    return level


def _network(graph: _Graph, network: Network) -> str:
    graph.add("centred", "Sub", "inputs", graph.constant("mean", network.mean))
    graph.add("scaled", "Div", "centred", graph.constant("deviation_of_inputs", network.deviation))
    limits = (graph.constant("lower_limit", -INPUT_LIMIT), graph.constant("upper_limit", INPUT_LIMIT))
    layer = graph.add("layer0", "Clip", "scaled", *limits)
    for index, (weight, bias) in enumerate(zip(network.weights, network.biases), start=1):
        names = (graph.constant(f"weight{index}", weight), graph.constant(f"bias{index}", bias))
        layer = graph.add(f"sum{index}", "Gemm", layer, *names)
        if index < len(network.weights):
            gate = graph.add(f"gate{index}", "Sigmoid", layer)
            layer = graph.add(f"layer{index}", "Mul", layer, gate)
    return layer
