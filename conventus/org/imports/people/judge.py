"""Judges the rows of a people file, each by itself and then together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from conventus.core.jobs import Progress, silent
from conventus.core.rules import N_, Refusal, Refusals, refusal_texts
from conventus.core.words import each
from conventus.org.imports.files import Row, Sheet
from conventus.org.imports.people.rows import (
    Candidate,
    Facts,
    Holder,
    Member,
    PeoplePlan,
    Stored,
    chunks,
    holder_of,
    places,
    stored,
)
from conventus.org.imports.report import Report, Shown, rejects_of
from conventus.org.models import Holding, Organisation, Person, Unit
from conventus.org.rules import (
    Law,
    PersonFacts,
    PersonRow,
    check_person_row,
    clean_text,
    parse_date,
    periods_overlap,
)

refusal_texts(
    "org",
    {
        "number_elsewhere": N_("The number “%(text)s” belongs to a person outside of the unit you import into."),
        "import_transfers": N_(
            "This person is a member of “%(old)s” since %(start)s. Transfer the membership there, then import again."
        ),
        "membership_overlaps": N_("The membership overlaps another one, from %(start)s. Check the dates."),
        "unit_ended": N_("“%(unit)s” ends on %(end)s; nobody can be a member of it after that."),
        "post_unit_apart": N_("The post's unit “%(unit)s” must be the member's own or one above it."),
        "email_unreadable": N_("“%(text)s” is no e-mail address."),
    },
)

SEXES = {"f": Person.Gender.FEMALE.value, "m": Person.Gender.MALE.value, "": ""}
COLUMN_OF = {"gender": "sex", "official": "official_from"}
"""Where the column of a file is called otherwise than the field."""


def plan_people(
    organisation: Organisation, scope: Unit | None, sheet: Sheet, on: date, *, progress: Progress = silent
) -> PeoplePlan:
    """What importing `sheet` into `scope` (None = the whole organisation) would do on the day `on`."""
    judge = _Judge(organisation, scope, sheet, on)
    report = Report(sheet, "people")
    good: dict[int, Candidate] = {}
    for done, row in enumerate(sheet.rows):
        progress(done, len(sheet.rows), _("Checking rows"))
        try:
            good[row.number] = judge.row(row)
        except Refusal as refusal:
            report.rejects += rejects_of(row, refusal)
    _settle(judge, good, report)
    for candidate in good.values():
        _count(report, judge.stored.get(candidate.number), candidate)
    report.rejects.sort(key=lambda reject: reject.row.number)
    return PeoplePlan(report, judge.stored, list(good.values()))


def _count(report: Report, old: Stored | None, new: Candidate) -> None:
    shown = Shown(new.row.number, new.number, new.facts.name)
    if old is None:
        report.add_new(shown)
    elif changes := _changes(old, new):
        report.add_changed(replace(shown, changes=changes))
    else:
        report.unchanged += 1


def _changes(old: Stored, new: Candidate) -> tuple[tuple[str, str, str], ...]:
    pairs: list[tuple[str, Any, Any]] = [
        (COLUMN_OF.get(name, name), getattr(old.facts, name), getattr(new.facts, name))
        for name in Facts.__annotations__
    ]
    was = next((one for one in (*old.members, new.closes) if one and one.pk == new.member.pk), new.closes)
    for name in ("kind", "valid_from", "valid_to"):
        pairs.append((name, getattr(was, name, None), getattr(new.member, name)))
    if new.holder:
        held = next((one for one in old.holders if one.pk == new.holder.pk), None)
        for name in ("post", "valid_from", "valid_to"):
            label = name if name == "post" else name.replace("valid", "post")
            pairs.append((label, getattr(held, name, None), getattr(new.holder, name)))
    return tuple((name, str(a or ""), str(b or "")) for name, a, b in pairs if a != b)


class _Judge:
    """What the rows of one file are judged against."""

    def __init__(self, organisation: Organisation, scope: Unit | None, sheet: Sheet, on: date) -> None:
        self.scope, self.sheet, self.on = scope, sheet, on
        self.law: Law = organisation.rules.laws["org"]
        self.places = places(organisation, scope)
        self.reach = {place.pk for place in self.places.values()}
        numbers = [clean_text(row.cells["number"]) for row in sheet.rows]
        self.stored = stored(organisation, numbers)
        twice = {number for number, count in Counter(numbers).items() if number and count > 1}
        self.facts = PersonFacts(units=set(self.places), on=on, seen=twice)

    def row(self, row: Row) -> Candidate:
        """The candidate of a row; raises everything that speaks against it at once."""
        if row.fault:
            raise row.fault
        points: list[Refusal] = []
        person = _collect(points, lambda: check_person_row(row.cells, self.facts, self.law))
        more = {name: _collect(points, lambda name=name: parse_date(row.cells.get(name, ""), name)) for name in _DAYS}
        email = _collect(points, lambda: _email(row.cells.get("email", "")))
        number = clean_text(row.cells["number"])
        old = self.stored.get(number)
        points += self._reach(number, old)
        if points or person is None:
            raise Refusals(points)
        facts = Facts(person.name, SEXES[person.sex], person.born, more["joined"], more["official_from"], email or "")
        member, closes = self._member(person, old)
        holder = self._holder(person, old, clean_text(row.cells.get("post_unit_code", "")))
        return Candidate(row, number, self._kept(facts, old), member, closes, holder)

    def _reach(self, number: str, old: Stored | None) -> Iterator[Refusal]:
        """Whoever imports into a unit must not touch people of another one."""
        if old is None or self.scope is None:
            return
        latest = max(old.members, key=lambda one: one.valid_from, default=None)
        if latest is None or latest.unit not in self.reach:
            yield Refusal("org.number_elsewhere", field="number", text=number)

    def _kept(self, facts: Facts, old: Stored | None) -> Facts:
        if old is None:
            return facts
        silent_about = [name for name in Facts.__annotations__ if not self.sheet.has(COLUMN_OF.get(name, name))]
        return replace(facts, **{name: getattr(old.facts, name) for name in silent_about})

    def _member(self, row: PersonRow, old: Stored | None) -> tuple[Member, Member | None]:
        """The membership that the row states, and the one it follows (probation that becomes official)."""
        place = self.places[row.unit]
        assert row.valid_from is not None
        wanted = Member(0, place.pk, row.membership, row.valid_from, row.valid_to)
        if place.valid_to and (row.valid_to is None or row.valid_to > place.valid_to):
            raise Refusal("org.unit_ended", field="unit_code", unit=place.name, end=place.valid_to)
        if old is None or not old.members:
            return wanted, None
        same, closes = self._match(wanted, old)
        if same:
            wanted = replace(
                wanted, pk=same.pk, valid_to=wanted.valid_to if self.sheet.has("valid_to") else same.valid_to
            )
        if closes:
            closes = replace(closes, valid_to=wanted.valid_from - timedelta(days=1))
        _check_overlap(wanted, [one for one in old.members if one.pk not in (wanted.pk, closes.pk if closes else 0)])
        return wanted, closes

    def _match(self, wanted: Member, old: Stored) -> tuple[Member | None, Member | None]:
        """The stored membership that is meant, or the open one that the wanted one follows."""
        for one in old.members:
            if (one.unit, one.valid_from) == (wanted.unit, wanted.valid_from):
                return one, None
        latest = max(old.members, key=lambda one: one.valid_from)
        if latest.valid_to is not None:
            return None, None
        if latest.unit != wanted.unit:
            raise Refusal(
                "org.import_transfers", field="unit_code", old=self._name(latest.unit), start=latest.valid_from
            )
        if latest.kind == wanted.kind:
            return latest, None
        return None, latest if wanted.valid_from > latest.valid_from else None

    def _name(self, unit: int) -> str:
        return next((place.name for place in self.places.values() if place.pk == unit), "–")

    def _holder(self, row: PersonRow, old: Stored | None, unit: str) -> Holder | None:
        if not row.post:
            return None
        assert row.post_from is not None
        place, own = self.places.get(unit or row.unit), self.places[row.unit]
        if place is None or not own.path.startswith(place.path):
            raise Refusal("org.post_unit_apart", field="post_unit_code", unit=unit)
        wanted = Holder(0, row.number, place.pk, row.post, row.post_from, row.post_to)
        for one in old.holders if old else ():
            begins = one.valid_from == wanted.valid_from
            if (one.unit, one.post) == (wanted.unit, wanted.post) and (begins or one.valid_to is None):
                end = wanted.valid_to if self.sheet.has("post_to") else one.valid_to
                return replace(wanted, pk=one.pk, valid_to=end)
        return wanted


_DAYS = ("joined", "official_from")


def _collect(points: list[Refusal], read: Any) -> Any:
    try:
        return read()
    except Refusal as refusal:
        points.extend(each(refusal))
        return None


def _email(text: str) -> str:
    address = clean_text(text)
    try:
        if address:
            validate_email(address)
    except ValidationError as fault:
        raise Refusal("org.email_unreadable", field="email", text=address) from fault
    return address


def _check_overlap(wanted: Member, others: Iterable[Member]) -> None:
    for other in others:
        if periods_overlap(wanted.period, other.period):
            raise Refusal("org.membership_overlaps", field="valid_from", start=other.valid_from)


def _settle(judge: _Judge, good: dict[int, Candidate], report: Report) -> None:
    """Take out rows that would overfill a post; all that compete for it go, whatever their order."""
    while wrong := _overfilled(judge, good):
        for candidate, refusal in wrong:
            report.rejects += rejects_of(candidate.row, refusal)
            del good[candidate.row.number]


def _overfilled(judge: _Judge, good: Mapping[int, Candidate]) -> list[tuple[Candidate, Refusal]]:
    limited = {key: post.seats for key, post in judge.law.posts.items() if post.seats}
    bringing = [one for one in good.values() if one.holder and one.holder.post in limited]
    if not bringing:
        return []
    final = _final_holders(bringing)
    wrong = []
    for candidate in bringing:
        holder = candidate.holder
        assert holder is not None
        others = [one for one in final[holder.unit, holder.post] if one is not holder]
        seats = limited[holder.post]
        if sum(1 for one in others if periods_overlap(one.period, holder.period)) >= seats:
            wrong.append((candidate, Refusal("org.post_filled", field="post", post=holder.post, seats=seats)))
    return wrong


def _final_holders(bringing: Sequence[Candidate]) -> dict[tuple[int, str], list[Holder]]:
    """The holders of the posts in question after the import: those of the file, and the stored ones it leaves alone."""
    holders = [candidate.holder for candidate in bringing if candidate.holder]
    changed = {holder.pk for holder in holders}
    final: dict[tuple[int, str], list[Holder]] = defaultdict(list)
    for holder in holders:
        final[holder.unit, holder.post].append(holder)
    for units in chunks(sorted({holder.unit for holder in holders})):
        rows = Holding.objects.filter(post__unit__in=units).select_related("post", "person")
        for row in rows:
            if row.pk not in changed:
                final[row.post.unit_id, row.post.key].append(holder_of(row, row.person.code))
    return final
