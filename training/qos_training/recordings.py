"""Reads recorded history into series on a regular grid."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

PIPELINES = Path(__file__).parent.parent / "data" / "pipelines_performance.csv.gz"

SECONDS_PER_ROW = 5
LATENCY_LIMIT = 1.0
"""Seconds. Restarts of a pipeline show latencies of minutes, which say nothing about its node."""
NODE_CORES = 16
"""The recording does not name the nodes' size; 12.6 cores were in use at most."""


@dataclass(frozen=True)
class Recording:
    """One app on one node, one value every SECONDS_PER_ROW; NaN is unknown."""

    name: str
    objective: np.ndarray
    """Seconds."""
    utilization: np.ndarray
    """Node CPU in use over its cores."""
    rate: np.ndarray
    """Frames per second."""
    offset: int = 0
    """Rows from the beginning of all recordings to this one's."""
    span: int | None = None
    """Rows from the beginning to the end of all recordings that are split at the same times; None: of this one alone."""

    def __len__(self) -> int:
        return len(self.objective)


def read_pipelines(path: Path = PIPELINES) -> list[Recording]:
    """The two clusters of the DL Streamer recording; see data/README.md for its columns."""
    table = pd.read_csv(path)
    recordings = []
    for cluster, rows in table.groupby("cluster"):
        rows = rows.set_index("timestamp").sort_index()
        grid = rows.reindex(np.arange(rows.index[0], rows.index[-1] + 1, SECONDS_PER_ROW))
        latency = grid["pipelines_status_realtime_pipeline_latency"].clip(upper=LATENCY_LIMIT)
        recordings.append(
            Recording(
                name=str(cluster)[:4],
                objective=latency.to_numpy(),
                utilization=(grid["node_cpu_usage"] / NODE_CORES).to_numpy(),
                rate=grid["pipelines_status_idelta_fps"].to_numpy(),
            )
        )
    return recordings
