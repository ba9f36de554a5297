"""Verbs of people: enrol, transfer, part; fill a post and end it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from conventus.core import clock
from conventus.core.door import action, note
from conventus.core.models import User
from conventus.core.rights import allowing
from conventus.core.rules import N_, Refusal, each_of, refusal_texts
from conventus.org import reads
from conventus.org.actions.units import date_cells
from conventus.org.models import Holding, Membership, Person, Post, Unit
from conventus.org.names import fold
from conventus.org.rules import (
    PersonFacts,
    PersonRow,
    check_period,
    check_person_row,
    membership_named,
    periods_overlap,
    post_named,
)

refusal_texts(
    "org",
    {
        "member_already": N_("This person is a member of “%(unit)s” already. Transfer the membership instead."),
        "membership_ended": N_("This membership ended on %(end)s already."),
        "too_early": N_("This must be after %(start)s, the day on which it began."),
        "same_unit": N_("The member is in this unit already. Choose another one."),
        "same_kind": N_("The membership is of this kind already. Choose another one."),
        "no_right_there": N_("You may not enrol members in “%(unit)s”. Ask whoever manages that unit."),
        "post_filled": N_("The post “%(post)s” has %(seats)s seats, all of them held then. End a holding first."),
        "post_held_twice": N_("This person holds the post “%(post)s” in that time already."),
        "not_a_member": N_("Only a member of this unit or of one below it can hold its posts. Enrol the person first."),
        "account_taken": N_("This account belongs to another person already."),
    },
)


@action("org.manage")
def enrol(
    actor: User,
    unit: Unit,
    *,
    code: str,
    name: str,
    kind: str = "official",
    valid_from: date | None = None,
    gender: str = "",
    born: date | None = None,
    joined: date | None = None,
    official: date | None = None,
    email: str = "",
    account: User | None = None,
    sample: bool = False,
) -> Membership:
    """Take a new person into the unit: the person and the first membership."""
    start = valid_from or clock.today()
    words = {"number": code, "name": name, "sex": gender, "unit_code": unit.code, "membership": kind}
    words |= date_cells(born=born, valid_from=start)
    row = _checked(words, unit)
    _check_lives(unit, start)
    _check_account(account, None)
    person = Person.objects.create(
        organisation=unit.organisation,
        code=row.number,
        name=row.name,
        folded=fold(f"{row.name} {row.number}"),
        gender=GENDERS[row.sex],
        born=born,
        joined=joined,
        official=official,
        email=email,
        user=account,
        sample=sample,
    )
    return Membership.objects.create(person=person, unit=unit, kind=row.membership, valid_from=start)


GENDERS = {"f": Person.Gender.FEMALE.value, "m": Person.Gender.MALE.value, "": ""}
"""How the column `sex` of an import is stored."""


def _checked(words: dict[str, str], unit: Unit) -> PersonRow:
    """The row, judged as an import would; what speaks against it is laid on the fields of this verb."""
    taken = set(unit.organisation.people.filter(code=words["number"]).values_list("code", flat=True))
    facts = PersonFacts(units={unit.code}, on=clock.today(), taken=taken)
    try:
        return check_person_row(words, facts, reads.law_of(unit))
    except Refusal as refusal:
        for one in each_of(refusal):
            one.field = FIELDS.get(one.field, one.field)
        raise


FIELDS = {"number": "code", "sex": "gender", "membership": "kind"}
"""How the columns of an import are called here."""


def _check_lives(unit: Unit, day: date) -> None:
    if unit.valid_to is not None and unit.valid_to < day:
        raise Refusal("org.unit_ended", unit=unit.name, end=unit.valid_to, field="valid_from")


def _check_account(account: User | None, person: Person | None) -> None:
    if account and Person.objects.filter(user=account).exclude(pk=person.pk if person else 0).exists():
        raise Refusal("org.account_taken", field="account")


@action("org.manage")
def change_person(
    actor: User,
    person: Person,
    *,
    name: str,
    gender: str = "",
    born: date | None = None,
    joined: date | None = None,
    official: date | None = None,
    email: str = "",
    account: User | None = None,
) -> Person:
    """Correct a person's name, dates, e-mail or account; the book says that it happened, not what was written."""
    _check_account(account, person)
    before = {field: getattr(person, field) for field in PERSONAL}
    person.name, person.gender, person.born, person.email = name, gender, born, email
    person.joined, person.official, person.user = joined, official, account
    person.folded = fold(f"{name} {person.code}")
    person.save()
    note(fields=[field for field in PERSONAL if getattr(person, field) != before[field]])
    return person


PERSONAL = ("name", "gender", "born", "joined", "official", "email")


@action("org.manage")
def enrol_again(
    actor: User, unit: Unit, *, person: Person, kind: str = "official", on: date | None = None
) -> Membership:
    """Take somebody back who has no open membership."""
    start = on or clock.today()
    for other in person.memberships.select_related("unit"):
        if periods_overlap((start, None), (other.valid_from, other.valid_to)):
            raise Refusal("org.member_already", unit=other.unit.name, field="on")
    _check_lives(unit, start)
    chosen = membership_named(kind, reads.law_of(unit))
    return Membership.objects.create(person=person, unit=unit, kind=chosen, valid_from=start)


@action("org.manage")
def transfer(actor: User, membership: Membership, *, to: Unit, on: date) -> Membership:
    """Move a member to another unit from `on`; posts of units that the member leaves end the day before."""
    if allowing(actor, "org.manage", to) is None:
        raise Refusal("org.no_right_there", unit=to.name, field="to")
    if to.pk == membership.unit_id:
        raise Refusal("org.same_unit", field="to")
    _check_lives(to, on)
    note(posts_ended=_end_posts(membership.person, on - timedelta(days=1), staying=to.path))
    return _follow(membership, on, unit=to)


@action("org.manage")
def change_kind(actor: User, membership: Membership, *, kind: str, on: date) -> Membership:
    """Let a membership go on as another kind from `on`: a probationary member becomes official."""
    chosen = membership_named(kind, reads.law_of(membership.unit))
    if chosen == membership.kind:
        raise Refusal("org.same_kind", field="kind")
    return _follow(membership, on, kind=chosen)


def _follow(membership: Membership, on: date, **changes: Any) -> Membership:
    _end(membership, on - timedelta(days=1))
    values = {"unit": membership.unit, "kind": membership.kind} | changes
    note(follows=membership.pk)
    return Membership.objects.create(person=membership.person, valid_from=on, **values)


def _end(membership: Membership, last: date) -> None:
    if membership.valid_to is not None:
        raise Refusal("org.membership_ended", end=membership.valid_to, field="on")
    if last < membership.valid_from:
        raise Refusal("org.too_early", start=membership.valid_from, field="on")
    membership.valid_to = last
    membership.save(update_fields=["valid_to"])


@action("org.manage")
def end_membership(actor: User, membership: Membership, *, on: date, reason: str = "") -> Membership:
    """End a membership with `on` as its last day, and with it every post of the person."""
    _end(membership, on)
    note(reason=reason, posts_ended=_end_posts(membership.person, on))
    return membership


def _end_posts(person: Person, last: date, staying: str = "") -> int:
    """End the person's posts on `last`, except in units above `staying`; one that has not begun by then never does."""
    held = Holding.objects.filter(person=person).exclude(valid_to__lte=last).select_related("post__unit")
    leaving = [one for one in held if not (staying and staying.startswith(one.post.unit.path))]
    begun = [one for one in leaving if one.valid_from <= last]
    for one in begun:
        one.valid_to = last
        one.version += 1
    Holding.objects.bulk_update(begun, ["valid_to", "version"])
    Holding.objects.filter(pk__in=[one.pk for one in leaving if one.valid_from > last]).delete()
    return len(leaving)


# Posts ------------------------------------------------------------------------------------------------------------


@action("org.manage")
def appoint(
    actor: User, unit: Unit, *, post: str, person: Person, valid_from: date | None = None, valid_to: date | None = None
) -> Holding:
    """Give a post of the unit to a member of it or of a unit below."""
    start = valid_from or clock.today()
    key = post_named(post, reads.law_of(unit))
    check_period(start, valid_to)
    _check_member(unit, person, key, start)
    place, _made = Post.objects.get_or_create(unit=unit, key=key)
    _check_seats(place, person, start, valid_to)
    return Holding.objects.create(post=place, person=person, valid_from=start, valid_to=valid_to)


def _check_member(unit: Unit, person: Person, post: str, day: date) -> None:
    membership = reads.memberships_in(unit, day).filter(person=person).first()
    if membership is None:
        raise Refusal("org.not_a_member", field="person")
    stands = reads.law_of(unit).memberships[membership.kind].stands.at(day)
    if not stands.value:
        raise Refusal("org.post_needs_vote", article=stands.cite, field="person", post=post, kind=membership.kind)


def _check_seats(post: Post, person: Person, start: date, end: date | None) -> None:
    held = [one for one in post.holdings.all() if periods_overlap((start, end), (one.valid_from, one.valid_to))]
    if any(one.person_id == person.pk for one in held):
        raise Refusal("org.post_held_twice", post=post.key, field="person")
    seats = reads.law_of(post.unit).posts[post.key].seats
    if seats and len(held) >= seats:
        raise Refusal("org.post_filled", post=post.key, seats=seats, field="post")


@action("org.manage")
def end_holding(actor: User, holding: Holding, *, on: date) -> Holding:
    """Let a post end with `on` as its last day."""
    if holding.valid_to is not None and holding.valid_to <= on:
        raise Refusal("org.membership_ended", end=holding.valid_to, field="on")
    check_period(holding.valid_from, on, "on")
    holding.valid_to = on
    holding.save(update_fields=["valid_to"])
    return holding
