"""Identity: which mentions in the agencies' records are the same person, how sure that is, and why.

`link` scores pairs of mentions, `resolve` makes persons of them, `explain_pair` tells in bits why a pair belongs
together or not. All of it follows a model (models/persons.yaml): the comparisons, their weights, the blocking
rules and the two thresholds.
"""

from transforms.linkage.evidence import READ as RESOLVED_BY
from transforms.linkage.explain import ComparisonEvidence, PairExplanation, explain_pair, render_waterfall, tie_of
from transforms.linkage.frequencies import freeze_frequencies
from transforms.linkage.linking import link, linked_by
from transforms.linkage.model import LinkageModel, ModelFaults, default_model, load_model
from transforms.linkage.resolving import Resolved, resolve

__all__ = [
    "RESOLVED_BY",
    "ComparisonEvidence",
    "LinkageModel",
    "ModelFaults",
    "PairExplanation",
    "Resolved",
    "default_model",
    "explain_pair",
    "freeze_frequencies",
    "link",
    "linked_by",
    "load_model",
    "render_waterfall",
    "resolve",
    "tie_of",
]
