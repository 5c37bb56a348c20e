"""The numbers at which a delivery is blocked or a value is doubted, each with its meaning."""

from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict, Field

from transforms.pages import read_page


class Thresholds(BaseModel):
    """Read from `thresholds.yaml` beside this module; shares lie between 0 and 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    full_keeps_share: float = Field(description="a full delivery with fewer of the known rows than this is blocked")
    unusable_share: float = Field(description="a delivery that loses more than this share of its rows is blocked …")
    unusable_from_rows: int = Field(description="… where it has so many rows; a smaller one loses only its bad rows")
    retyped_share: float = Field(description="a column with a larger share of unreadable filled cells is retyped …")
    retyped_from_cells: int = Field(description="… where it has so many filled cells; then the delivery is blocked")
    jump_factor: float = Field(description="a delta of more rows than so many medians of the last is remarked …")
    jump_from_rows: int = Field(description="… where it has at least so many rows …")
    jump_needs_deliveries: int = Field(description="… and where so many former deliveries are known")
    block_on_missing_optional_column: bool = Field(
        description="a column of the contract that is gone blocks the delivery even where no row needs it: taking it "
        "would empty that column in every record"
    )
    mother_age_from: int = Field(description="completed years of age; a younger mother on a birth is doubted")
    mother_age_to: int = Field(description="completed years of age; an older mother on a birth is doubted")


@cache
def default_thresholds() -> Thresholds:
    """The thresholds that are shipped."""
    page = files("expectations").joinpath("thresholds.yaml").read_text("utf-8")
    return Thresholds.model_validate(read_page(page))
