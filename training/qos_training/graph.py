"""Builds ONNX graphs node by node."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPERATOR_SET, IR_VERSION = 17, 8
TREES_DOMAIN, TREES_OPERATOR_SET = "ai.onnx.ml", 3


class Graph:
    def __init__(self):
        self.nodes, self.constants = [], []

    def constant(self, name: str, value, kind=np.float32) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(value, kind), name))
        return name

    def add(self, output: str, operator: str, *inputs: str, **attributes) -> str:
        self.nodes.append(helper.make_node(operator, list(inputs), [output], name=output, **attributes))
        return output

    def to_bytes(
        self, name: str, description: str, sizes: tuple[int, int, int], properties: dict[str, str], with_trees=False
    ) -> bytes:
        """Of a model `input` [batch, window, features] -> `output` [batch, outputs]; `sizes` are those three."""
        window, features, outputs = sizes
        graph = helper.make_graph(
            self.nodes,
            name,
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["batch", window, features])],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", outputs])],
            self.constants,
        )
        domains = [helper.make_opsetid("", OPERATOR_SET)]
        if with_trees:
            domains.append(helper.make_opsetid(TREES_DOMAIN, TREES_OPERATOR_SET))
        model = helper.make_model(
            graph, producer_name="kubectl-qos", doc_string=description, ir_version=IR_VERSION, opset_imports=domains
        )
        helper.set_model_props(model, properties)
        onnx.checker.check_model(model)
        return model.SerializeToString(deterministic=True)
