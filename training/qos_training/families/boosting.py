"""Gradient boosted trees, one ensemble per quantile, by scikit-learn."""

from dataclasses import dataclass, replace

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from ..ensemble import Ensemble, Tree, joined
from ..operations import Arrays
from ..samples import Samples
from .descent import OUTPUT_QUANTILES
from .fitting import Fitting, flat

MOST_SAMPLES = 100_000


@dataclass(frozen=True)
class Trees:
    window: int
    channels: int
    ensemble: Ensemble

    def logarithms(self, operations, inputs):
        return operations.trees(flat(operations, inputs, self.channels, self.window), self.ensemble), 1.0


def fit(samples: Samples, fitting: Fitting) -> Trees:
    _, window, channels = samples.sequence.shape
    given = samples.thinned(MOST_SAMPLES // (20 if fitting.quick else 1))
    rows = _by_importance(given, fitting.seed)
    everything, targets = flat(Arrays, given.inputs, channels, window)[rows], given.targets[rows]
    trees, base = [], np.zeros(len(OUTPUT_QUANTILES))
    for output, quantile in enumerate(OUTPUT_QUANTILES):

        def fitted(output=output, quantile=quantile):
            learner = HistGradientBoostingRegressor(
                loss="quantile",
                quantile=float(quantile),
                max_iter=8 if fitting.quick else 40,
                max_leaf_nodes=8,
                learning_rate=0.4 if fitting.quick else 0.2,
                early_stopping=False,
                random_state=fitting.seed,
            )
            learner.fit(everything, targets[:, output])
            return float(learner._baseline_prediction.ravel()[0]), [_tree(part[0]) for part in learner._predictors]

        base[output], of_output = fitting.once(f"quantile-{output}", fitted)
        trees += [_at(tree, output, len(base)) for tree in of_output]
        fitting.progress(output + 1, len(base))
    return Trees(window, channels, joined(trees, base))


def _by_importance(samples: Samples, seed: int) -> np.ndarray:
    """Rows drawn as often as they are important: with weights, scikit-learn takes fifty times as long for quantiles."""
    importance = samples.importance[:, 0].astype(np.float64)
    return np.sort(np.random.default_rng(seed).choice(len(samples), len(samples), p=importance / importance.sum()))


def _tree(predictor) -> Tree:
    """scikit-learn gives the nodes of such a tree by no public name."""
    nodes = predictor.nodes
    inner = nodes["is_leaf"] == 0
    return Tree(
        feature=np.where(inner, nodes["feature_idx"], 0),
        threshold=np.where(inner, nodes["num_threshold"], 0.0),
        left=np.where(inner, nodes["left"], 0),
        right=np.where(inner, nodes["right"], 0),
        values=np.where(inner, 0.0, nodes["value"]),
    )


def _at(tree: Tree, output: int, outputs: int) -> Tree:
    values = np.zeros((len(tree.values), outputs))
    values[:, output] = tree.values
    return replace(tree, values=values)
