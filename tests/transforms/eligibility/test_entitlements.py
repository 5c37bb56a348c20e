from datetime import date

from tests.families import Nights, death, family, night

DAY = date(2025, 6, 9)


def entries(nights):
    return [
        (row["kind"], row["amount_fen"], row["period_from"].year, row["status"]) for row in nights.ledger.to_pylist()
    ]


def test_the_amount_stands_in_the_year_of_the_event():
    nights = Nights()
    nights.play(family(date(2025, 1, 6), death_certificates=[death(date(2024, 12, 28))]))
    assert entries(nights) == [("one_off", 1_000_000, 2024, "suspected")]


def test_a_status_is_no_amount():
    nights = Nights()
    nights.play(family(death_certificates=[death(DAY)]))
    assert set(nights.ledger["benefit_id"].to_pylist()) == {"special-aid-bereaved"}


def test_what_a_clerk_has_not_confirmed_is_not_owed():
    nights = Nights()
    doubt = {"feed": "death_certificates", "record_key": "S1|1", "role": "subject", "maybe": "child"}
    nights.play(family(death_certificates=[death(DAY, subject="somebody")], doubts=[doubt]))
    assert nights.ledger.num_rows == 0


def test_a_fallen_verdict_is_answered_by_a_negative_entry_and_nothing_is_edited():
    nights = Nights()
    nights.play(family(night(1), death_certificates=[death(DAY)]))
    (first,) = nights.ledger.to_pylist()
    nights.play(family(night(2), death_certificates=[death(DAY), death(DAY, version=2, status="作废")]))
    assert entries(nights) == [("one_off", 1_000_000, 2025, "reversed"), ("adjustment", -1_000_000, 2025, "reversed")]
    assert nights.ledger.to_pylist()[0] == first | {"status": "reversed"}
    assert nights.owed_fen == 0


def test_a_reinstated_death_is_owed_once():
    nights = Nights()
    versions = [death(DAY), death(DAY, version=2, status="作废"), death(DAY, version=3, status="恢复")]
    for count in (1, 2, 3, 3):
        nights.play(family(night(count), death_certificates=versions[:count]))
    assert nights.owed_fen == 1_000_000
    assert nights.ledger.num_rows == 3
    assert len(set(nights.ledger["entitlement_id"].to_pylist())) == 3


def test_a_corrected_year_moves_the_amount_by_entries():
    nights = Nights()
    nights.play(family(night(1), death_certificates=[death(date(2025, 1, 1))]))
    corrected = [death(date(2025, 1, 1)), death(date(2024, 12, 31), version=2, status="更正")]
    nights.play(family(night(2), death_certificates=corrected))
    assert nights.owed_fen == 1_000_000
    assert ("one_off", 1_000_000, 2024, "suspected") in entries(nights)


def test_the_same_night_again_adds_nothing():
    nights = Nights()
    drawn = family(death_certificates=[death(DAY)])
    nights.play(drawn)
    before = nights.ledger
    nights.play(drawn)
    assert nights.ledger.equals(before)
