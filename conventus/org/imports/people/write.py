"""Stores a plan of people in bulk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from conventus.core.jobs import Progress, silent
from conventus.org.imports.bulk import update_rows
from conventus.org.imports.people.rows import CHUNK, Candidate, Member, PeoplePlan, Stored
from conventus.org.models import Holding, Membership, Organisation, Person, Post
from conventus.org.names import fold


def write_people(
    organisation: Organisation, plan: PeoplePlan, *, sample: bool = False, progress: Progress = silent
) -> None:
    """Store a plan: people, then memberships (the closing ones first), then posts."""
    keys = {number: stored.pk for number, stored in plan.stored.items()}
    total = len(plan.good)
    for start in range(0, total, CHUNK):
        progress(start, total, _("Writing people"))
        part = plan.good[start : start + CHUNK]
        _write_facts(organisation, part, plan.stored, keys, sample)
        _write_members(part, plan.stored, keys)
        _write_holders(part, plan.stored, keys)
    progress(total, total, _("Writing people"))


def _write_facts(
    organisation: Organisation,
    part: Sequence[Candidate],
    stored: Mapping[str, Stored],
    keys: dict[str, int],
    sample: bool,
) -> None:
    new = [
        Person(
            organisation=organisation,
            code=one.number,
            sample=sample,
            **one.facts.__dict__,
            **_folded(one),
        )
        for one in part
        if one.number not in stored
    ]
    Person.objects.bulk_create(new)
    keys |= {person.code: person.pk for person in new}
    changed = [one for one in part if one.number in stored and stored[one.number].facts != one.facts]
    update_rows(Person, [(one.facts.__dict__ | _folded(one), keys[one.number]) for one in changed])


def _folded(one: Candidate) -> dict[str, str]:
    return {"folded": fold(f"{one.facts.name} {one.number}")}


def _write_members(part: Sequence[Candidate], stored: Mapping[str, Stored], keys: Mapping[str, int]) -> None:
    closing = [one.closes for one in part if one.closes]
    known = {member.pk: member for one in part if one.number in stored for member in stored[one.number].members}
    changed = [one.member for one in part if one.member.pk and known[one.member.pk] != one.member]
    update_rows(Membership, [({"valid_to": member.valid_to}, member.pk) for member in closing])
    changed.sort(key=lambda member: member.valid_to is None)
    update_rows(Membership, [(_member_values(member), member.pk) for member in changed])
    Membership.objects.bulk_create(
        Membership(
            person_id=keys[one.number],
            unit_id=one.member.unit,
            kind=one.member.kind,
            valid_from=one.member.valid_from,
            valid_to=one.member.valid_to,
        )
        for one in part
        if not one.member.pk
    )


def _member_values(member: Member) -> dict[str, Any]:
    return {"kind": member.kind, "valid_from": member.valid_from, "valid_to": member.valid_to}


def _write_holders(part: Sequence[Candidate], stored: Mapping[str, Stored], keys: Mapping[str, int]) -> None:
    holders = [one.holder for one in part if one.holder]
    if not holders:
        return
    known = {holder.pk: holder for one in part if one.number in stored for holder in stored[one.number].holders}
    changed = [one for one in holders if one.pk and known[one.pk] != one]
    update_rows(Holding, [({"valid_from": one.valid_from, "valid_to": one.valid_to}, one.pk) for one in changed])
    new = [one for one in holders if not one.pk]
    posts = _posts({(one.unit, one.post) for one in new})
    Holding.objects.bulk_create(
        Holding(
            post_id=posts[one.unit, one.post],
            person_id=keys[one.person],
            valid_from=one.valid_from,
            valid_to=one.valid_to,
        )
        for one in new
    )


def _posts(wanted: set[tuple[int, str]]) -> dict[tuple[int, str], int]:
    units = sorted({unit for unit, _key in wanted})
    rows = Post.objects.filter(unit__in=units).order_by("-pk").values_list("unit", "key", "pk")
    found = {(unit, key): pk for unit, key, pk in rows}
    made = Post.objects.bulk_create(Post(unit_id=unit, key=key) for unit, key in sorted(wanted - set(found)))
    return found | {(post.unit_id, post.key): post.pk for post in made}
