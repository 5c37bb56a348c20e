"""Conditions as officers write them: expressions of CEL over declared words, turned into SQL for all cases at once.

The Common Expression Language is parsed by cel-python; of it a policy may use comparisons, `&&`, `||`, `!`, `in`, `+`
and `-`, and the functions below. Nothing is evaluated in Python: an expression becomes one column of a query.

Three values. A word may be unknown (null), and then `&&`, `||` and `!` are Kleene's, as SQL's are. Numbers and dates
of which sources tell different values are ranges: `age >= 49` is true where the lowest age is at least 49, false where
the highest is below, and unknown in between.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypeAlias

from celpy.celparser import CELParseError, CELParser
from lark import Token, Tree

Type = Literal["yes_no", "number", "date", "text"]
Constant: TypeAlias = int | tuple[int, ...]


@dataclass(frozen=True)
class Word:
    """A word of the vocabulary: what it is, what it is called, and where it stands among the evidence.

    `low`, `high`: SQL of the value, of one type, null where it is unknown; they are one except where sources differ.
    `unknown`: SQL of the reason for which it is unknown, a code. `facts`: SQL of what an explanation shows of it, by
    name: opaque ids and dates. `is_seen`: whoever visits the family sees it, so that a confirmed visit settles it.
    `known_on`: SQL of the day of the newest record that says so; a visit that confirms the family on or after it
    overrules the records. Without it none does.
    """

    type: Type
    zh: str
    en: str
    low: str
    high: str = ""
    unknown: str = "NULL"
    facts: Mapping[str, str] = field(default_factory=dict)
    is_seen: bool = False
    known_on: str = ""

    @property
    def bounds(self) -> tuple[str, str]:
        """SQL of the lowest and of the highest value."""
        return self.low, self.high or self.low


@dataclass(frozen=True)
class Compiled:
    """A condition in SQL: `outcome` is true, false or null.

    `words`: those that it uses, in their order; `ages`: whose ages it asks for (mother; empty where no one word says)
    and SQL of each, null where it is not sure.
    """

    outcome: str
    words: tuple[str, ...]
    ages: tuple[tuple[str, str], ...]


class ExpressionFault(ValueError):
    """An expression that cannot be used: the kind of fault, its column (from 1), what stands there, what may stand."""

    def __init__(self, kind: str, column: int, found: str, valid: str = "") -> None:
        self.kind, self.column, self.found, self.valid = kind, column, found, valid
        super().__init__(f"column {column}: {kind}: {found}" + (f"; valid: {valid}" if valid else ""))


def compile_condition(text: str, words: Mapping[str, Word], constants: Mapping[str, Constant]) -> Compiled:
    """The condition in SQL; `constants` are named numbers and lists of numbers.

    Raises ExpressionFault where it is no expression, no condition, or says something that is not declared.
    """
    reader = _Reader(words, constants)
    found = reader.read(_parse(text))
    if found.type != "yes_no":
        raise ExpressionFault("no_condition", 1, text, "yes_no")
    return Compiled(found.low, tuple(reader.used), tuple(reader.ages))


@cache
def _parser() -> CELParser:
    return CELParser()


@cache  # policies say the same again and again
def _parse(text: str) -> Tree[Token]:
    try:
        found: Tree[Token] = _parser().parse(text)
    except CELParseError as fault:
        raise ExpressionFault("not_readable", fault.column or 1, text) from None
    return found


@dataclass(frozen=True)
class _Value:
    """A part of an expression in SQL, as the lowest and the highest value that it may have."""

    type: Type | Literal["list", "span"]
    low: str
    high: str
    parts: tuple["_Value", ...] = ()


def _same(kind: Any, sql: str) -> _Value:
    return _Value(kind, sql, sql)


def _constant(value: Constant) -> _Value:
    if isinstance(value, int):
        return _same("number", str(value))
    return _Value("list", "", "", tuple(_same("number", str(each)) for each in value))


_Tree: TypeAlias = Tree[Token]


class _Reader:
    """Reads the tree of one expression. One method a construct that is allowed; whatever else there is, is a fault."""

    def __init__(self, words: Mapping[str, Word], constants: Mapping[str, Constant]) -> None:
        self._words, self._constants = words, constants
        self.used: dict[str, None] = {}
        self.ages: dict[tuple[str, str], None] = {}

    def read(self, tree: _Tree) -> _Value:
        while len(tree.children) == 1 and tree.data not in _LEAVES and isinstance(tree.children[0], Tree):
            tree = tree.children[0]
        reading = getattr(self, f"_{tree.data}", None)
        if reading is None:
            raise _fault("not_allowed", tree, _source(tree))
        found: _Value = reading(tree)
        return found

    # -- logic ----------------------------------------------------------------------------------------------------

    def _conditionalor(self, tree: _Tree) -> _Value:
        return self._joined(tree, "OR")

    def _conditionaland(self, tree: _Tree) -> _Value:
        return self._joined(tree, "AND")

    def _joined(self, tree: _Tree, operator: str) -> _Value:
        one, other = (self._of_type("yes_no", child) for child in _trees(tree))
        return _same("yes_no", f"({one.low} {operator} {other.low})")

    def _unary(self, tree: _Tree) -> _Value:
        sign, operand = _trees(tree)
        if sign.data == "unary_not":
            return _same("yes_no", f"(NOT {self._of_type('yes_no', operand).low})")
        value = self._of_type("number", operand)
        return _Value("number", f"(-{value.high})", f"(-{value.low})")

    # -- comparisons ------------------------------------------------------------------------------------------------

    def _relation(self, tree: _Tree) -> _Value:
        first, second = _trees(tree)
        operator = str(first.data).removeprefix("relation_")
        one, other = self.read(_trees(first)[0]), self.read(second)
        if operator == "in":
            return self._within(one, other, tree)
        if one.type != other.type or one.type in ("list", "span"):
            raise _fault("types_differ", tree, f"{one.type} {_SIGNS[operator]} {other.type}", one.type)
        if operator not in ("eq", "ne") and one.type not in ("number", "date"):
            raise _fault("no_order", tree, one.type, "number, date")
        return _same("yes_no", _COMPARED[operator](one, other))

    def _within(self, one: _Value, many: _Value, tree: _Tree) -> _Value:
        if many.type != "list":
            raise _fault("no_list", tree, many.type, "list")
        if any(part.type != one.type for part in many.parts):
            raise _fault("types_differ", tree, f"{one.type} in {', '.join(p.type for p in many.parts)}", one.type)
        equal = [_equal(one, part) for part in many.parts]
        return _same("yes_no", f"({' OR '.join(equal) or 'FALSE'})")

    # -- numbers, dates, spans ----------------------------------------------------------------------------------------

    def _addition(self, tree: _Tree) -> _Value:
        first, second = _trees(tree)
        one, other = self.read(_trees(first)[0]), self.read(second)
        sign = "+" if first.data == "addition_add" else "-"
        if {one.type} <= {"number", "date"} and (other.type == "span" or other.type == one.type == "number"):
            least, most = (other.low, other.high) if sign == "+" else (other.high, other.low)
            return _Value(one.type, _moved(one.type, one.low, sign, least), _moved(one.type, one.high, sign, most))
        raise _fault("types_differ", tree, f"{one.type} {sign} {other.type}", "number + number, date + years(n)")

    def _list_lit(self, tree: _Tree) -> _Value:
        parts = tuple(self.read(part) for part in _arguments(tree))
        if not parts:
            raise _fault("empty_list", tree, "[]")
        return _Value("list", "", "", parts)

    def _literal(self, tree: _Tree) -> _Value:
        (token,) = tree.scan_values(lambda value: isinstance(value, Token))
        if token.type == "INT_LIT":
            return _same("number", str(int(token)))
        if token.type == "BOOL_LIT":
            return _same("yes_no", str(token).upper())
        if token.type == "STRING_LIT" and "\\" not in token and token[0] == token[-1] and len(token) > 1:
            bare = str(token)[1:-1].replace("'", "''")
            return _same("text", f"'{bare}'")
        raise _fault("not_allowed", tree, str(token))

    def _paren_expr(self, tree: _Tree) -> _Value:
        return self.read(_trees(tree)[0])

    # -- words and functions ------------------------------------------------------------------------------------------

    def _ident(self, tree: _Tree) -> _Value:
        return self._word(str(tree.children[0]), tree)

    def _member_dot(self, tree: _Tree) -> _Value:
        return self._word(_dotted(tree), tree)

    def _word(self, name: str, tree: _Tree) -> _Value:
        if name in self._constants:
            return _constant(self._constants[name])
        word = self._words.get(name)
        if word is None:
            raise _fault("unknown_word", tree, name, ", ".join(_near(name, [*self._words, *self._constants])))
        self.used[name] = None
        return _Value(word.type, *word.bounds)

    def _ident_arg(self, tree: _Tree) -> _Value:
        return self._called(str(tree.children[0]), _arguments(tree), tree)

    def _member_dot_arg(self, tree: _Tree) -> _Value:
        # a.f(b) is f(a, b)
        return self._called(str(tree.children[1]), [_trees(tree)[0], *_arguments(tree)], tree)

    def _called(self, name: str, given: list[_Tree], tree: _Tree) -> _Value:
        function = FUNCTIONS.get(name)
        if function is None:
            raise _fault("unknown_function", tree, name, ", ".join(FUNCTIONS))
        if len(given) != len(function.takes):
            raise _fault("arguments", tree, f"{name}: {len(given)}", ", ".join(function.takes))
        found = function.sql(*(self._of_type(kind, part) for kind, part in zip(function.takes, given, strict=True)))
        if name == "age_on":
            age = f"CASE WHEN {found.low} = {found.high} THEN {found.low} END"
            self.ages[self._whose(given[0]), age] = None
        return found

    def _whose(self, born: _Tree) -> str:
        reader = _Reader(self._words, self._constants)
        reader.read(born)
        return next(iter(reader.used)).partition(".")[0] if len(reader.used) == 1 else ""

    def _of_type(self, wanted: Type, tree: _Tree) -> _Value:
        value = self.read(tree)
        if value.type != wanted:
            raise _fault("types_differ", tree, value.type, wanted)
        return value


_LEAVES = {"literal", "ident", "ident_arg", "member_dot", "member_dot_arg", "list_lit", "paren_expr"}
_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "in": "in"}


# -- what comparisons mean where a value is a range -----------------------------------------------------------------


def _decided(true: str, false: str) -> str:
    return f"(CASE WHEN {true} THEN TRUE WHEN {false} THEN FALSE END)"


def _equal(one: _Value, other: _Value) -> str:
    if one.low == one.high and other.low == other.high:
        return f"({one.low} = {other.low})"
    apart = f"{one.high} < {other.low} OR {other.high} < {one.low}"
    return _decided(f"{one.low} = {other.high} AND {one.high} = {other.low}", apart)


def _below(one: _Value, other: _Value) -> str:
    return _decided(f"{one.high} < {other.low}", f"{one.low} >= {other.high}")


_COMPARED: dict[str, Callable[[_Value, _Value], str]] = {
    "eq": _equal,
    "ne": lambda one, other: f"(NOT {_equal(one, other)})",
    "lt": _below,
    "ge": lambda one, other: f"(NOT {_below(one, other)})",
    "gt": lambda one, other: _below(other, one),
    "le": lambda one, other: f"(NOT {_below(other, one)})",
}


def _moved(kind: str, value: str, sign: str, by: str) -> str:
    moved = f"({value} {sign} {by})"
    return f"CAST({moved} AS DATE)" if kind == "date" else moved


# -- functions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Function:
    """What it takes, what it is for, and its SQL."""

    takes: tuple[Type, ...]
    zh: str
    en: str
    sql: Callable[..., _Value]


def _age(born: _Value, on: _Value) -> _Value:
    # Whole years; they turn on the birthday, that of 29 February in other years on the 28th.
    return _Value("number", _years(born.high, on.low), _years(born.low, on.high))


def _years(born: str, on: str) -> str:
    years = f"(year({on}) - year({born}))"
    return f"({years} - CAST(CAST({born} + to_years(CAST({years} AS INTEGER)) AS DATE) > {on} AS INTEGER))"


def _span(unit: str) -> Callable[[_Value], _Value]:
    return lambda count: _Value("span", *(f"to_{unit}(CAST({sql} AS INTEGER))" for sql in (count.low, count.high)))  # type: ignore[arg-type]


def _part(of: str) -> Callable[[_Value], _Value]:
    return lambda day: _Value("number", f"{of}({day.low})", f"{of}({day.high})")


def _end_of_year(day: _Value) -> _Value:
    return _Value("date", *(f"make_date(year({sql}), 12, 31)" for sql in (day.low, day.high)))  # type: ignore[arg-type]


FUNCTIONS: dict[str, Function] = {
    "age_on": Function(("date", "date"), "到某日的周岁", "age in whole years: child.born_on.age_on(day)", _age),
    "years": Function(("number",), "若干年", "so many years: day + years(18)", _span("years")),
    "months": Function(("number",), "若干月", "so many months", _span("months")),
    "days": Function(("number",), "若干天", "so many days", _span("days")),
    "year": Function(("date",), "年份", "the year of a day", _part("year")),
    "end_of_year": Function(("date",), "当年最后一天", "the last day of the day's year", _end_of_year),
}


# -- the tree ---------------------------------------------------------------------------------------------------------


def _trees(tree: _Tree) -> list[_Tree]:
    return [child for child in tree.children if isinstance(child, Tree)]


def _arguments(tree: _Tree) -> list[_Tree]:
    return [part for child in _trees(tree) if child.data == "exprlist" for part in _trees(child)]


def _dotted(tree: _Tree) -> str:
    (inner,), name = _trees(tree), tree.children[-1]
    while inner.data not in ("member_dot", "ident"):
        if len(inner.children) != 1 or not _trees(inner):
            raise _fault("not_allowed", tree, _source(tree))
        (inner,) = _trees(inner)
    before = _dotted(inner) if inner.data == "member_dot" else str(inner.children[0])
    return f"{before}.{name}"


def _source(tree: _Tree) -> str:
    return " ".join(str(token) for token in tree.scan_values(lambda value: isinstance(value, Token))) or str(tree.data)


def _fault(kind: str, tree: _Tree, found: str, valid: str = "") -> ExpressionFault:
    return ExpressionFault(kind, getattr(tree.meta, "column", 1), found, valid)


def _near(name: str, words: Sequence[str]) -> list[str]:
    # Those of the same thing, else what things there are.
    root, *_ = name.split(".")
    same = [word for word in words if word.startswith(f"{root}.")]
    return same or sorted({word.partition(".")[0] for word in words})
