"""Cuts recordings into windows and what came after them, as the controller would have seen them."""

from dataclasses import dataclass, fields

import numpy as np

from .recordings import SECONDS_PER_ROW, Recording

STEP_SECONDS = 30
WINDOW = 10
HORIZON = 10
STEPS_PER_PART = 4
MAX_STALE_STEPS = 2

TRAIN_SHARE, VALIDATION_SHARE = 0.70, 0.85
"""Borders of the splits by time; a training window's horizon ends before its border."""


@dataclass(frozen=True)
class Layout:
    """How a model sees time: steps of the grid, which has `stride` rows each, as window and as horizon."""

    step_seconds: float = STEP_SECONDS
    window: int = WINDOW
    horizon: int = HORIZON
    stride: int = STEP_SECONDS // SECONDS_PER_ROW


BUILTIN_LAYOUT = Layout()


@dataclass(frozen=True)
class Windows:
    """Row-wise samples; `objective`, `utilization` and `rate` are [samples, WINDOW], oldest step first."""

    objective: np.ndarray
    utilization: np.ndarray
    rate: np.ndarray
    history_median: np.ndarray
    history_max: np.ndarray
    targets: np.ndarray
    """[samples, 3]: mean, max and min of the objective over the horizon."""
    recording: np.ndarray
    start: np.ndarray
    """Row of the newest step in its recording."""
    split: np.ndarray
    """`train`, `validation`, `test`, or empty where a horizon crosses a border."""

    def select(self, mask: np.ndarray) -> "Windows":
        return Windows(**{field.name: getattr(self, field.name)[mask] for field in fields(self)})

    def __len__(self) -> int:
        return len(self.start)


def fill_gaps(values: np.ndarray) -> np.ndarray:
    """Carries known values forward, the first known one back: as src/core/features/window.ts."""
    filled = values.copy()
    for step in range(1, filled.shape[1]):
        gap = np.isnan(filled[:, step])
        filled[gap, step] = filled[gap, step - 1]
    for step in range(filled.shape[1] - 2, -1, -1):
        gap = np.isnan(filled[:, step])
        filled[gap, step] = filled[gap, step + 1]
    return filled


def _is_current(values: np.ndarray) -> np.ndarray:
    return ~np.isnan(values[:, -1 - MAX_STALE_STEPS :]).all(axis=1)


def _back(values: np.ndarray, rows: np.ndarray, steps: int, stride: int) -> np.ndarray:
    """[rows, steps] values up to each row, oldest first; NaN before the beginning."""
    index = rows[:, None] - stride * np.arange(steps - 1, -1, -1)[None, :]
    return np.where(index >= 0, values[np.maximum(index, 0)], np.nan)


def _ahead(values: np.ndarray, rows: np.ndarray, layout: Layout) -> np.ndarray:
    return values[rows[:, None] + layout.stride * np.arange(1, layout.horizon + 1)[None, :]]


def _history(
    recording: Recording, rows: np.ndarray, level: np.ndarray, layout: Layout
) -> tuple[np.ndarray, np.ndarray]:
    past = _back(recording.objective, rows, layout.window * STEPS_PER_PART, layout.stride)
    parts = past.reshape(len(rows), layout.window, STEPS_PER_PART)
    known = ~np.isnan(parts).all(axis=2)
    median, largest = np.full(parts.shape[:2], np.nan), np.full(parts.shape[:2], np.nan)
    median[known] = np.nanmedian(parts[known], axis=1)
    largest[known] = np.nanmax(parts[known], axis=1)
    return fill_gaps(median) / level, fill_gaps(largest) / level


def cut(recording: Recording, layout: Layout = BUILTIN_LAYOUT) -> Windows:
    """One sample per row with enough known before and after it, mostly above zero before it."""
    rows = np.arange((layout.window - 1) * layout.stride, len(recording) - layout.horizon * layout.stride)
    series = (recording.objective, recording.utilization, recording.rate)
    raw = [_back(values, rows, layout.window, layout.stride) for values in series]
    ahead = _ahead(recording.objective, rows, layout)
    enough = np.isfinite(ahead).sum(axis=1) > layout.horizon / 2
    usable = enough & np.all([_is_current(window) for window in raw], axis=0) & np.isfinite(raw[0][:, -1])
    # To a median of zero there are no ratios: the controller asks no model about an app at rest.
    usable[usable] = np.nanmedian(raw[0][usable], axis=1) > 0
    rows, ahead = rows[usable], ahead[usable]
    objective, utilization, rate = (fill_gaps(window[usable]) for window in raw)
    level = np.nanmedian(raw[0][usable], axis=1, keepdims=True)
    history_median, history_max = _history(recording, rows, level, layout)
    targets = np.stack([np.nanmean(ahead, 1), np.nanmax(ahead, 1), np.nanmin(ahead, 1)], axis=1)
    return Windows(
        objective=objective,
        utilization=utilization,
        rate=rate,
        history_median=history_median,
        history_max=history_max,
        targets=targets,
        recording=np.full(len(rows), recording.name),
        start=rows,
        split=_split(rows + recording.offset, recording.span or len(recording), layout),
    )


def _split(rows: np.ndarray, length: int, layout: Layout) -> np.ndarray:
    train, validation = TRAIN_SHARE * length, VALIDATION_SHARE * length
    end = rows + layout.horizon * layout.stride
    split = np.full(len(rows), "", dtype="<U10")
    split[end < train] = "train"
    split[(rows >= train) & (end < validation)] = "validation"
    split[rows >= validation] = "test"
    return split


def join(parts: list[Windows]) -> Windows:
    names = [field.name for field in fields(Windows)]
    return Windows(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})
