"""The pages that `nuanxin link` leaves for people who look: the model's report, and the viewer of comparisons."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from flows.linking_input import Given
from transforms.linkage.blocking import GivenUp
from transforms.linkage.calibrating import Checked, Fitted, checked
from transforms.linkage.comparisons import patterns
from transforms.linkage.evaluation import is_true
from transforms.linkage.model import LinkageModel
from transforms.linkage.pictures.model_page import render_model_report
from transforms.linkage.pictures.reports import TrainingReport
from transforms.linkage.pictures.viewer import example_pairs, pattern_counts, render_comparison_viewer
from transforms.linkage.training import Trained

EXAMPLES = 2  # masked examples of every pattern in the viewer


def report_page(
    given: Given,
    pairs: pa.Table,
    model: LinkageModel,
    trained: Trained | None,
    fit: Fitted | None,
    given_up: tuple[GivenUp, ...],
) -> str:
    """The model, how it was trained if it was, and how well its probabilities hold where the truth is known.

    Of a calibration that was fitted to this truth, only the half that it was not fitted to is drawn.
    """
    check = (fit and fit.checked) or _checked(pairs, model, given.truth)
    holds, before = (check.after, check.before) if check else (None, None)
    before = before if model.calibration else None
    return render_model_report(
        model, _training(model, trained), holds, lang=given.asked.lang, before=before, given_up=given_up
    )


def viewer_page(given: Given, pairs: pa.Table, model: LinkageModel) -> str:
    """The patterns of levels that were found, with masked examples."""
    asked = given.asked
    seen = pairs.append_column("levels", patterns(_levels(pairs, model)))
    ids = (asked.left_id, asked.right_id)
    examples = example_pairs(
        seen, given.left, given.right, model, ids=ids, sides=("left_id", "right_id"), each=EXAMPLES
    )
    return render_comparison_viewer(pattern_counts(seen), examples, model, lang=asked.lang)


def _training(model: LinkageModel, trained: Trained | None) -> TrainingReport | None:
    if trained is None:
        return None
    rows = int(model.provenance["mentions"])
    return TrainingReport(rows, trained.pairs, trained.random_pairs, trained.convergence.rounds)


def _checked(pairs: pa.Table, model: LinkageModel, truth: pa.Table | None) -> Checked | None:
    if truth is None or not pairs.num_rows:
        return None
    return checked(model, pairs["match_weight"].to_numpy(), is_true(pairs, truth))


def _levels(pairs: pa.Table, model: LinkageModel) -> dict[str, npt.NDArray[np.int8]]:
    return {
        comparison.name: pc.index_in(pairs[comparison.name], pa.array(comparison.level_names))
        .fill_null(-1)
        .to_numpy()
        .astype(np.int8)
        for comparison in model.comparisons
    }
