"""Gradient boosted quantile trees: slow in service, the most accurate, and so the network's teacher."""

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor


def teach(inputs, targets, importance, quantiles, learn: np.ndarray, progress) -> np.ndarray:
    """[samples, outputs]: what trees answer, fitted on the samples that `learn` marks, one forest per output."""
    answers = np.empty((len(inputs), len(quantiles)))
    for output, quantile in enumerate(quantiles):
        trees = HistGradientBoostingRegressor(
            loss="quantile",
            quantile=quantile,
            max_iter=60,
            max_leaf_nodes=15,
            learning_rate=0.15,
            early_stopping=False,
            random_state=0,
        )
        trees.fit(inputs[learn], targets[learn, output], sample_weight=importance[learn, 0])
        answers[:, output] = trees.predict(inputs)
        progress(output + 1, len(quantiles))
    return answers
