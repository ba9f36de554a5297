"""The door: what it locks, judges, refuses and writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError

from conventus.core import door
from conventus.core.actions import end_grant, give_grant, open_account
from conventus.core.door import ACTIONS, REACTIONS, action, can, note, on, rows_of
from conventus.core.models import Entry, Grant, User
from conventus.core.rules import Refusal
from conventus.org.models import Unit
from tests.rooms.core.conftest import TODAY, Place


@pytest.fixture
def boss(place: Place) -> User:
    """Manages access at the left branch and below."""
    return place.person("boss", place.left)


@pytest.fixture
def guest(place: Place) -> User:
    """Has an account and nothing else."""
    return place.person("guest")


@pytest.fixture
def grant(place: Place, boss: User, guest: User) -> Grant:
    """What the guest was given by the boss."""
    return give_grant(boss, place.leaf, user=guest, role="viewer")


@pytest.fixture
def verb() -> Iterator[Callable[..., Any]]:
    """Make an action for one test, and take it out of the catalogue afterwards."""
    known, reactions = set(ACTIONS), {name: list(found) for name, found in REACTIONS.items()}

    def make(
        function: Callable[..., Any], permission: str = "core.manage_grants", **options: Any
    ) -> Callable[..., Any]:
        return action(permission, **options)(function)

    yield make
    for name in set(ACTIONS) - known:
        del ACTIONS[name]
    REACTIONS.clear()
    REACTIONS.update(reactions)


def rename(actor: User, grant: Grant, *, role: str) -> Grant:
    """Change a grant in place."""
    grant.role = role
    grant.save()
    return grant


def refused(code: str) -> Any:
    """Expect a refusal by its code."""
    return pytest.raises(Refusal, check=lambda fault: fault.code == code)


# What is written


def test_a_verb_that_makes_a_row_leaves_a_line_about_that_row(place: Place, boss: User, guest: User) -> None:
    grant = give_grant(boss, place.leaf, user=guest, role="viewer")
    line = Entry.objects.get()
    assert (line.seq, line.action, line.actor_id, line.office) == (1, "core.give_grant", boss.pk, "administrator @ A")
    assert (line.subject_type, line.subject_id, line.unit_id) == ("core.grant", grant.pk, place.leaf.pk)
    assert line.before == {}
    where = {"user": guest.pk, "role": "viewer", "unit": place.leaf.pk}
    assert line.after == where | {"phase": "", "valid_from": "2025-02-20", "valid_to": None}
    assert (line.pack, line.at.date()) == ("tiny", TODAY)


def test_a_change_is_written_with_what_was_before(boss: User, grant: Grant, verb: Callable[..., Any]) -> None:
    verb(rename)(boss, grant, role="administrator")
    line = Entry.objects.get(action="rooms.rename")
    assert (line.before, line.after) == ({"role": "viewer"}, {"role": "administrator"})


def test_the_version_rises_and_the_callers_row_is_fresh(boss: User, grant: Grant, verb: Callable[..., Any]) -> None:
    change = verb(rename)
    change(boss, grant, role="administrator")
    assert (grant.role, grant.version) == ("administrator", 2)
    change(boss, grant, role="viewer")
    assert Grant.objects.get(pk=grant.pk).version == 3


def test_a_verb_that_changes_nothing_leaves_a_line_and_the_version(
    boss: User, grant: Grant, verb: Callable[..., Any]
) -> None:
    verb(rename)(boss, grant, role="viewer")
    assert Entry.objects.filter(action="rooms.rename").exists()
    assert grant.version == 1


def test_notes_are_added_to_the_line(place: Place, boss: User) -> None:
    user = open_account(boss, place.left, username="new", full_name="New", password="a long enough phrase")
    assert Entry.objects.get(action="core.open_account").after["account"] == user.pk


def test_a_note_outside_an_action_is_a_mistake() -> None:
    with pytest.raises(AssertionError):
        note(key="value")


def test_the_lines_about_a_row_are_found(boss: User, grant: Grant) -> None:
    end_grant(boss, grant)
    assert [line.action for line in rows_of(Entry.objects.order_by("seq"), grant)] == [
        "core.give_grant",
        "core.end_grant",
    ]


def test_an_action_inside_an_action_keeps_its_own_notes(place: Place, boss: User, verb: Callable[..., Any]) -> None:
    def inner(actor: User, unit: Unit) -> None:
        note(inner=1)

    inside = verb(inner)

    def outer(actor: User, unit: Unit) -> None:
        note(outer=1)
        inside(actor, unit)

    verb(outer)(boss, place.left)
    assert Entry.objects.get(action="rooms.inner").after == {"inner": 1}
    assert Entry.objects.get(action="rooms.outer").after == {"outer": 1}


# What is refused


def test_a_row_that_somebody_changed_meanwhile_is_refused(boss: User, grant: Grant, verb: Callable[..., Any]) -> None:
    change, stale = verb(rename), Grant.objects.get(pk=grant.pk)
    change(boss, grant, role="administrator")
    with refused("core.changed_meanwhile"):
        change(boss, stale, role="viewer")
    assert Grant.objects.get(pk=grant.pk).role == "administrator"


def test_without_a_grant_everything_is_refused_and_nothing_written(place: Place, guest: User) -> None:
    with refused("core.not_permitted"):
        give_grant(guest, place.leaf, user=guest, role="administrator")
    assert not Entry.objects.exists()
    assert not guest.grants.exists()


@pytest.mark.parametrize(("unit", "allowed"), [("left", True), ("leaf", True), ("right", False), ("root", False)])
def test_a_grant_reaches_its_unit_and_all_below(place: Place, boss: User, unit: str, allowed: bool) -> None:
    assert bool(can(boss, give_grant, getattr(place, unit))) is allowed


@pytest.mark.parametrize(
    ("start", "end", "allowed"),
    [(-1, 0, True), (0, None, True), (0, 0, True), (-9, -1, False), (1, None, False)],
)
def test_a_grant_holds_from_its_first_to_its_last_day(place: Place, start: int, end: int | None, allowed: bool) -> None:
    last = None if end is None else TODAY + timedelta(end)
    keeper = place.person("keeper", place.left, valid_from=TODAY + timedelta(start), valid_to=last)
    assert bool(can(keeper, give_grant, place.left)) is allowed


def test_a_role_without_the_right_is_refused(place: Place) -> None:
    assert can(place.person("viewer", place.left, role="viewer"), give_grant, place.left).refusal


def test_a_role_that_the_pack_no_longer_has_gives_nothing(place: Place) -> None:
    assert not can(place.person("relic", place.left, role="abolished"), give_grant, place.left)


def test_a_closed_account_is_refused(place: Place, boss: User) -> None:
    boss.is_active = False
    boss.save()
    assert not can(boss, give_grant, place.left)


def test_somebody_who_is_not_signed_in_is_refused(place: Place) -> None:
    assert not can(AnonymousUser(), give_grant, place.left)


def test_a_system_account_may_do_everything_everywhere(place: Place, guest: User) -> None:
    give_grant(place.system, place.right, user=guest, role="viewer")
    line = Entry.objects.get()
    assert (line.actor, line.office) == (place.system, "system")


def test_the_system_role_is_worth_nothing_to_a_person(place: Place, guest: User) -> None:
    Grant.objects.create(user=guest, role="system", unit=None, valid_from=date(2024, 1, 1))
    assert not can(guest, give_grant, place.root)


def test_a_row_without_a_unit_is_for_system_accounts_only(place: Place, verb: Callable[..., Any]) -> None:
    def found(actor: User, nothing: None) -> None:
        """Do something that belongs to no unit."""

    act, top = verb(found), place.person("top", place.root)
    assert not can(top, act, None)
    act(place.system, None)


def test_a_superiors_verb_is_judged_on_the_unit_above(place: Place, boss: User, verb: Callable[..., Any]) -> None:
    def appraise(actor: User, unit: Unit) -> None:
        """Decide from above."""

    act = verb(appraise, at="superior")
    assert can(boss, act, place.leaf)
    assert not can(boss, act, place.left)
    assert not can(place.person("top", place.root), act, place.root)


# The phase


def test_outside_its_phases_a_verb_is_refused_whoever_asks(place: Place, boss: User, verb: Callable[..., Any]) -> None:
    act = verb(rename, phases=("session",))
    here = Grant.objects.create(user=boss, role="viewer", unit=place.leaf, phase="after", valid_from=TODAY)
    with refused("core.not_in_phase") as caught:
        act(boss, here, role="administrator")
    assert caught.value.params == {"phases": "session", "phase": "after"}
    assert can(place.system, act, here).refusal


def test_in_its_phase_it_works(place: Place, boss: User, verb: Callable[..., Any]) -> None:
    here = Grant.objects.create(user=boss, role="viewer", unit=place.leaf, phase="session", valid_from=TODAY)
    verb(rename, phases=("session",))(boss, here, role="administrator")
    assert here.role == "administrator"


@pytest.mark.parametrize(("phase", "allowed"), [("session", True), ("after", False)])
def test_a_role_may_carry_a_right_in_one_phase_only(
    place: Place, verb: Callable[..., Any], phase: str, allowed: bool
) -> None:
    keeper = place.person("keeper", place.left, role="session_keeper")
    here = Grant.objects.create(user=keeper, role="viewer", unit=place.leaf, phase=phase, valid_from=TODAY)
    assert bool(can(keeper, verb(rename), here)) is allowed


@pytest.mark.parametrize(("phase", "allowed"), [("session", True), ("after", False)])
def test_a_grant_may_be_narrowed_to_one_phase(
    place: Place, verb: Callable[..., Any], phase: str, allowed: bool
) -> None:
    keeper = place.person("keeper", place.left, phase="session")
    here = Grant.objects.create(user=keeper, role="viewer", unit=place.leaf, phase=phase, valid_from=TODAY)
    assert bool(can(keeper, verb(rename), here)) is allowed


# All or nothing


def test_a_refusal_inside_the_verb_undoes_what_it_did(boss: User, grant: Grant, verb: Callable[..., Any]) -> None:
    def half(actor: User, grant: Grant) -> None:
        rename(actor, grant, role="administrator")
        raise Refusal("core.required", name="reason")

    with refused("core.required"):
        verb(half)(boss, grant)
    assert Grant.objects.get(pk=grant.pk).role == "viewer"
    assert not Entry.objects.filter(action="rooms.half").exists()


def test_a_reaction_sees_the_line_in_the_same_transaction(boss: User, grant: Grant, verb: Callable[..., Any]) -> None:
    seen: list[Entry] = []
    act = verb(rename)
    on("rooms.rename")(seen.append)
    act(boss, grant, role="administrator")
    assert [line.after for line in seen] == [{"role": "administrator"}]


def test_a_reaction_that_fails_undoes_the_action(boss: User, grant: Grant, verb: Callable[..., Any]) -> None:
    act = verb(rename)

    @on("rooms.rename")
    def fail(entry: Entry) -> None:
        raise DatabaseError("no space")

    with pytest.raises(DatabaseError):
        act(boss, grant, role="administrator")
    assert Grant.objects.get(pk=grant.pk).role == "viewer"


# The catalogue


def test_the_catalogue_knows_each_action() -> None:
    act = door.ACTIONS["core.give_grant"]
    assert (act.permission, act.at, act.phases) == ("core.manage_grants", "place", ())
    assert act.doc.startswith("Give")


def test_can_names_the_grant_that_allows(place: Place, boss: User) -> None:
    verdict = can(boss, give_grant, place.leaf)
    assert verdict.held is not None
    assert verdict.held.office == "administrator @ A"


def test_can_says_why_not(place: Place, guest: User) -> None:
    refusal = can(guest, give_grant, place.leaf).refusal
    assert refusal is not None
    assert "core.manage_grants" in str(refusal)
