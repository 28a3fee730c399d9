"""Figures of a forecast on a split, beside persistence."""

import numpy as np

from .contract import AGGREGATES, QUANTILES
from .windows import Windows

MEDIAN, LOWEST, HIGHEST = QUANTILES.index(0.5), 0, len(QUANTILES) - 1


def table(windows: Windows, answers: np.ndarray) -> str:
    """Mean absolute error in ms with the skill against persistence, and the raw coverage of the 90 % interval."""
    lines = [f"{'':12}{'aggregate':12}{'MAE':>8}{'persistence':>13}{'skill':>8}{'coverage':>10}{'width':>8}"]
    names = ["all", *sorted(set(windows.recording))]
    for name in names:
        rows = np.ones(len(windows), bool) if name == "all" else windows.recording == name
        for index, aggregate in enumerate(AGGREGATES):
            quantiles = answers[rows][:, index * len(QUANTILES) : (index + 1) * len(QUANTILES)]
            actual = windows.targets[rows, index]
            error = np.abs(quantiles[:, MEDIAN] - actual).mean()
            persistence = np.abs(windows.objective[rows, -1] - actual).mean()
            inside = (actual >= quantiles[:, LOWEST]) & (actual <= quantiles[:, HIGHEST])
            width = (quantiles[:, HIGHEST] - quantiles[:, LOWEST]).mean()
            lines.append(
                f"{name:12}{aggregate:12}{1000 * error:8.2f}{1000 * persistence:13.2f}{1 - error / persistence:8.2f}"
                f"{inside.mean():10.3f}{1000 * width:8.1f}"
            )
    return "\n".join(lines)
