"""Which columns stand behind each column of a query, read off its tree as DuckDB itself parses it.

Enough of SQL for our own queries over one feed: SELECT, UNION ALL, subqueries, VALUES, joins. What is not known here is
no guess: it raises.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from transforms.sql import ask

Tree = Mapping[str, Any]
_SERIALIZED = "SELECT json_serialize_sql({query}) AS tree"


@dataclass(frozen=True)
class Behind:
    """Columns whose values an output is made of, and those that only decide which one or whether."""

    values: frozenset[str] = frozenset()
    deciding: frozenset[str] = frozenset()

    def __or__(self, other: "Behind") -> "Behind":
        return Behind(self.values | other.values, self.deciding | other.deciding)

    @property
    def as_deciding(self) -> "Behind":
        """All of it only decides."""
        return Behind(deciding=self.values | self.deciding)


Scope = dict[str, Behind]
NOTHING = Behind()


def columns_behind(sql: str, tables: Mapping[str, tuple[str, ...]]) -> dict[str, Behind]:
    """For each column of the query's answer the columns of `tables` behind it; those of filters decide every column.

    KeyError for a table or column that is not there, ValueError for a query that this cannot read.
    """
    quoted = "'" + sql.replace("'", "''") + "'"
    told = json.loads(ask(_SERIALIZED.format(query=quoted))["tree"][0].as_py())
    if told["error"]:
        raise ValueError(told["error_message"])
    return _of_query(told["statements"][0]["node"], tables)


def _of_query(node: Tree, tables: Mapping[str, tuple[str, ...]]) -> Scope:
    if node["type"] == "SET_OPERATION_NODE":
        parts = [_of_query(child, tables) for child in node["children"]]
        names = list(parts[0])  # the first branch names the columns, the others follow by place
        by_place = zip(*(part.values() for part in parts), strict=True)
        return {name: _all(found) for name, found in zip(names, by_place, strict=True)}
    if node["type"] != "SELECT_NODE":
        raise ValueError(node["type"])
    scope = _of_table(node["from_table"], tables)
    always = _of(node["where_clause"], scope).as_deciding if node["where_clause"] else NOTHING
    found: Scope = {}
    for place, expression in enumerate(node["select_list"]):
        if expression["class"] == "STAR":
            found |= scope
        else:
            found[_name(expression, place)] = _of(expression, scope)
    return {name: behind | always for name, behind in found.items()}


def _of_table(table: Tree, tables: Mapping[str, tuple[str, ...]]) -> Scope:
    if table["type"] == "BASE_TABLE":
        return {column: Behind(frozenset({column})) for column in tables[table["table_name"]]}
    if table["type"] == "JOIN":
        return _of_table(table["left"], tables) | _of_table(table["right"], tables)
    if table["type"] == "EXPRESSION_LIST":
        return {f"col{place}": NOTHING for place in range(len(table["values"][0]))}
    if table["type"] != "SUBQUERY":
        raise ValueError(table["type"])
    inner = _of_query(table["subquery"]["node"], tables)
    names = table["column_name_alias"] or list(inner)
    return dict(zip(names, inner.values(), strict=False))


def _name(expression: Tree, place: int) -> str:
    if expression["alias"]:
        return str(expression["alias"])
    return str(expression["column_names"][-1]) if expression["class"] == "COLUMN_REF" else f"col{place}"


def _of(expression: Tree, scope: Scope) -> Behind:
    kind = expression["class"]
    if kind == "COLUMN_REF":
        return scope[expression["column_names"][-1]]
    if kind == "CASE":
        checks = expression["case_checks"]
        chosen = _all(_of(check["then_expr"], scope) for check in checks) | _of(expression["else_expr"], scope)
        return chosen | _all(_of(check["when_expr"], scope) for check in checks).as_deciding
    inner = _all(_of(part, scope) for part in _parts(expression))
    return inner.as_deciding if kind == "WINDOW" else inner


def _parts(value: Any) -> Iterator[Tree]:
    """The expressions right below one."""
    for inner in value.values() if isinstance(value, Mapping) else value:
        if isinstance(inner, Mapping) and "class" in inner:
            yield inner
        elif isinstance(inner, Mapping | list):
            yield from _parts(inner)


def _all(found: Any) -> Behind:
    total = NOTHING
    for each in found:
        total |= each
    return total
