"""Whether what an agency declares that its feed covers holds the place and the time that a case asks about, as SQL.

A feed of which nothing is declared counts as covering everything, as it has always been. `row` is the row of COVERAGE
as it stands beside the evidence of a case.
"""

OF_CHILDREN = ("births", "adoptions")  # a certificate vouches for the time before these feeds begin
OF_CARE = ("medical_settlements", "care_insurance_claims")  # asked of one calendar year; nothing vouches for them

_END = "coalesce(ruling_on, known_on)"
_YEAR_BEGINS = "CAST(date_trunc('year', trigger_on) AS DATE)"
_YEAR_ENDS = f"least({_YEAR_BEGINS} + 364, {_END})"


def declared_of(feed: str, is_declared: bool) -> dict[str, str]:
    """Columns of the evidence: whether place and time are declared, and the declared months that are holes, or null."""
    if not is_declared:
        return {f"is_place_{feed}": "TRUE", f"is_time_{feed}": "TRUE", f"holes_{feed}": "CAST(NULL AS VARCHAR)"}
    row = f"coverage_{feed}"
    in_time, holes = _of_time(feed, row)
    told = f"nullif(array_to_string({holes}, ' '), '')"
    return {f"is_place_{feed}": _of_place(row), f"is_time_{feed}": in_time, f"holes_{feed}": told}


def _of_place(row: str) -> str:
    """Every place where the family is known to be lies in a declared one; of a family that is nowhere none does."""
    declared = f"string_split({row}.places, ' ')"
    inside = f"len(list_filter({declared}, lambda place: starts_with(code, place))) > 0"
    outside = f"len(list_filter(whereabouts, lambda code: NOT ({inside})))"
    return f"({row}.places IS NULL OR coalesce(len(whereabouts) > 0 AND {outside} = 0, FALSE))"


def _of_time(feed: str, row: str) -> tuple[str, str]:
    """Whether the declared dates hold the time asked about, and the list of months in it that are holes.

    Of children the time asked about begins where the certificate ends to vouch: with its issue where it is in force,
    else with the child's birth. Earlier than the declared beginning a certificate in force vouches.
    """
    first, last = _asked(feed, row)
    begins_late = {
        **dict.fromkeys(OF_CHILDREN, f"NOT coalesce(is_in_force, FALSE) AND {row}.declared_from > child_born_on"),
        **dict.fromkeys(OF_CARE, f"{row}.declared_from > {_YEAR_BEGINS}"),
    }.get(feed, "FALSE")
    in_time = f"NOT coalesce({row}.declared_until < {last} OR ({begins_late}), FALSE)"
    months = f"strftime({first}, '%Y-%m') AND strftime({last}, '%Y-%m')"
    holes = f"list_filter(string_split({row}.holes, ' '), lambda month: month BETWEEN {months})"
    return in_time, holes


def _asked(feed: str, row: str) -> tuple[str, str]:
    """The first and the last day asked about."""
    if feed in OF_CARE:
        return _YEAR_BEGINS, _YEAR_ENDS
    if feed in OF_CHILDREN:
        vouched = "CASE WHEN is_in_force THEN issued_on ELSE child_born_on END"
        return f"greatest({row}.declared_from, coalesce({vouched}, DATE '1900-01-01'))", _END
    return _END, _END
