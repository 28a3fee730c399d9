"""A random forest of means; intervals come from calibration alone."""

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import RandomForestRegressor

from ..contract import QUANTILES
from ..ensemble import Ensemble, Tree, joined
from ..operations import Arrays
from ..samples import Samples
from .fitting import Fitting, every_quantile, flat, spread

TREES = 20
MOST_SAMPLES = 40_000


@dataclass(frozen=True)
class Forest:
    window: int
    channels: int
    ensemble: Ensemble

    def logarithms(self, operations, inputs):
        points = operations.trees(flat(operations, inputs, self.channels, self.window), self.ensemble)
        return every_quantile(operations, points), spread(operations, inputs)


def fit(samples: Samples, fitting: Fitting) -> Forest:
    _, window, channels = samples.sequence.shape
    given = samples.thinned(MOST_SAMPLES // (10 if fitting.quick else 1))
    everything = flat(Arrays, given.inputs, channels, window)
    targets = given.targets[:, :: len(QUANTILES)]
    count = TREES // 4 if fitting.quick else TREES
    trees = []
    for index in range(count):

        def fitted(index=index):
            # One tree at a time, each with its own bootstrap, so that an interrupted run goes on there.
            learner = RandomForestRegressor(
                n_estimators=1, max_leaf_nodes=64, max_features=0.5, random_state=fitting.seed * 1000 + index
            )
            learner.fit(everything, targets, sample_weight=given.importance[:, 0])
            return _tree(learner.estimators_[0].tree_, count)

        trees.append(fitting.once(f"tree-{index}", fitted))
        fitting.progress(index + 1, count)
    return Forest(window, channels, joined(trees, np.zeros(targets.shape[1])))


def _tree(tree, count: int) -> Tree:
    inner = tree.children_left > 0
    return Tree(
        feature=np.where(inner, tree.feature, 0),
        threshold=np.where(inner, tree.threshold, 0.0),
        left=np.where(inner, tree.children_left, 0),
        right=np.where(inner, tree.children_right, 0),
        values=np.where(inner[:, None], 0.0, tree.value[:, :, 0] / count),
    )
