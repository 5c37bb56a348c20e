"""A pair to look at, and what is read back from a picture."""

from html.parser import HTMLParser
from xml.etree import ElementTree

from tests.transforms.linkage.drawn import Mention, crowd, mention, number, table
from transforms.linkage import LinkageModel, PairExplanation, default_model, explain_pair, freeze_frequencies
from transforms.linkage.pictures.drawing import text_width

SVG = "{http://www.w3.org/2000/svg}"
ATTACK = "<script>alert(1)</script>"
LANGUAGES = ("zh", "en")
MODEL = default_model()
FREQUENCIES = freeze_frequencies(table(*crowd(500)))
HIS = number("1999-03-10", 101)
TOLD = {"name": "方子豪", "birth_date": "1999-03-10", "sex": "1", "division_code": "370303", "father_name": "方建国"}


def dead(**changed: object) -> Mention:
    """A death certificate with a slip in the number."""
    told = {**TOLD, "id_no_text": HIS[:17] + "0", "phone": "16351090188", "address_key": "柳泉路92-3-701"}
    return mention("death_certificates", "D1", **{**told, **changed})


def registered(key: str = "H1", **changed: object) -> Mention:
    """The same man in the register."""
    told = {**TOLD, "id_no": HIS, "address_key": "柳泉路92-3-701"}
    return mention("household_register", key, **{**told, **changed})


def explained(
    left: Mention | None = None, right: Mention | None = None, model: LinkageModel = MODEL
) -> PairExplanation:
    """Why those two are one person, or not."""
    return explain_pair(left or dead(), right or registered(), model, FREQUENCIES)


def titled(model: LinkageModel, title: str) -> LinkageModel:
    """The model with that title on its every comparison and level."""
    words = {"zh": title, "en": title}
    comparisons = [
        comparison.model_copy(
            update={
                **words,
                "levels": {name: level.model_copy(update=words) for name, level in comparison.levels.items()},
            }
        )
        for comparison in model.comparisons
    ]
    return model.model_copy(update={"comparisons": tuple(comparisons), "title": title})


def parsed(svg: str) -> ElementTree.Element:
    """The picture as XML, which it must be."""
    return ElementTree.fromstring(svg)


def texts(svg: str) -> str:
    """Everything that the picture says."""
    return " ".join(parsed(svg).itertext())


def crossed(svg: str) -> list[str]:
    """The texts that an upright line runs through."""
    drawn = list(parsed(svg).iter())
    lines = [line for line in drawn if line.tag == f"{SVG}line" and line.get("x1") == line.get("x2")]
    return [text for text, box in map(_boxed, drawn) if any(_meets(line, *box) for line in lines)]


def _boxed(element: ElementTree.Element) -> tuple[str, tuple[float, float, float]]:
    # Of a text where it begins, where it ends, and its height on the sheet; a letter is about half as wide as high.
    text, at, kinds = "".join(element.itertext()), float(element.get("x", 0)), (element.get("class") or "").split()
    wide = text_width(text, 11 if {"small", "tick"} & {*kinds} else 12) * 0.85 if element.tag == f"{SVG}text" else 0.0
    begin = at - (wide if "end" in kinds else wide / 2 if "mid" in kinds else 0)
    return text, (begin, begin + wide, float(element.get("y", 0)))


def _meets(line: ElementTree.Element, begin: float, end: float, y: float) -> bool:
    x, ends = float(line.get("x1", 0)), sorted(float(line.get(name, 0)) for name in ("y1", "y2"))
    return begin < x < end and ends[0] < y and y - 8 < ends[1]


class Tags(HTMLParser):
    """The tags of a page; `open` is empty at its end if they are balanced."""

    ALONE = ("meta", "line", "rect", "circle", "polyline", "path", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))
        if tag not in self.ALONE:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.ALONE:
            assert self.open.pop() == tag


def assert_quiet(page: str) -> None:
    """The page is whole, runs nothing and asks nothing of the network."""
    tags = Tags(page)
    assert tags.open == []
    assert not {tag for tag, _ in tags.seen} & {"script", "link", "img", "iframe", "object", "form", "foreignobject"}
    for _, attributes in tags.seen:
        assert not {name for name in attributes if name.startswith("on") or name == "src"}
        assert str(attributes.get("href", "#")).startswith("#")
    assert "url(" not in page and "@import" not in page
    assert "http:" not in page.replace('xmlns="http://www.w3.org/2000/svg"', "") and "https:" not in page
