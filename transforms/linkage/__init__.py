"""Identity: which mentions in the agencies' records are the same person, how sure that is, and why.

`link` scores pairs of mentions, `resolve` makes persons of them, `explain_pair` tells in bits why a pair belongs
together or not. All of it follows a model (models/persons.yaml): the comparisons, their weights, the blocking
rules and the two thresholds.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transforms.linkage.evidence import READ as RESOLVED_BY
    from transforms.linkage.explain import ComparisonEvidence, PairExplanation, explain_pair, render_waterfall, tie_of
    from transforms.linkage.frequencies import freeze_frequencies
    from transforms.linkage.linking import link, linked_by
    from transforms.linkage.model import LinkageModel, default_model, load_model
    from transforms.linkage.model_faults import ModelFault, ModelFaults
    from transforms.linkage.resolving import Resolved, resolve

__all__ = [
    "RESOLVED_BY",
    "ComparisonEvidence",
    "LinkageModel",
    "ModelFault",
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

_PLACES = {
    "RESOLVED_BY": "evidence.READ",
    "ComparisonEvidence": "explain.ComparisonEvidence",
    "LinkageModel": "model.LinkageModel",
    "ModelFault": "model_faults.ModelFault",
    "ModelFaults": "model_faults.ModelFaults",
    "PairExplanation": "explain.PairExplanation",
    "Resolved": "resolving.Resolved",
    "default_model": "model.default_model",
    "explain_pair": "explain.explain_pair",
    "freeze_frequencies": "frequencies.freeze_frequencies",
    "link": "linking.link",
    "linked_by": "linking.linked_by",
    "load_model": "model.load_model",
    "render_waterfall": "explain.render_waterfall",
    "resolve": "resolving.resolve",
    "tie_of": "explain.tie_of",
}


def __getattr__(name: str) -> Any:
    # Each from its own module when it is first asked for: linking two tables needs a third of what a night needs.
    if name not in _PLACES:
        raise AttributeError(name)
    module, own_name = _PLACES[name].split(".")
    return getattr(import_module(f"{__name__}.{module}"), own_name)
