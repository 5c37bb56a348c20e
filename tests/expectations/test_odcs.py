"""Feed contracts as Open Data Contract Standard documents, held against the standard's own schema."""

import json
from importlib.resources import files
from typing import Any

import pytest
import yaml
from jsonschema.validators import validator_for

from expectations.checks import declared_checks
from expectations.odcs import odcs_page
from transforms.feeds import FEEDS, load_contract

SCHEMA = json.loads(files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8"))
SOURCE = {"connector": "files", "encoding": "gbk", "mode": "full", "max_age_days": 3, "headers": {"name": "死者"}}


def document(feed: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(odcs_page(load_contract(feed), SOURCE))
    return found


def faults(page: dict[str, Any]) -> list[str]:
    return [fault.message for fault in validator_for(SCHEMA)(SCHEMA).iter_errors(page)]


@pytest.mark.parametrize("feed", FEEDS)
def test_every_contract_is_as_the_standard_says(feed: str) -> None:
    page = document(feed)
    assert faults(page) == []
    assert (page["apiVersion"], page["kind"]) == ("v3.0.2", "DataContract")


def test_the_standard_knows_a_wrong_contract() -> None:
    page = document("births")
    assert faults({name: value for name, value in page.items() if name != "id"})
    assert faults(page | {"schema": [{"properties": []}]})


@pytest.mark.parametrize("feed", FEEDS)
def test_every_column_and_every_check_is_in_it(feed: str) -> None:
    contract, (table,) = load_contract(feed), document(feed)["schema"]
    assert [each["name"] for each in table["properties"]] == list(contract.column_names)
    keys = {each["name"]: each["primaryKeyPosition"] for each in table["properties"] if each.get("primaryKey")}
    assert sorted(keys, key=lambda name: keys[name]) == list(contract.key)
    told = [each["name"] for part in (table, *table["properties"]) for each in part.get("quality", [])]
    assert sorted(told) == sorted(check.check_id for check in declared_checks(contract))


def test_a_column_bears_the_header_of_the_site_and_its_class() -> None:
    columns = {each["name"]: each for each in document("death_certificates")["schema"][0]["properties"]}
    assert columns["name"]["physicalName"] == "死者" and columns["name"]["classification"] == "personal"
    assert columns["underlying_icd10"]["classification"] == "sensitive"
    assert columns["died_at"]["logicalType"] == "date" and columns["age"]["logicalType"] == "integer"
