"""People, memberships and posts as an import sees them, and how they are stored now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from conventus.org.imports.files import Row
from conventus.org.imports.report import Report
from conventus.org.models import Holding, Membership, Organisation, Person, Unit
from conventus.org.reads import below

CHUNK = 5_000
"""Rows that one query or statement takes together."""
Period = tuple[date | None, date | None]


@dataclass(frozen=True)
class Place:
    """A unit of the import's reach."""

    pk: int
    path: str
    name: str
    valid_to: date | None


@dataclass(frozen=True)
class Member:
    """A membership: stored (with its key) or to be (0)."""

    pk: int
    unit: int
    kind: str
    valid_from: date
    valid_to: date | None

    @property
    def period(self) -> Period:
        """From when to when."""
        return self.valid_from, self.valid_to


@dataclass(frozen=True)
class Holder:
    """A holding of a post: stored (with its key) or to be (0)."""

    pk: int
    person: str
    unit: int
    post: str
    valid_from: date
    valid_to: date | None

    @property
    def period(self) -> Period:
        """From when to when."""
        return self.valid_from, self.valid_to


@dataclass(frozen=True)
class Facts:
    """What is kept of the person itself."""

    name: str
    gender: str
    born: date | None
    joined: date | None
    official: date | None
    email: str


@dataclass(frozen=True)
class Stored:
    """A person as it is in the database."""

    pk: int
    facts: Facts
    members: tuple[Member, ...] = ()
    holders: tuple[Holder, ...] = ()


@dataclass(frozen=True)
class Candidate:
    """A good row: the person as it would be, the membership and the post that it brings, and the one it closes."""

    row: Row
    number: str
    facts: Facts
    member: Member
    closes: Member | None = None
    holder: Holder | None = None


@dataclass
class PeoplePlan:
    """What an import would do, and the report."""

    report: Report
    stored: Mapping[str, Stored]
    good: Sequence[Candidate] = field(default_factory=list)


def places(organisation: Organisation, scope: Unit | None) -> dict[str, Place]:
    """The units within the import's reach, by code."""
    units = Unit.objects.filter(organisation=organisation)
    if scope is not None:
        units = units.filter(below(scope.path))
    rows = units.order_by().values_list("code", "pk", "path", "name", "valid_to")
    return {code: Place(pk, path, name, end) for code, pk, path, name, end in rows}


def stored(organisation: Organisation, numbers: Sequence[str]) -> dict[str, Stored]:
    """The people whose numbers the file has, with their memberships and posts."""
    found: dict[str, Stored] = {}
    for chunk in chunks(sorted(set(numbers))):
        people = {row.pk: row for row in Person.objects.filter(organisation=organisation, code__in=chunk)}
        members, holders = _members(people), _holders(people)
        for row in people.values():
            facts = Facts(row.name, row.gender, row.born, row.joined, row.official, row.email)
            found[row.code] = Stored(row.pk, facts, tuple(members[row.pk]), tuple(holders[row.pk]))
    return found


def _members(people: Mapping[int, Person]) -> dict[int, list[Member]]:
    found: dict[int, list[Member]] = defaultdict(list)
    names = ("person", "pk", "unit", "kind", "valid_from", "valid_to")
    for person, *rest in Membership.objects.filter(person__in=list(people)).order_by().values_list(*names):
        found[person].append(Member(*rest))
    return found


def _holders(people: Mapping[int, Person]) -> dict[int, list[Holder]]:
    found: dict[int, list[Holder]] = defaultdict(list)
    for row in Holding.objects.filter(person__in=list(people)).select_related("post"):
        found[row.person_id].append(holder_of(row, people[row.person_id].code))
    return found


def holder_of(row: Holding, number: str) -> Holder:
    """A stored holding as an import sees it."""
    return Holder(row.pk, number, row.post.unit_id, row.post.key, row.valid_from, row.valid_to)


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """`values` in parts that one query can take."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
