"""Identity: which mentions in the agencies' records are the same person, how sure that is, and why.

`link` scores pairs of mentions, `resolve` makes persons of them, `explain_pair` tells in bits why a pair belongs
together or not. `pair` and `resolve_again` do the first two for a night, which has changed little. All of it follows
a model (models/persons.yaml): the comparisons, their weights, the blocking rules and the two thresholds.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from transforms.linkage.evidence import READ as RESOLVED_BY
    from transforms.linkage.explain import ComparisonEvidence, PairExplanation, explain_pair, render_waterfall, tie_of
    from transforms.linkage.frequencies import freeze_frequencies
    from transforms.linkage.linking import Paired, link, linked_by, pair
    from transforms.linkage.model import LinkageModel, default_model, load_model
    from transforms.linkage.model_faults import ModelFault, ModelFaults
    from transforms.linkage.renewing import resolve_again
    from transforms.linkage.resolving import Resolved, Standing, resolve

__all__ = [
    "RESOLVED_BY",
    "ComparisonEvidence",
    "LinkageModel",
    "ModelFault",
    "ModelFaults",
    "PairExplanation",
    "Paired",
    "Resolved",
    "Standing",
    "default_model",
    "explain_pair",
    "freeze_frequencies",
    "link",
    "linked_by",
    "load_model",
    "pair",
    "render_waterfall",
    "resolve",
    "resolve_again",
    "tie_of",
]

_PLACES = {
    "RESOLVED_BY": "evidence.READ",
    "ComparisonEvidence": "explain.ComparisonEvidence",
    "LinkageModel": "model.LinkageModel",
    "ModelFault": "model_faults.ModelFault",
    "ModelFaults": "model_faults.ModelFaults",
    "PairExplanation": "explain.PairExplanation",
    "Paired": "linking.Paired",
    "Resolved": "resolving.Resolved",
    "Standing": "resolving.Standing",
    "default_model": "model.default_model",
    "explain_pair": "explain.explain_pair",
    "freeze_frequencies": "frequencies.freeze_frequencies",
    "link": "linking.link",
    "linked_by": "linking.linked_by",
    "load_model": "model.load_model",
    "pair": "linking.pair",
    "render_waterfall": "explain.render_waterfall",
    "resolve": "resolving.resolve",
    "resolve_again": "renewing.resolve_again",
    "tie_of": "explain.tie_of",
}


def __getattr__(name: str) -> Any:
    # Each from its own module when it is first asked for: linking two tables needs a third of what a night needs.
    if name not in _PLACES:
        raise AttributeError(name)
    module, own_name = _PLACES[name].split(".")
    return getattr(import_module(f"{__name__}.{module}"), own_name)
