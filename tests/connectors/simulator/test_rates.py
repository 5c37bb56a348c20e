"""Every rate says what it counts and where it comes from."""

import pytest

from connectors.simulator import RateFaults, default_rates, load_rates


def test_every_shipped_rate_has_a_unit_and_a_source_or_a_reason() -> None:
    assert [name for name, rate in default_rates().entries.items() if not rate.is_founded] == []


def test_what_a_group_says_holds_for_all_below_it() -> None:
    rates = load_rates("births: {unit: share, source: a bulletin, twins: 0.01, boys: {value: 0.5, unit: share of all}}")

    assert (rates.entries["births.twins"].unit, rates.entries["births.boys"].unit) == ("share", "share of all")


def test_all_rates_without_foundation_are_named_together() -> None:
    with pytest.raises(RateFaults, match=r"a\.no_source, a\.no_unit"):
        load_rates(
            "a: {no_unit: {value: 1, source: s}, no_source: {value: 1, unit: u}, good: {value: 1, unit: u, source: s}}"
        )


def test_a_changed_rate_leaves_the_others_alone() -> None:
    before = default_rates()

    after = before.changed({"deliveries.late": 0.5})

    assert (after["deliveries.late"], before["deliveries.late"]) == (0.5, 0.02)
    assert {n for n in before.entries if before[n] != after[n]} == {"deliveries.late"}


def test_an_unknown_rate_cannot_be_changed() -> None:
    with pytest.raises(KeyError):
        default_rates().changed({"no.such_rate": 1.0})
