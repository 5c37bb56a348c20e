"""What `nuanxin link` is given: read and checked as a whole, so that all faults are told at once, before any work."""

from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from flows import edge
from flows.linking_faults import Faults
from flows.linking_output import write_fault
from flows.linking_tables import INDEX, READERS, Side, read_indexed, read_side, with_ids
from flows.status import WrongUse
from flows.words import word
from transforms.linkage.columns import columns_of_model, made_ready
from transforms.linkage.expressions import rare_columns
from transforms.linkage.frequencies import NAMED
from transforms.linkage.indexing import Index
from transforms.linkage.model import LinkageModel, load_model
from transforms.linkage.model_faults import ModelFaults

OWN_COLUMNS = ("left_id", "right_id", "match_weight", "match_probability", "decision")
TRUE_PAIR = ("left_id", "right_id")


@dataclass(frozen=True)
class Asked:
    """What the command line asked for."""

    left: Path
    right: Path
    left_id: str
    right_id: str
    model: Path
    out: Path
    is_trained: bool = False
    save: Path | None = None
    threads: int = 2
    seed: int = 1
    truth: Path | None = None
    engine: Literal["local", "spark"] = "local"
    report: Path | None = None
    viewer: Path | None = None
    save_index: Path | None = None
    lang: Literal["zh", "en"] = "zh"

    @property
    def outputs(self) -> dict[str, Path]:
        """The files to be written, by their options."""
        named = {
            "--out": self.out,
            "--save": self.save,
            "--report": self.report,
            "--viewer": self.viewer,
            "--save-index": self.save_index,
        }
        return {option: path for option, path in named.items() if path}

    @property
    def inputs(self) -> dict[str, Path]:
        """The files that are read, by their options; --model may be written again by --save."""
        named = {"--left": self.left, "--right": self.right, "--evaluate": self.truth}
        return {option: path for option, path in named.items() if path}


@dataclass(frozen=True)
class Given:
    """Everything that was given, ready to be worked with, and what should be known about it."""

    asked: Asked
    model: LinkageModel
    left: pa.Table
    right: pa.Table
    index: Index | None  # of the right table, where one was given
    truth: pa.Table | None
    notes: tuple[str, ...]


def read_given(asked: Asked) -> Given:
    """Read the model and the tables. WrongUse tells everything that is wrong with what was given, at once."""
    told = Faults(asked.lang)
    _options(asked, told)
    model = _model(asked.model, told)
    truth = _truth(asked, told)
    sides = _read(asked, model, told)
    if model and sides:
        _missing_columns(sides, model, told)
        sides = {option: _ready(asked, option, side, model, told) for option, side in sides.items()}
    if told.faults or not (model and sides):
        raise WrongUse("\n".join(told.faults))
    left, right = sides["--left"], sides["--right"]
    _notes(asked, model, left.table, right.table, truth, told)
    return Given(asked, model, left.table, right.table, right.index, truth, tuple(told.notes))


# -- options and the model ----------------------------------------------------------------------------------------


def _options(asked: Asked, told: Faults) -> None:
    if asked.out.suffix.lower() not in READERS:
        told.fault("suffix", option="--out", name=asked.out.name)
    if asked.save and not asked.is_trained:
        told.fault("save_untrained")
    if asked.save_index and asked.save_index.suffix.lower() != INDEX:
        told.fault("index_suffix", name=asked.save_index.name)
    for option, path in asked.outputs.items():
        if reason := write_fault(path, asked.lang):
            told.fault("unwritable", option=option, path=path, reason=reason)
    _same_file(asked, told)
    if asked.engine == "spark" and not _has_spark():
        told.fault("no_pyspark")


def _has_spark() -> bool:
    has_java = bool(edge.environment().get("JAVA_HOME")) or which("java") is not None
    return has_java and find_spec("pyspark") is not None


def _same_file(asked: Asked, told: Faults) -> None:
    seen: dict[Path, str] = {path.resolve(): option for option, path in asked.inputs.items()}
    for option, path in asked.outputs.items():
        other = seen.setdefault(path.resolve(), option)
        is_model = option != "--save" and path.resolve() == asked.model.resolve()
        if other != option or is_model:
            told.fault("same_file", option=option, other="--model" if is_model else other, path=path)


def _model(path: Path, told: Faults) -> LinkageModel | None:
    if not path.is_file():
        told.fault("no_model", path=path)
        return None
    try:
        model = load_model(path)
    except ModelFaults as faults:
        for fault in faults.faults:
            told.fault(f"model.{fault.kind}", model=path.name, **fault.facts)
        return None
    except UnicodeDecodeError:
        told.fault("not_utf8", option="--model", name=path.name)
        return None
    except OSError as fault:
        told.fault("unreadable", option="--model", name=path.name, reason=fault.strerror)
        return None
    _model_for_tables(path, model, told)
    return model


def _model_for_tables(path: Path, model: LinkageModel, told: Faults) -> None:
    names = [comparison.name for comparison in model.comparisons]
    for name in sorted({name for name in names if name in OWN_COLUMNS or names.count(name) > 1}):
        told.fault("comparison_name", model=path.name, name=name, taken=", ".join(OWN_COLUMNS))
    if not names:
        told.fault("no_comparisons", model=path.name)
    if not model.blocking.rules:
        told.fault("no_rules", model=path.name)
    counted = {comparison.columns[0] for comparison in model.comparisons if comparison.kind in NAMED}
    for rule in model.blocking.rules:
        texts = (*rule.agree, *(rule.with_ or ()))
        for column in sorted({column for text in texts for column in rare_columns(text)} - counted):
            told.fault("rare", model=path.name, rule=rule.name, column=column)


# -- tables -------------------------------------------------------------------------------------------------------


def _read(asked: Asked, model: LinkageModel | None, told: Faults) -> dict[str, Side]:
    """Both tables by their options; empty, with faults, where one of them cannot be used."""
    wanted = None if model is None else {asked.left_id, asked.right_id, *columns_of_model(model)}
    left = read_side("--left", asked.left, wanted, told)
    if asked.right.suffix.lower() != INDEX:
        right = read_side("--right", asked.right, wanted, told)
    else:
        right = read_indexed(asked.right, asked.right_id, model, told) if model else None
    left = with_ids("--left", asked.left, asked.left_id, left, told)
    right = with_ids("--right", asked.right, asked.right_id, right, told)
    return {"--left": left, "--right": right} if left and right else {}


def _missing_columns(sides: dict[str, Side], model: LinkageModel, told: Faults) -> None:
    firsts = {comparison.columns[0]: comparison.name for comparison in model.comparisons}
    for option, side in sides.items():
        lacking = [f"{column} ({name})" for column, name in firsts.items() if column not in side.names]
        if lacking:
            told.fault("no_column", option=option, columns=", ".join(lacking), there=", ".join(sorted(side.names)))
    known = {name for side in sides.values() for name in side.names}
    if nowhere := set(columns_of_model(model)) - known - set(firsts):
        told.fault("nowhere", columns=", ".join(sorted(nowhere)))


def _ready(asked: Asked, option: str, side: Side, model: LinkageModel, told: Faults) -> Side:
    """The side with its columns as the comparisons read them."""
    if side.index is not None:
        return side
    ready = made_ready(side.table, model, asked.left_id if option == "--left" else asked.right_id)
    for column, kind in ready.unusable.items():
        told.fault("unusable", option=option, column=column, type=kind)
    for column, lost in ready.unread.items():
        valid = word(f"link.valid.{lost.wanted}", told.lang)
        say = told.fault if lost.count == lost.of else told.note
        say("unread", option=option, column=column, count=lost.count, of=lost.of, valid=valid)
    return replace(side, table=ready.table)


def _truth(asked: Asked, told: Faults) -> pa.Table | None:
    """The distinct true pairs, as texts."""
    side = read_side("--evaluate", asked.truth, None, told) if asked.truth else None
    if side is None or asked.truth is None:
        return None
    if not set(TRUE_PAIR) <= set(side.names):
        told.fault("truth", name=asked.truth.name, columns=", ".join(side.names))
        return None
    pairs = side.table.select(TRUE_PAIR).drop_null()
    texts = pa.table({name: pairs[name].cast(pa.string()) for name in TRUE_PAIR})
    return texts.group_by(list(TRUE_PAIR)).aggregate([]).select(list(TRUE_PAIR))


# -- what should be known -----------------------------------------------------------------------------------------


def _notes(asked: Asked, model: LinkageModel, left: pa.Table, right: pa.Table, truth: pa.Table | None,
           told: Faults) -> None:  # fmt: skip
    if not model.provenance and not asked.is_trained:
        told.note("untrained", model=asked.model.name)
    for comparison in model.comparisons:
        for option, table in (("--left", left), ("--right", right)):
            column = table[comparison.columns[0]]
            if column.null_count == len(column):
                told.note("empty", option=option, column=comparison.columns[0], comparison=comparison.name)
            elif len(column) > 1 and _is_one_value(column):
                told.note("one_value", option=option, column=comparison.columns[0], comparison=comparison.name)
    if truth is not None:
        unknown = _unknown(truth, left[asked.left_id], right[asked.right_id])
        if unknown:
            told.note("unknown_truth", count=unknown, of=truth.num_rows)


def _is_one_value(column: pa.ChunkedArray) -> bool:
    # The first rows tell of nearly every column that it has more.
    return all(ends["min"] == ends["max"] for ends in (pc.min_max(part) for part in (column.slice(0, 1000), column)))


def _unknown(truth: pa.Table, left: pa.ChunkedArray, right: pa.ChunkedArray) -> int:
    """How many true pairs name a row that is in neither table."""
    here = [pc.is_in(truth[name], ids.cast(pa.string()).combine_chunks())
            for name, ids in zip(TRUE_PAIR, (left, right), strict=True)]  # fmt: skip
    return int(truth.num_rows - (pc.sum(pc.and_(*here)).as_py() or 0))
