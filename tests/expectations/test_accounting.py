"""Whatever is delivered: every row is accepted or refused, and the two add up."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.expectations.drawn import USABLE, fault, through
from transforms.schemas import ROW_NUMBER

_CELLS = st.one_of(
    st.none(),
    st.sampled_from(
        ["", "无", "2025-01-01", "20990101", "有效", "更正", "370303198602056542", "1", "2", "林三", "\u200b"]
    ),
    st.text(max_size=6),
)
_COLUMNS = ("certificate_no", "version", "status", "name", "sex", "id_no", "birth_date", "died_at", "issued_on", "age")
_ROWS = st.lists(
    st.builds(
        lambda changed: {**USABLE["death_certificates"], **changed}, st.dictionaries(st.sampled_from(_COLUMNS), _CELLS)
    ),
    max_size=25,
)


@given(drawn=_ROWS, broken=st.integers(0, 3), mode=st.sampled_from(["full", "delta"]), known=st.integers(0, 40))
@settings(max_examples=25, deadline=None)
def test_accepted_and_refused_add_up(drawn: list[dict[str, str | None]], broken: int, mode: str, known: int) -> None:
    faults = [fault(1000 + at, "broken_structure", "x") for at in range(broken)]
    gated = through("death_certificates", drawn, mode=mode, known_rows=known, faults=faults)
    assert gated.rows_read == len(drawn) + broken
    if gated.status == "blocked":
        assert gated.accepted.num_rows == gated.quarantined.num_rows == gated.rows_quarantined == 0
        return
    numbers = gated.accepted[ROW_NUMBER].to_pylist() + gated.quarantined[ROW_NUMBER].to_pylist()
    assert sorted(numbers) == [*range(2, 2 + len(drawn)), *range(1000, 1000 + broken)]
    assert gated.rows_quarantined == gated.quarantined.num_rows


@given(drawn=_ROWS)
@settings(max_examples=10, deadline=None)
def test_no_check_fails_more_rows_than_it_looked_at(drawn: list[dict[str, str | None]]) -> None:
    for found in through("death_certificates", drawn).quality.to_pylist():
        assert 0 <= found["rows_failed"] <= max(found["rows_checked"], 0), found["check_id"]
        assert found["passed"] == (found["rows_failed"] == 0)
