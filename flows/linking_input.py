"""What `nuanxin link` is given: read and checked as a whole, so that all faults are told at once, before any work."""

import csv as plain_csv
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any, Literal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from pyarrow import csv

from flows import edge
from flows.linking_output import write_fault
from flows.status import WrongUse
from flows.words import word
from transforms.linkage.columns import Ready, columns_of_model, made_ready
from transforms.linkage.expressions import rare_columns
from transforms.linkage.frequencies import NAMED
from transforms.linkage.model import LinkageModel, ModelFaults, load_model

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
    lang: Literal["zh", "en"] = "zh"

    @property
    def outputs(self) -> dict[str, Path]:
        """The files to be written, by their options."""
        named = {"--out": self.out, "--save": self.save, "--report": self.report, "--viewer": self.viewer}
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
    truth: pa.Table | None
    notes: tuple[str, ...]


class _Told:
    """Faults and notes in the reader's language."""

    def __init__(self, lang: str) -> None:
        self.lang, self.faults, self.notes = lang, list[str](), list[str]()

    def fault(self, what: str, /, **facts: Any) -> None:
        self.faults.append(word(f"link.fault.{what}", self.lang).format(**facts))

    def note(self, what: str, /, **facts: Any) -> None:
        self.notes.append(word(f"link.note.{what}", self.lang).format(**facts))


def read_given(asked: Asked) -> Given:
    """Read the model and the tables. WrongUse tells everything that is wrong with what was given, at once."""
    told = _Told(asked.lang)
    _options(asked, told)
    model = _model(asked.model, told)
    tables = {option: _table(option, path, told) for option, path in asked.inputs.items()}
    truth = _truth(asked, tables.get("--evaluate"), told)
    left, right = (_with_id(asked, side, tables[side], told) for side in ("--left", "--right"))
    if model and left is not None and right is not None:
        _missing_columns(left, right, model, told)
        ready = {side: made_ready(table, model, key) for side, table, key in
                 (("--left", left, asked.left_id), ("--right", right, asked.right_id))}  # fmt: skip
        _unread(ready, told)
    if told.faults or model is None:
        raise WrongUse("\n".join(told.faults))
    left, right = (ready[side].table for side in ("--left", "--right"))
    _notes(asked, model, left, right, truth, told)
    return Given(asked, model, left, right, truth, tuple(told.notes))


# -- options and the model ----------------------------------------------------------------------------------------


def _options(asked: Asked, told: _Told) -> None:
    if asked.out.suffix.lower() not in _READERS:
        told.fault("suffix", option="--out", name=asked.out.name)
    if asked.save and not asked.is_trained:
        told.fault("save_untrained")
    for option, path in asked.outputs.items():
        if reason := write_fault(path, asked.lang):
            told.fault("unwritable", option=option, path=path, reason=reason)
    _same_file(asked, told)
    if asked.engine == "spark" and not _has_spark():
        told.fault("no_pyspark")


def _has_spark() -> bool:
    has_java = bool(edge.environment().get("JAVA_HOME")) or which("java") is not None
    return has_java and find_spec("pyspark") is not None


def _same_file(asked: Asked, told: _Told) -> None:
    seen: dict[Path, str] = {path.resolve(): option for option, path in asked.inputs.items()}
    for option, path in asked.outputs.items():
        other = seen.setdefault(path.resolve(), option)
        is_model = option != "--save" and path.resolve() == asked.model.resolve()
        if other != option or is_model:
            told.fault("same_file", option=option, other="--model" if is_model else other, path=path)


def _model(path: Path, told: _Told) -> LinkageModel | None:
    if not path.is_file():
        told.fault("no_model", path=path)
        return None
    try:
        model = load_model(path)
    except ModelFaults as faults:
        told.faults += [f"--model {path.name}: {fault}" for fault in faults.faults]
        return None
    except UnicodeDecodeError:
        told.fault("not_utf8", option="--model", name=path.name)
        return None
    except OSError as fault:
        told.fault("unreadable", option="--model", name=path.name, reason=fault.strerror)
        return None
    _model_for_tables(path, model, told)
    return model


def _model_for_tables(path: Path, model: LinkageModel, told: _Told) -> None:
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


def _table(option: str, path: Path, told: _Told) -> pa.Table | None:
    if not path.is_file():
        told.fault("no_table", option=option, path=path)
        return None
    read = _READERS.get(path.suffix.lower())
    if read is None:
        told.fault("suffix", option=option, name=path.name)
        return None
    try:
        table = read(path)
    except UnicodeDecodeError:
        told.fault("not_utf8", option=option, name=path.name)
    except StopIteration:
        told.fault("no_header", option=option, name=path.name)
    except (pa.ArrowInvalid, plain_csv.Error) as fault:  # what a library says may quote a row: it is not passed on
        told.fault("not_utf8" if "UTF8" in str(fault) else "damaged", option=option, name=path.name)
    except OSError as fault:
        told.fault("unreadable", option=option, name=path.name, reason=fault.strerror or type(fault).__name__)
    else:
        twice = sorted({name for name in table.column_names if table.column_names.count(name) > 1})
        if not twice:
            return table
        told.fault("column_twice", option=option, name=path.name, columns=", ".join(twice))
    return None


def _read_csv(path: Path) -> pa.Table:
    # Every column as text: a number of 18 digits must not become a float, nor lose its leading zeros. Only an empty
    # cell is missing: Na and Null are names.
    with path.open(encoding="utf-8-sig", newline="") as file:
        names = next(plain_csv.reader(file))
    options = csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True, null_values=[""]
    )
    return csv.read_csv(path, parse_options=csv.ParseOptions(newlines_in_values=True), convert_options=options)


def _read_parquet(path: Path) -> pa.Table:
    return pq.ParquetFile(path).read()  # one file, whatever its folder is called


_READERS: dict[str, Callable[[Path], pa.Table]] = {".csv": _read_csv, ".parquet": _read_parquet}


def _with_id(asked: Asked, option: str, table: pa.Table | None, told: _Told) -> pa.Table | None:
    """The table where its id column tells every row apart, else None and a fault."""
    if table is None:
        return None
    path, key = (asked.left, asked.left_id) if option == "--left" else (asked.right, asked.right_id)
    facts = {"option": option, "name": path.name, "key": key}
    if key not in table.column_names:
        told.fault("no_id", **facts, columns=", ".join(table.column_names))
        return None
    if not table.num_rows:
        told.fault("no_rows", **facts)
        return None
    empty, distinct = table[key].null_count, pc.count_distinct(table[key]).as_py()
    if empty or distinct != table.num_rows:
        told.fault("ids", **facts, empty=empty, repeated=table.num_rows - empty - distinct)
    return table


def _missing_columns(left: pa.Table, right: pa.Table, model: LinkageModel, told: _Told) -> None:
    known = {"--left": set(left.column_names), "--right": set(right.column_names)}
    firsts = {comparison.columns[0]: comparison.name for comparison in model.comparisons}
    for side, names in known.items():
        lacking = [f"{column} ({name})" for column, name in firsts.items() if column not in names]
        if lacking:
            told.fault("no_column", option=side, columns=", ".join(lacking), there=", ".join(sorted(names)))
    nowhere = set(columns_of_model(model)) - known["--left"] - known["--right"] - set(firsts)
    if nowhere:
        told.fault("nowhere", columns=", ".join(sorted(nowhere)))


def _unread(ready: dict[str, Ready], told: _Told) -> None:
    for option, side in ready.items():
        for column, kind in side.unusable.items():
            told.fault("unusable", option=option, column=column, type=kind)
        for column, lost in side.unread.items():
            valid = word(f"link.valid.{lost.wanted}", told.lang)
            say = told.fault if lost.count == lost.of else told.note
            say("unread", option=option, column=column, count=lost.count, of=lost.of, valid=valid)


def _truth(asked: Asked, table: pa.Table | None, told: _Told) -> pa.Table | None:
    """The distinct true pairs, as texts."""
    if table is None or asked.truth is None:
        return None
    if not set(TRUE_PAIR) <= set(table.column_names):
        told.fault("truth", name=asked.truth.name, columns=", ".join(table.column_names))
        return None
    pairs = table.select(TRUE_PAIR).drop_null()
    texts = pa.table({name: pairs[name].cast(pa.string()) for name in TRUE_PAIR})
    return texts.group_by(list(TRUE_PAIR)).aggregate([]).select(list(TRUE_PAIR))


# -- what should be known -----------------------------------------------------------------------------------------


def _notes(asked: Asked, model: LinkageModel, left: pa.Table, right: pa.Table, truth: pa.Table | None,
           told: _Told) -> None:  # fmt: skip
    if not model.provenance and not asked.is_trained:
        told.note("untrained", model=asked.model.name)
    for comparison in model.comparisons:
        for option, table in (("--left", left), ("--right", right)):
            column = table[comparison.columns[0]]
            if column.null_count == len(column):
                told.note("empty", option=option, column=comparison.columns[0], comparison=comparison.name)
            elif len(column) > 1 and pc.count_distinct(column).as_py() == 1:
                told.note("one_value", option=option, column=comparison.columns[0], comparison=comparison.name)
    if truth is not None:
        unknown = _unknown(truth, left[asked.left_id], right[asked.right_id])
        if unknown:
            told.note("unknown_truth", count=unknown, of=truth.num_rows)


def _unknown(truth: pa.Table, left: pa.ChunkedArray, right: pa.ChunkedArray) -> int:
    """How many true pairs name a row that is in neither table."""
    here = [pc.is_in(truth[name], ids.cast(pa.string()).combine_chunks())
            for name, ids in zip(TRUE_PAIR, (left, right), strict=True)]  # fmt: skip
    return int(truth.num_rows - (pc.sum(pc.and_(*here)).as_py() or 0))
