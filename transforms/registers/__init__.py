"""The files that people bring: one YAML a register, declared like a feed. A column is declared once, here.

A case worker's visits and a payer's payments come by command, not through an agency's door: `nuanxin visits record`,
`nuanxin payments record`.
"""

from functools import cache
from importlib.resources import files

from transforms.feeds import FeedContract
from transforms.pages import read_page

REGISTERS = ("visits", "payments")


@cache
def load_register(name: str) -> FeedContract:
    """What a register's file has to hold; KeyError for any other name than visits and payments."""
    if name not in REGISTERS:
        raise KeyError(name)
    page = files("transforms.registers").joinpath(f"{name}.yaml").read_text("utf-8")
    return FeedContract.model_validate(read_page(page))
