"""From windows to a model file: fitted on the training split, calibrated on the validation split."""

from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnxruntime

from .contract import AGGREGATES, METADATA_KEY, QUANTILES, Target, contract, model_input
from .families import FAMILIES
from .families.fitting import Fitting
from .graph import Graph
from .history import History
from .operations import Arrays, Nodes
from .progress import progress_bar
from .run_folder import RunFolder, write, write_json
from .samples import Samples, features_of, samples_of, seen
from .windows import Windows

SPLITS = ("train", "validation", "test")
MOST_EVALUATED = 20_000
TOLERANCE = 1e-3
"""Relative; the trainer adds in another order than the graph."""
LEVELS = np.asarray(QUANTILES * len(AGGREGATES))


def produce(request, folder: RunFolder, history: History, windows: Windows) -> None:
    """Fits, calibrates, exports and checks a model, and writes it with what its figures are made of."""
    target = Target(**request["target"])
    features = features_of(target, history.has_utilization, history.has_rate and target.metric != "fps")
    parts = {name: windows.select(windows.split == name) for name in SPLITS}
    samples = {name: samples_of(Arrays, part, features) for name, part in parts.items()}
    bar = progress_bar(request["family"])
    fitting = Fitting(request["seed"], request["quick"], folder.once, bar)
    fitted = FAMILIES[request["family"]](samples["train"], fitting)
    offsets = _calibrated(fitted, samples["validation"])
    version = request["version"]
    metadata = contract(request["name"], version, parts["train"], features, target, history.layout)
    model = _export(fitted, offsets, metadata, features, history, request)
    evaluated = parts["test"].select(np.arange(0, len(parts["test"]), -(-len(parts["test"]) // MOST_EVALUATED)))
    answers = _run(model, model_input(evaluated, features))
    expected = _answer(fitted, offsets, samples_of(Arrays, evaluated, features))
    _check_agreement(answers, expected)
    _write(folder.path, model, evaluated, features, answers)
    counts = {name: len(part) for name, part in parts.items()}
    layout = {**asdict(history.layout), "workloads": len(history.recordings)}
    losses = {"validationLoss": _loss(_answer(fitted, offsets, samples["validation"]), parts["validation"].targets)}
    write_json(
        folder.path / "trained.json", {"samples": counts, "layout": layout, "evaluated": len(evaluated), **losses}
    )


def _logarithms(fitted, operations, inputs, offsets):
    """Quantiles in order: no bound beyond the median."""
    values, scale = fitted.logarithms(operations, inputs)
    values = operations.add(values, operations.multiply(offsets[None], scale))
    columns = []
    for aggregate in range(len(AGGREGATES)):
        low, middle, high = (operations.take(values, [3 * aggregate + at], axis=1) for at in range(3))
        columns += [operations.minimum(low, middle), middle, operations.maximum(high, middle)]
    return operations.concatenate(columns, axis=1)


def _calibrated(fitted, validation: Samples) -> np.ndarray:
    """
    [outputs]: what every quantile is moved by, in units of its scale, so that on the validation split as many values
    lie below it as it says (one-sided split conformal, Romano et al. 2019). A median that is one already stays.
    """
    values, scale = fitted.logarithms(Arrays, validation.inputs)
    errors = (validation.targets - values) / scale
    rank = np.where(LEVELS > 0.5, np.minimum(1, LEVELS * (1 + 1 / len(validation))), LEVELS)
    offsets = np.asarray([np.quantile(errors[:, at], rank[at]) for at in range(len(LEVELS))])
    return offsets.astype(np.float32)


def _answer(fitted, offsets, samples: Samples) -> np.ndarray:
    return np.exp(_logarithms(fitted, Arrays, samples.inputs, offsets)) * samples.level


def _loss(answers: np.ndarray, targets: np.ndarray) -> float:
    """Mean pinball loss over all outputs, in the objective's unit; as figures.ts."""
    errors = np.repeat(targets, len(QUANTILES), axis=1) - answers
    return float(np.maximum(LEVELS * errors, (LEVELS - 1) * errors).mean())


def _export(fitted, offsets, metadata: str, features, history: History, request) -> bytes:
    graph = Graph()
    nodes = Nodes(graph, history.layout.window)
    columns = {
        field: nodes.take("input", np.asarray(index), axis=2) for index, (field, *_) in enumerate(features)
    }
    level, sequence, ordered = seen(nodes, columns)
    ratios = nodes.exp(_logarithms(fitted, nodes, (sequence, ordered), offsets))
    graph.add("output", "Mul", ratios, level)
    description = f"Quantiles of {request['target']['metric']} over the horizon; {request['family']}."
    sizes = (history.layout.window, len(features), len(LEVELS))
    return graph.to_bytes(request["family"], description, sizes, {METADATA_KEY: metadata}, nodes.has_trees)


def _run(model: bytes, inputs: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options).run(None, {"input": inputs})[0]


def _check_agreement(answers: np.ndarray, expected: np.ndarray) -> None:
    distance = (np.abs(answers - expected) / np.maximum(np.abs(expected), 1e-9)).max()
    if not distance <= TOLERANCE:
        raise AssertionError(f"the exported graph differs from the trainer by {distance:.1e}")


def _write(folder: Path, model: bytes, evaluated: Windows, features, answers: np.ndarray) -> None:
    """The test split as little-endian float32, for whoever evaluates models on it."""
    arrays = {
        "input": model_input(evaluated, features),
        "targets": evaluated.targets,
        "newest": evaluated.objective[:, -1],
        "answers": answers,
    }
    for name, array in arrays.items():
        write(folder / f"test-{name}.f32", array.astype("<f4").tobytes())
    write_json(folder / "test-workloads.json", evaluated.recording.tolist())
    write(folder / "model.onnx", model)
