"""Decision trees as arrays: answers as onnxruntime does, and the attributes of its operator."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Ensemble:
    """Sum over trees; children are indices into the arrays, a leaf has `left` 0. Rows go left where value <= threshold."""

    roots: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    values: np.ndarray
    """[nodes, targets]; of leaves."""
    base: np.ndarray
    """[targets]"""

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """[samples, inputs] float32 -> [samples, targets] float32."""
        answers = np.tile(self.base.astype(np.float32), (len(inputs), 1))
        rows = np.arange(len(inputs))
        for root in self.roots:
            at = np.full(len(inputs), root)
            while (inner := self.left[at] > 0).any():
                goes_left = inputs[rows, self.feature[at]] <= self.threshold[at]
                at = np.where(inner, np.where(goes_left, self.left[at], self.right[at]), at)
            answers += self.values[at]
        return answers

    def attributes(self) -> dict:
        """Of ai.onnx.ml's TreeEnsembleRegressor, version 3."""
        tree = np.searchsorted(self.roots, np.arange(len(self.feature)), side="right") - 1
        local = np.arange(len(self.feature)) - self.roots[tree]
        first = self.roots[tree]
        is_leaf = self.left == 0
        nodes, targets = np.nonzero(is_leaf[:, None] & (self.values != 0))
        return {
            "n_targets": self.values.shape[1],
            "base_values": self.base.astype(np.float32).tolist(),
            "nodes_treeids": tree.tolist(),
            "nodes_nodeids": local.tolist(),
            "nodes_featureids": np.where(is_leaf, 0, self.feature).tolist(),
            "nodes_values": np.where(is_leaf, 0, self.threshold).astype(np.float32).tolist(),
            "nodes_modes": np.where(is_leaf, "LEAF", "BRANCH_LEQ").tolist(),
            "nodes_truenodeids": np.where(is_leaf, 0, self.left - first).tolist(),
            "nodes_falsenodeids": np.where(is_leaf, 0, self.right - first).tolist(),
            "target_treeids": tree[nodes].tolist(),
            "target_nodeids": local[nodes].tolist(),
            "target_ids": targets.tolist(),
            "target_weights": self.values[nodes, targets].astype(np.float32).tolist(),
        }


@dataclass(frozen=True)
class Tree:
    """One tree with children relative to itself; a leaf has `left` 0."""

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    values: np.ndarray


def joined(trees: list[Tree], base) -> Ensemble:
    starts = np.cumsum([0, *(len(tree.feature) for tree in trees)])
    pairs = list(zip(trees, starts))
    return Ensemble(
        roots=starts[:-1],
        feature=np.concatenate([tree.feature for tree in trees]).astype(np.int64),
        threshold=_rounded_down(np.concatenate([tree.threshold for tree in trees])),
        left=np.concatenate([np.where(tree.left > 0, tree.left + start, 0) for tree, start in pairs]).astype(np.int64),
        right=np.concatenate([np.where(tree.left > 0, tree.right + start, 0) for tree, start in pairs]).astype(np.int64),
        values=np.concatenate([tree.values for tree in trees]).astype(np.float32),
        base=np.asarray(base, np.float32),
    )


def _rounded_down(thresholds: np.ndarray) -> np.ndarray:
    """The largest float32 that is not above: of float32 inputs, the same ones are below it."""
    nearest = thresholds.astype(np.float32)
    return np.where(nearest.astype(np.float64) > thresholds, np.nextafter(nearest, np.float32(-np.inf)), nearest)
