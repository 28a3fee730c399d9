"""Families of models: each a file that fits samples and says in operations what the fitted model answers."""

from .boosting import fit as boosting
from .exponential_smoothing import fit as exponential_smoothing
from .forest import fit as forest
from .informer import fit as informer
from .linear import fit as linear
from .lstm import fit as lstm
from .patch_mixer import fit as patch_mixer

FAMILIES = {
    "linear": linear,
    "gradient-boosting": boosting,
    "random-forest": forest,
    "ets": exponential_smoothing,
    "lstm": lstm,
    "patch-mixer": patch_mixer,
    "informer": informer,
}
"""`fit(samples, fitting)` of each; the result's `logarithms(operations, inputs)` are [samples, outputs] and their scale."""
