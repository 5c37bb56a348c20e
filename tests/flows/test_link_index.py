"""The index of a register: `nuanxin link --save-index`, and the index as --right."""

import json

import pytest

from tests.flows.desk import MODEL, ROW, Desk, refused

pytestmark = pytest.mark.xdist_group("nights")


def test_an_index_finds_what_the_register_finds(desk: Desk) -> None:
    desk.lay([ROW], [ROW, {**ROW, "id": "2", "name": "Ann Elm", "phone": "1"}])
    said = desk.link("--save-index", desk.at("right.index"), "--json")
    assert said.status == 0
    assert json.loads(said.out)["save_index"] == desk.at("right.index")
    before = desk.pairs()
    said = desk.link("--json", right="right.index")
    assert said.status == 0, said
    assert desk.pairs() == before
    assert {"read", "pairs", "compare", "write"} == set(json.loads(said.out)["seconds"])


def test_an_index_for_another_model_is_refused(desk: Desk) -> None:
    assert desk.link("--save-index", desk.at("right.index")).status == 0
    desk.lay([ROW], [ROW], MODEL.replace("agree: [name]", "agree: [name, born]"))
    refused(desk.link(right="right.index"), "--right", "right.index", "--save-index")
    refused(desk.link(right="right.index", lang="zh"), "重新生成")


def test_an_index_with_other_ids_is_refused(desk: Desk) -> None:
    assert desk.link("--save-index", desk.at("right.index")).status == 0
    refused(desk.link("--right-id", "phone", right="right.index"), "by id, not by phone")


def test_a_file_that_is_no_index(desk: Desk) -> None:
    (desk.folder / "right.index").write_bytes(b"nothing")
    refused(desk.link(right="right.index"), "no index")
    refused(desk.link(right="gone.index"), "gone.index is not there")


def test_an_index_has_its_suffix(desk: Desk) -> None:
    refused(desk.link("--save-index", desk.at("right.arrow")), "right.arrow must end in .index")
    assert desk.left_behind() == set()
