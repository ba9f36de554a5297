"""Rows of an import: one unit or one person, judged and cleaned. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from conventus.core.rules import Level, Refusal, raise_all
from conventus.org.rules.law import (
    Law,
    check_parent_level,
    check_period,
    clean_text,
    full_years,
    level_named,
    membership_named,
    parse_date,
    post_named,
)

_CODE = re.compile(r"[\w.\-/]{1,40}")


@dataclass(frozen=True)
class UnitFacts:
    """What a unit row is judged against.

    `known` maps the code of every unit there is (stored, or earlier in the file) to its level; `seen` holds the codes
    of earlier rows; `taken` the codes that may not come again (empty when the import updates). Rows without a superior
    must be of `root_level` ("" = any level may stand at the top).
    """

    levels: Mapping[str, Level]
    known: Mapping[str, str] = field(default_factory=dict)
    seen: Collection[str] = frozenset()
    taken: Collection[str] = frozenset()
    root_level: str = ""


@dataclass(frozen=True)
class UnitRow:
    """A clean unit row. `parent` is "" at the top of the tree; the period is inclusive, None = open."""

    code: str
    parent: str
    level: str
    kind: str
    name: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class PersonFacts:
    """What a person row is judged against: the codes of the units, of earlier rows, those taken, and the day."""

    units: Collection[str]
    on: date
    seen: Collection[str] = frozenset()
    taken: Collection[str] = frozenset()


@dataclass(frozen=True)
class PersonRow:
    """A clean person row: one membership in one unit, with its period, and at most one post ("" = none)."""

    number: str
    name: str
    unit: str
    membership: str
    sex: str = ""
    """`f`, `m` or "" when it is not stated."""
    born: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    post: str = ""
    post_from: date | None = None
    post_to: date | None = None


UNIT_COLUMNS = ("code", "parent_code", "level", "kind", "name", "valid_from", "valid_to")
UNIT_REQUIRED = ("code", "level", "name")
PERSON_COLUMNS = (
    "number", "name", "sex", "born", "unit_code", "membership", "valid_from", "valid_to",
    "post", "post_from", "post_to",
)  # fmt: skip
PERSON_REQUIRED = ("number", "name", "unit_code", "membership", "valid_from")
SEXES = {"": "", "female": "f", "f": "f", "nữ": "f", "male": "m", "m": "m", "nam": "m"}


class _Reader:
    """Reads the cells of one row and remembers every refusal, so that a person is told all of them in one go."""

    def __init__(self, row: Mapping[str, str | None]) -> None:
        self.row = row
        self.refusals: list[Refusal] = []

    def text(self, name: str) -> str:
        return clean_text(self.row.get(name) or "")

    def required(self, *names: str) -> None:
        self.refusals += [Refusal("core.required", field=name, name=name) for name in names if not self.text(name)]

    def day(self, name: str) -> date | None:
        found: date | None = self.attempt(lambda: parse_date(self.text(name), name), None)
        return found

    def attempt(self, read: Callable[[], Any], otherwise: Any) -> Any:
        try:
            return read()
        except Refusal as refusal:
            self.refusals.append(refusal)
            return otherwise

    def check(self, refusals: Iterable[Refusal]) -> None:
        self.refusals += refusals

    def done(self) -> None:
        raise_all(self.refusals)


def check_unit_row(row: Mapping[str, str | None], facts: UnitFacts) -> UnitRow:
    """The clean unit of one import row (columns `UNIT_COLUMNS`, texts).

    Raises a `Refusal` or `Refusals`, each with its `field`: required cells, code, level, superior and period.
    """
    read = _Reader(row)
    read.required(*UNIT_REQUIRED)
    level = read.attempt(lambda: level_named(read.text("level"), facts.levels), "") if read.text("level") else ""
    unit = UnitRow(
        code=read.text("code"),
        parent=read.text("parent_code"),
        level=level,
        kind=read.text("kind"),
        name=read.text("name"),
        valid_from=read.day("valid_from"),
        valid_to=read.day("valid_to"),
    )
    read.check(_code_refusals("code", unit.code, facts.seen, facts.taken))
    read.check(_parent_refusals(unit, facts))
    read.attempt(lambda: check_period(unit.valid_from, unit.valid_to), None)
    read.done()
    return unit


def _code_refusals(name: str, code: str, seen: Collection[str], taken: Collection[str]) -> Iterator[Refusal]:
    if code and not _CODE.fullmatch(code):
        yield Refusal("org.code_unreadable", field=name, text=code)
    if code in seen:
        yield Refusal("org.code_twice", field=name, text=code)
    elif code in taken:
        yield Refusal("org.code_taken", field=name, text=code)


def _parent_refusals(unit: UnitRow, facts: UnitFacts) -> Iterator[Refusal]:
    if not unit.parent:
        if facts.root_level and unit.level and unit.level != facts.root_level:
            yield Refusal("org.parent_missing", field="parent_code", level=unit.level)
    elif unit.parent == unit.code:
        yield Refusal("org.parent_itself", field="parent_code")
    elif unit.parent not in facts.known:
        yield Refusal("org.parent_unknown", field="parent_code", parent=unit.parent)
    elif unit.level:
        try:
            check_parent_level(unit.level, facts.known[unit.parent], facts.levels)
        except Refusal as refusal:
            yield refusal


def check_person_row(row: Mapping[str, str | None], facts: PersonFacts, law: Law) -> PersonRow:
    """The clean person of one import row (columns `PERSON_COLUMNS`, texts).

    Raises a `Refusal` or `Refusals`, each with its `field`: required cells, code, unit, membership, dates and post.
    """
    read = _Reader(row)
    read.required(*PERSON_REQUIRED)
    word, post = read.text("membership"), read.text("post")
    person = PersonRow(
        number=read.text("number"),
        name=read.text("name"),
        unit=read.text("unit_code"),
        membership=read.attempt(lambda: membership_named(word, law), "") if word else "",
        sex=read.attempt(lambda: _sex(read.text("sex")), ""),
        born=read.day("born"),
        valid_from=read.day("valid_from"),
        valid_to=read.day("valid_to"),
        post=read.attempt(lambda: post_named(post, law), "") if post else "",
        post_from=read.day("post_from"),
        post_to=read.day("post_to"),
    )
    read.check(_code_refusals("number", person.number, facts.seen, facts.taken))
    read.check(_membership_refusals(person, facts, law))
    read.check(_post_refusals(person, facts, law))
    read.attempt(lambda: check_period(person.valid_from, person.valid_to), None)
    read.attempt(lambda: check_period(person.post_from, person.post_to, "post_to"), None)
    read.done()
    return person


def _sex(word: str) -> str:
    if word.casefold() not in SEXES:
        raise Refusal("org.sex_unknown", field="sex", sex=word)
    return SEXES[word.casefold()]


def _membership_refusals(person: PersonRow, facts: PersonFacts, law: Law) -> Iterator[Refusal]:
    if person.unit and person.unit not in facts.units:
        yield Refusal("org.unit_unknown", field="unit_code", unit=person.unit)
    if person.born and person.valid_from:
        least, age = law.youngest.at(facts.on), full_years(person.born, person.valid_from)
        if age < least.value:
            params: dict[str, Any] = {"start": person.valid_from, "age": age, "least": least.value}
            yield Refusal("org.too_young", article=least.cite, field="valid_from", **params)


def _post_refusals(person: PersonRow, facts: PersonFacts, law: Law) -> Iterator[Refusal]:
    if not person.post:
        return
    if person.post_from is None:
        yield Refusal("org.post_without_start", field="post_from")
    if person.membership:
        stands = law.memberships[person.membership].stands.at(facts.on)
        if not stands.value:
            params: dict[str, Any] = {"post": person.post, "kind": person.membership}
            yield Refusal("org.post_needs_vote", article=stands.cite, field="post", **params)
