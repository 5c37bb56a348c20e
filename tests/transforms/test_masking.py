"""What may be shown without a reason."""

import pytest

from transforms.feeds import load_contract
from transforms.feeds.masking import HIDDEN, mask, mask_key


@pytest.mark.parametrize(
    ("feed", "column", "value", "shown"),
    [
        ("births", "mother_name", "何测试", "何**"),
        ("births", "mother_id_no", "370303198602010021", "3703************21"),
        ("births", "birth_date", "2011-03-04", "2011-**-**"),
        ("cremations", "handler_phone", "16012345678", "1601*****78"),
        ("cremations", "address", "和平路1号", HIDDEN),
        ("death_certificates", "underlying_icd10", "C34.9", HIDDEN),
        ("disability_certificates", "grade", "1", HIDDEN),
        ("disability_certificates", "cert_no", "37030319860201002142", "3703**************42"),
        ("births", "birth_certificate_no", "Q3700000001", "Q3700000001"),
    ],
)
def test_masked_by_type_and_sensitivity(feed: str, column: str, value: str, shown: str) -> None:
    assert mask(load_contract(feed).column(column), value) == shown


def test_an_identity_number_in_a_record_key_is_masked() -> None:
    assert mask_key("H0001|370303198602010021") == "H0001|3703************21"
    assert mask_key("370303202500000012|1") == "3703************12|1"
    assert mask_key("J370303-2017-0001") == "J370303-2017-0001"
