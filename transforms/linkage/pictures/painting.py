"""Drawn parts into text, through autoescaping templates: an SVG of its own, or a whole page with its style inside."""

import re
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from transforms.linkage.explain import percent
from transforms.linkage.pictures.drawing import signed
from transforms.linkage.pictures.words import Words

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def paint(template: str, words: Words, *, alone: bool, **drawn: Any) -> Markup:
    """The template with what was drawn.

    `alone`: a file of its own, which carries its style and its name space; otherwise a part of a page.
    """
    style = Markup(_text("picture.css"))  # noqa: S704 - our own file, nothing from data goes into it
    # The template escapes everything; only so may its outcome stand unescaped in a page.
    return Markup(_environment().get_template(template).render(words=words, style=style, alone=alone, **drawn))  # noqa: S704


def page(template: str, words: Words, **told: Any) -> str:
    """A whole HTML page."""
    style = Markup(_text("page.css") + _text("picture.css"))  # noqa: S704 - our own files
    text: str = _environment().get_template(template).render(words=words, style=style, **told)
    return text


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _printable(value: Any) -> Any:
    # Delivered texts may hold control characters, which no XML may.
    return value if isinstance(value, Markup) or not isinstance(value, str) else _NOT_XML.sub("\ufffd", value)


def _count(number: int) -> str:
    return f"{number:,}"


def _chance(probability: float) -> str:
    """A probability of a level: percent where it can be read so, then one in so many, then a power of ten."""
    if probability >= 0.0005:
        return f"{probability * 100:.2g}%" if probability < 0.1 else _large(probability)
    if probability >= 1.05e-5 or probability <= 0:
        return f"1/{1 / probability:,.0f}" if probability > 0 else "0"
    digits, power = f"{probability:.1e}".split("e")
    return f"{digits}×10{str(int(power)).translate(_RAISED)}"


def _large(probability: float) -> str:
    # Near to certain is not certain.
    if probability == 1.0 or probability < 0.9995:
        return f"{probability * 100:.1f}%"
    return f"{min(probability, 0.9999) * 100:.2f}%"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("transforms.linkage.pictures", "."),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"count": _count, "percent": percent, "chance": _chance, "signed": signed}
    return environment


def _text(name: str) -> str:
    return files("transforms.linkage.pictures").joinpath(name).read_text("utf-8")
