"""A feed contract as a document of the Open Data Contract Standard (v3.0.2), with every check of its deliveries."""

import hashlib
from collections.abc import Mapping
from typing import Any

import yaml

from expectations.checks import Check, declared_checks
from expectations.sentences import sentence
from transforms.feeds import Column, FeedContract
from transforms.feeds.dictionary import TYPES

_LOGICAL = {"date": "date", "datetime": "date", "integer": "integer", "money": "number"}
_FORMATS = {"date": "yyyy-MM-dd", "datetime": "yyyy-MM-dd HH:mm:ss"}
_DIMENSIONS = {"correctness": "conformity"}  # the others are called alike
_SEVERITIES = {"delivery": "error", "row": "error", "field": "warning", "warning": "info"}
Page = dict[str, Any]


def odcs_page(contract: FeedContract, source: Mapping[str, Any]) -> str:
    """The contract as YAML. `source`: how the site gets the feed (connector, encoding, mode, max_age_days, headers).

    Its version is a digest of the contract, as a contract changes by itself only. No address of the site is in it.
    """
    return str(yaml.safe_dump(_document(contract, source), allow_unicode=True, sort_keys=False, width=120))


def _document(contract: FeedContract, source: Mapping[str, Any]) -> Page:
    checks = declared_checks(contract)
    return {
        "apiVersion": "v3.0.2",
        "kind": "DataContract",
        "id": f"nuanxin-{contract.feed}",
        "name": contract.title.zh,
        "version": hashlib.sha256(contract.model_dump_json().encode()).hexdigest()[:16],
        "status": "active",
        "domain": contract.agency.id,
        "description": {
            "purpose": f"{contract.title.zh} / {contract.title.en}",
            "usage": "nuanxin: which families are newly owed help, and why",
            "limitations": "All arrives as text; a column that is missing, renamed or not agreed blocks the delivery.",
        },
        "servers": [_server(source)],
        "schema": [_table(contract, source["headers"], checks)],
        "team": [{"username": contract.agency.id, "name": contract.agency.zh, "role": "owner",
                  "description": f"{contract.agency.en}: delivers the feed and mends it"}],
        "slaProperties": [{"property": "frequency", "value": source["max_age_days"], "unit": "d",
                           "description": "older than this, the feed is told as stale"}],
    }  # fmt: skip


def _server(source: Mapping[str, Any]) -> Page:
    told = ("connector", "encoding", "mode")
    properties = [{"property": name, "value": source[name]} for name in told]
    return {"server": "delivery", "type": "custom", "customProperties": properties}


def _table(contract: FeedContract, headers: Mapping[str, str], checks: list[Check]) -> Page:
    of_delivery = [_quality(check) for check in checks if check.column is None]
    return {
        "name": contract.feed,
        "physicalType": "file",
        "logicalType": "object",
        "businessName": contract.title.zh,
        "description": contract.title.en,
        "properties": [
            _property(contract, column, headers, [_quality(check) for check in checks if check.column == column.name])
            for column in contract.columns
        ],
        "quality": of_delivery,
    }


def _property(contract: FeedContract, column: Column, headers: Mapping[str, str], quality: list[Page]) -> Page:
    logical = _LOGICAL.get(column.type, "string")
    found: Page = {
        "name": column.name,
        "physicalName": headers.get(column.name, column.header),
        "physicalType": "text",
        "logicalType": logical,
        "required": column.required,
        "classification": column.sensitivity,
        "description": "; ".join(part for part in (TYPES[column.type], column.note) if part),
    }
    if column.type in _FORMATS:
        found["logicalTypeOptions"] = {"format": _FORMATS[column.type]}
    if column.name in contract.key:
        found |= {"primaryKey": True, "primaryKeyPosition": contract.key.index(column.name) + 1}
    if column.codes:
        found["customProperties"] = [{"property": "codes", "value": dict(column.codes)}]
    return found | ({"quality": quality} if quality else {})


def _quality(check: Check) -> Page:
    said = sentence(check)
    return {
        "name": check.check_id,
        "type": "custom",
        "engine": "nuanxin",
        "implementation": check.rule,
        "dimension": _DIMENSIONS.get(check.dimension, check.dimension),
        "severity": _SEVERITIES[check.severity],
        "description": f"{said.zh} {said.en}",
    }
