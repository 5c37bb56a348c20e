"""The numbers at which a delivery is blocked or a value is doubted, each with its meaning."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field

from transforms.pages import read_page


def _share(description: str) -> float:
    shown: float = Field(ge=0, le=1, description=description)
    return shown


def _count(description: str) -> int:
    shown: int = Field(ge=0, description=description)
    return shown


class Thresholds(BaseModel):
    """Read from `thresholds.yaml` beside this module; shares lie between 0 and 1, counts and days are 0 or more."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    full_keeps_share: float = _share("a full delivery with fewer of the known rows than this is blocked")
    unusable_share: float = _share("a delivery that loses more than this share of its rows is blocked …")
    unusable_from_rows: int = _count("… where it has so many rows; a smaller one loses only its bad rows")
    retyped_share: float = _share("a column with a larger share of unreadable filled cells is retyped …")
    retyped_from_cells: int = _count("… where it has so many filled cells; then the delivery is blocked")
    jump_factor: float = Field(gt=0, description="a delta of more rows than so many medians of the last is remarked …")
    jump_from_rows: int = _count("… where it has at least so many rows …")
    jump_needs_deliveries: int = _count("… and where so many former deliveries are known")
    weekday_score: float = Field(
        gt=0,
        description="a delta is remarked whose rows lie so many spreads from the median of its weekday: the modified "
        "z-score of Iglewicz and Hoaglin (1993) with their limit; the spread is the median absolute deviation divided "
        "by 0.6745, at least the root of the median …",
    )
    weekday_needs_deliveries: int = _count("… where so many former deliveries of that weekday are known")
    drift_index: float = Field(
        gt=0,
        description="a column's codes have drifted where their population stability index, the sum of (p - q) ln(p/q), "
        "against the last deliveries exceeds this: the rule of thumb of credit scoring (Lewis 1994) …",
    )
    drift_chance: float = _share(
        "… and chance exceeds it only so seldom: without drift the index is (1/n + 1/m) times a chi-square of "
        "(codes - 1) degrees (Yurdakul 2018), so that small deliveries are not accused …"
    )
    drift_from_rows: int = _count("… in a delivery of so many rows at least …")
    drift_needs_rows: int = _count("… held against so many rows of earlier deliveries at least")
    late_days: int = _count("a row of a delta is late when its event lies more than so many days before the report …")
    late_share: float = _share("… and is remarked where more than this share of the rows is late …")
    late_from_rows: int = _count("… of so many rows at least")
    hole_usual_records: int = _count(
        "a declared month without a record is a hole where the feed's months usually (median) have at least so many: "
        "of months with 7 expected, chance leaves one in a thousand empty"
    )
    block_on_missing_optional_column: bool = Field(
        description="a column of the contract that is gone blocks the delivery even where no row needs it: taking it "
        "would empty that column in every record"
    )
    mother_age_from: int = _count("completed years of age; a younger mother on a birth is doubted")
    mother_age_to: int = _count("completed years of age; an older mother on a birth is doubted")
    fund_tolerance_fen: int = _count("the parts of a settlement may miss its total by so much: each is rounded")
    certificate_after_cremation_days: int = _count("so long after a cremated death its certificate may be awaited")
    cancelled_after_death_days: int = _count(
        "so long after a certified death the hukou may stand: the family has a month, the register some weeks more"
    )
    registered_after_birth_days: int = _count("so long after a birth its entry in the register may be awaited")
    death_dates_differ_days: int = _count("two agencies' dates of one death may differ by so much: nights and midnight")
    after_death_days: int = _count(
        "a stay, a claim, a payment or a marriage may be dated so long after a death: the same night, a next morning"
    )
    disability_after_death_days: int = _count("so long after a death a disability certificate may still be valid")
    low_income_after_death_days: int = _count("so long after a death an entry of low income may go on")


_EVERYWHERE = ("mother_age_from", "mother_age_to", "fund_tolerance_fen")  # rules between fields know no site
OF_A_FEED = tuple(name for name in Thresholds.model_fields if name not in _EVERYWHERE)  # a site may set these


@cache
def default_thresholds() -> Thresholds:
    """The thresholds that are shipped."""
    page = files("expectations").joinpath("thresholds.yaml").read_text("utf-8")
    return Thresholds.model_validate(read_page(page))


def thresholds_with(bounds: Mapping[str, float | bool]) -> Thresholds:
    """The shipped thresholds with a feed's own put over them; pydantic.ValidationError for what is no bound."""
    return (
        Thresholds.model_validate(default_thresholds().model_dump() | dict(bounds)) if bounds else default_thresholds()
    )
