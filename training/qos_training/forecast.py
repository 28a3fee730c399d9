"""The built-in model `forecast`."""

import base64
import json
from pathlib import Path

import numpy as np
import onnxruntime

from . import network, trees
from .contract import AGGREGATES, QUANTILES, contract, model_input
from .evaluate import table
from .export import to_onnx
from .inputs import forget_some, level, network_inputs
from .progress import progress_bar
from .recordings import read_pipelines
from .windows import Windows, cut, join

REPOSITORY = Path(__file__).parent.parent.parent
MODEL = Path("models", "forecast-minimize.onnx")
GOLDEN = Path("test", "unit", "models", "forecast-golden.json")
VERSION = "1"
FORGETFUL_SHARE = 0.15
"""Of training samples without a rate, and of those with a short history."""
LEAST_LOGARITHM = -3.0
GOLDEN_ROWS = 24
TOLERANCE = 1e-3
"""Relative; the graph computes in float32, the trainer's inputs are float64."""
DESCRIPTION = "Quantiles of the next five minutes from the last five and four times as much history; free of scale."


def train_forecast(root: Path = REPOSITORY) -> None:
    """Trains on the recordings' training split, prints the test split's figures, writes the model and golden rows."""
    windows = join([cut(recording) for recording in read_pipelines()])
    train = windows.select(windows.split == "train")
    test = windows.select(windows.split == "test")
    learner = _learn(train)
    data = to_onnx(learner, contract("forecast", VERSION, train), DESCRIPTION)
    answers = _run(data, model_input(test))
    _check_agreement(answers, np.exp(learner.predict(network_inputs(test))) * level(test))
    print(table(test, answers))
    (root / MODEL).parent.mkdir(parents=True, exist_ok=True)
    (root / MODEL).write_bytes(data)
    (root / GOLDEN).parent.mkdir(parents=True, exist_ok=True)
    (root / GOLDEN).write_text(_golden(data, test))
    print(f"{MODEL}: {len(data)} bytes")


def _learn(train: Windows) -> network.Network:
    given = forget_some(train, np.random.default_rng(0), FORGETFUL_SHARE)
    inputs = network_inputs(given)
    targets = np.log(np.maximum(np.repeat(train.targets, len(QUANTILES), axis=1) / level(train), np.exp(LEAST_LOGARITHM)))
    importance = level(train) / np.median(level(train))
    quantiles = QUANTILES * len(AGGREGATES)
    everything = np.ones(len(train), bool)
    teacher = trees.teach(inputs, targets, importance, quantiles, everything, progress_bar("trees"))
    settings = network.Settings()
    return network.train(inputs, targets, teacher, importance, quantiles, settings, progress_bar("network"))


def _run(data: bytes, inputs: np.ndarray) -> np.ndarray:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(data, options).run(None, {"input": inputs})[0]


def _check_agreement(answers: np.ndarray, expected: np.ndarray) -> None:
    distance = np.abs(answers / expected - 1).max()
    print(f"graph and trainer: at most {distance:.1e} apart")
    if distance > TOLERANCE:
        raise ValueError(f"the exported graph differs from the trainer by {distance:.1e}; export.py and inputs.py disagree")


def _golden(data: bytes, test: Windows) -> str:
    """Inputs and what onnxruntime answers here, as base64 of float32, for the test that Node answers the same."""
    rows = np.linspace(0, len(test) - 1, GOLDEN_ROWS).astype(int)
    inputs = model_input(test.select(rows))
    arrays = {"input": inputs, "output": _run(data, inputs)}
    encoded = {name: base64.b64encode(array.astype("<f4").tobytes()).decode() for name, array in arrays.items()}
    return json.dumps(encoded, indent="\t") + "\n"
