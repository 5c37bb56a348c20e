"""An invented district of a few hundred families as MENTIONS, with the truth: whom each mention is about."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any

import pyarrow as pa

from transforms.schemas import MENTIONS
from transforms.standardise.identifiers import check_character
from transforms.standardise.pinyin import name_pinyin

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文斌宇浩然梓涵欣怡志鹏海燕红梅雪琴春晓东飞龙"
HOMOPHONES = {
    "伟": "炜",
    "芳": "方",
    "静": "敬",
    "志": "智",
    "明": "鸣",
    "宇": "雨",
    "文": "雯",
    "建": "健",
    "英": "瑛",
}


@dataclass
class Person:
    """Somebody with everything that records can tell of them."""

    number: str
    name: str
    sex: str
    birth: date
    address: str
    phone: str
    home: int
    father: "Person | None" = None
    mother: "Person | None" = None
    spouse: "Person | None" = None
    children: list["Person"] = field(default_factory=list)


@dataclass
class District:
    """`mentions` (MENTIONS) and, by mention_id, the true person's number."""

    mentions: pa.Table
    truth: dict[str, str]


def district(families: int, seed: int) -> District:
    """That many couples with one or two children, told of by registers, certificates and hospitals."""
    return _Teller(random.Random(seed)).tell(families)


class _Teller:
    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.rows: list[dict[str, Any]] = []
        self.truth: dict[str, str] = {}
        self.used: set[str] = set()

    def tell(self, families: int) -> District:
        for home in range(families):
            self._family(home)
        table = pa.Table.from_pylist(self.rows, MENTIONS)
        return District(table.take(pa.array(self.rng.sample(range(len(self.rows)), len(self.rows)))), self.truth)

    def _person(self, surname: str, sex: str, birth: date, home: int, like: Person | None = None) -> Person:
        name = surname + "".join(self.rng.sample(GIVEN, 1 if self.rng.random() < 0.15 else 2))
        if like is not None:
            name = like.name[:-1] + self.rng.choice(GIVEN)
        while True:
            serial = self.rng.randrange(100) * 10 + self.rng.randrange(5) * 2 + (sex == "1")
            first = f"370303{birth:%Y%m%d}{serial:03d}"
            number = first + check_character(first)
            if number not in self.used:
                break
        self.used.add(number)
        phone = f"1{self.rng.randrange(3, 10)}{self.rng.randrange(10**9):09d}"
        return Person(number, name, sex, birth, f"张店区某路{home}号", phone, home)

    def _family(self, home: int) -> None:
        rng = self.rng
        married = date(1960, 1, 1) + timedelta(days=rng.randrange(9000))
        man = self._person(rng.choice(SURNAMES), "1", married + timedelta(days=rng.randrange(900)), home)
        woman = self._person(rng.choice(SURNAMES), "2", married + timedelta(days=rng.randrange(900)), home)
        man.spouse, woman.spouse, woman.phone = woman, man, man.phone if rng.random() < 0.5 else woman.phone
        born = married + timedelta(days=9500 + rng.randrange(2500))
        children = [self._person(man.name[0], rng.choice("12"), born, home)]
        if rng.random() < 0.2:
            twin = rng.random() < 0.25
            later = born if twin else born + timedelta(days=700 + rng.randrange(2000))
            children.append(self._person(man.name[0], rng.choice("12"), later, home, children[0] if twin else None))
        for child in children:
            child.father, child.mother = man, woman
        man.children = woman.children = children
        self._records(home, man, woman, children)

    def _records(self, home: int, man: Person, woman: Person, children: list[Person]) -> None:
        rng = self.rng
        for person in (man, woman, *children):
            self._mention(
                "household_register", f"H{home}|{person.number}", "subject", person, clean=True, told=("address",)
            )
        key = f"J{home}"
        self._mention("marriages", key, "man", man, told=("birth",))
        self._mention("marriages", key, "woman", woman, told=("birth",))
        if len(children) == 1 or rng.random() < 0.3:
            for role, person in (("father", man), ("mother", woman), ("child", children[0])):
                self._mention(
                    "only_child_certificates",
                    f"D{home}",
                    role,
                    person,
                    told=("birth", "address", "phone"),
                    phone=man.phone,
                )
        for place, child in enumerate(children):
            for role, person in (("child", child), ("mother", woman), ("father", man)):
                self._mention(
                    "births",
                    f"B{home}-{place}",
                    role,
                    person,
                    number=role != "child",
                    told=("birth",) if role == "child" else (),
                )
        for person in (man, woman, *children):
            self._later(person)

    def _later(self, person: Person) -> None:
        rng = self.rng
        if rng.random() < 0.15:
            key = f"{person.number[-9:]}{rng.randrange(10**6):06d}|1"
            phone = person.father.phone if person.father else person.phone
            self._mention(
                "death_certificates",
                key,
                "subject",
                person,
                told=("birth", "address", "phone"),
                phone=phone,
                noisy=True,
            )
            self._mention("cremations", key[:-2], "subject", person, told=("address",), noisy=True)
            if person.father:
                self._mention(
                    "death_certificates", key, "kin", person.father, number=False, told=("phone",), phone=phone
                )
        for place in range(rng.choice((0, 0, 1, 2))):
            self._mention("medical_settlements", f"S{person.number}{place}", "subject", person, told=("birth",))
        if rng.random() < 0.05:
            self._mention("low_income", f"L{person.number}|", "subject", person)

    def _mention(
        self, feed: str, key: str, role: str, person: Person, *, told: tuple[str, ...] = (), number: bool = True,
        clean: bool = False, noisy: bool = False, phone: str | None = None,
    ) -> None:  # fmt: skip
        rate = 0.0 if clean else 3.0 if noisy else 1.0
        name = self._written(person.name, rate)
        id_no, text, state = self._numbered(person, rate) if number else (None, None, "missing")
        birth = None if "birth" not in told and not clean else self._dated(person.birth, rate)
        if id_no is not None and birth is not None and id_no[6:14] != f"{birth:%Y%m%d}":
            id_no, state = None, "contradicts"
        known = birth or (person.birth if id_no == person.number else None)
        mention_id = blake2b(f"{feed}|{key}|{role}".encode(), digest_size=8).hexdigest()
        row: dict[str, Any] = {column: None for column in MENTIONS.names}
        row |= {
            "mention_id": mention_id, "feed": feed, "record_key": key, "role": role, "name": name,
            "name_pinyin": name_pinyin(name), "id_no": id_no, "id_no_text": text, "id_state": state,
            "birth_date": known, "birth_source": "stated" if birth else "id_no" if known else "none",
            "birth_year": known.year if known else None, "sex": person.sex,
            "address_key": person.address if "address" in told else None, "division_code": "370303",
            "phone": (phone or person.phone) if "phone" in told else None,
        }  # fmt: skip
        self._family_of(row, feed, role, person)
        row["content_hash"] = blake2b(repr(sorted(row.items(), key=str)).encode(), digest_size=8).hexdigest()
        self.rows.append(row)
        self.truth[mention_id] = person.number

    def _family_of(self, row: dict[str, Any], feed: str, role: str, person: Person) -> None:
        kin = {"father": person.father, "mother": person.mother, "spouse": person.spouse}
        kin["child"] = person.children[0] if person.children else None
        if feed in ("cremations", "medical_settlements", "low_income"):
            return
        if feed == "death_certificates":
            kin = {"father": person.father} if role == "subject" else {"child": kin["child"]}
        for relation, relative in kin.items():
            if relative is not None:
                row[f"{relation}_name"] = relative.name
                row[f"{relation}_id_no"] = relative.number if feed != "death_certificates" else None
        child = kin.get("child")
        row["child_birth_date"] = child.birth if child else None

    def _written(self, name: str, rate: float) -> str:
        chance = self.rng.random()
        if chance < 0.01 * rate:
            return "".join(HOMOPHONES.get(character, character) for character in name)
        if chance < 0.015 * rate and len(name) > 2:
            return name[:1] + name[2:]
        return name

    def _numbered(self, person: Person, rate: float) -> tuple[str | None, str | None, str]:
        chance = self.rng.random()
        if chance < 0.03 * rate:
            return None, None, "missing"
        if chance < 0.04 * rate:
            return None, person.number[:16] + str((int(person.number[16]) + 1) % 10) + person.number[17], "bad_check"
        if chance < 0.045 * rate and person.father is not None:
            return person.father.number, person.father.number, "valid"
        return person.number, person.number, "valid"

    def _dated(self, birth: date, rate: float) -> date:
        chance = self.rng.random()
        if chance < 0.005 * rate and birth.day <= 12:
            return birth.replace(month=birth.day, day=birth.month)
        return birth - timedelta(days=1) if chance < 0.008 * rate else birth
