"""The count by two people: equal or settled by a third, blind until both are in, kept under seal in the minute book."""

from __future__ import annotations

import pytest

from conventus.core.models import Entry
from conventus.core.rules import Refusal
from conventus.elections import actions, reads
from conventus.elections.actions import Choice
from conventus.elections.models import seal_of

from .conftest import World, count, refused

VOTES = (80, 70, 60, 31)


def test_two_equal_entries_agree(world: World) -> None:
    ballot = world.issued()
    assert world.enter("one", ballot, VOTES).state == "counting"
    assert world.enter("two", ballot, VOTES).state == "agreed"
    assert (ballot.collected, ballot.valid, ballot.invalid) == (88, 88, 0)


def test_nobody_keys_in_twice(world: World) -> None:
    ballot = world.issued()
    world.enter("one", ballot, VOTES)
    with refused("elections.entered_already"):
        world.enter("one", ballot, VOTES)


def test_the_role_alone_does_not_make_a_member_of_the_board(world: World) -> None:
    ballot = world.issued()
    with refused("elections.not_on_board"):
        world.enter("spare", ballot, VOTES)
    with refused("core.not_permitted"):
        world.enter("organiser", ballot, VOTES)


def test_outside_the_session_nothing_is_counted(world: World) -> None:
    ballot = world.issued()
    world.state("held")
    with refused("core.not_permitted"):
        world.enter("one", ballot, VOTES)


def test_figures_that_cannot_be_right_are_refused_with_their_numbers(world: World) -> None:
    ballot = world.issued()
    with pytest.raises(Refusal) as found:
        world.enter("one", ballot, VOTES, valid=82, invalid=1)
    assert found.value.code == "elections.E06"
    assert found.value.field == "valid"
    with pytest.raises(Refusal) as found:
        world.enter("one", ballot, (99, 70, 60, 31))
    assert found.value.code == "elections.E08"
    assert found.value.field == f"votes_{ballot.names()[0].pk}"
    assert not ballot.entries.exists()


def test_a_difference_is_settled_by_a_third_by_name(world: World) -> None:
    ballot = world.issued()
    world.enter("one", ballot, VOTES)
    ballot = world.enter("two", ballot, (80, 70, 61, 31))
    assert ballot.state == "differing"
    key = f"votes_{ballot.names()[2].pk}"
    for who in ("one", "two"):
        with refused("elections.entered_already"):
            actions.resolve(world.people[who], ballot, choices={key: Choice("first")}, reason="Đếm lại")
    with refused("elections.choice_missing"):
        actions.resolve(world.people["head"], ballot, choices={}, reason="Đếm lại")
    with refused("elections.own_reason_missing"):
        actions.resolve(world.people["head"], ballot, choices={key: Choice("own", 62)}, reason="Đếm lại")
    with refused("elections.reason_missing"):
        actions.resolve(world.people["head"], ballot, choices={key: Choice("first")}, reason=" ")
    own = {key: Choice("own", 62, "Đếm lại 3 lần")}
    actions.resolve(world.people["head"], ballot, choices=own, reason="Đối chiếu phiếu")
    assert ballot.state == "agreed"
    assert reads.agreed_of(ballot).votes[str(ballot.names()[2].pk)] == 62


def test_a_settled_count_must_pass_the_checks_too(world: World) -> None:
    ballot = world.issued()
    world.enter("one", ballot, VOTES, valid=87, invalid=1)
    ballot = world.enter("two", ballot, VOTES)
    with refused("elections.E06"):
        choices = {"valid": Choice("first"), "invalid": Choice("second")}
        actions.resolve(world.people["head"], ballot, choices=choices, reason="Đối chiếu")
    assert ballot.state == "differing"


def test_the_book_keeps_a_seal_until_the_count_is_agreed(world: World) -> None:
    ballot = world.issued()
    world.enter("one", ballot, VOTES)
    first = Entry.objects.get(action="elections.enter_count")
    entry = ballot.entries.get()
    assert first.after["seal"] == entry.seal == seal_of(entry.figures, entry.salt)
    assert set(first.after) == {"slot", "seal", "state"}
    world.enter("two", ballot, VOTES)
    last = Entry.objects.filter(action="elections.enter_count").latest("seq")
    assert last.after["agreed"]["votes"] == {str(one.pk): vote for one, vote in zip(ballot.names(), VOTES, strict=True)}
    opened = {one["slot"]: seal_of(one["figures"], one["salt"]) for one in last.after["entries"]}
    assert opened["first"] == first.after["seal"]


def test_a_repeated_count_keeps_the_earlier_entries_under_seal(world: World) -> None:
    ballot = world.issued()
    world.enter("one", ballot, VOTES)
    with refused("elections.only_head"):
        actions.repeat_count(world.people["two"], ballot, reason="Nhầm")
    with refused("elections.repeat_reason"):
        actions.repeat_count(world.people["head"], ballot, reason="")
    ballot.refresh_from_db()
    ballot = actions.repeat_count(world.people["head"], ballot, reason="Một bó phiếu bị bỏ sót")
    assert (ballot.state, ballot.attempt) == ("issued", 2)
    with refused("elections.recounted_meanwhile"):
        actions.enter_count(world.people["two"], ballot, figures=count(ballot, VOTES), attempt=1)
    world.agreed(ballot, VOTES)
    assert ballot.entries.count() == 3
    last = Entry.objects.filter(action="elections.enter_count").latest("seq")
    assert [one["attempt"] for one in last.after["entries"]] == [1, 2, 2]
    assert not any("figures" in str(line.after) for line in Entry.objects.filter(action="elections.repeat_count"))


def test_warnings_are_accepted_with_a_reason_before_the_result(world: World) -> None:
    ballot = world.agreed(world.issued(), VOTES, collected=87)
    with refused("elections.warning_open"):
        actions.declare_result(world.people["head"], ballot)
    with refused("core.not_permitted"):
        actions.accept_warning(world.people["one"], ballot, code="elections.W01", reason="Một phiếu không nộp")
    with refused("elections.accept_reason"):
        actions.accept_warning(world.people["head"], ballot, code="elections.W01", reason=" ")
    with refused("elections.no_such_warning"):
        actions.accept_warning(world.people["head"], ballot, code="elections.W05", reason="?")
    world.accept_all(ballot)
    assert actions.declare_result(world.people["head"], ballot).state == "declared"


def test_nothing_is_keyed_in_before_ballots_are_issued(world: World) -> None:
    world.board()
    ballot = world.prepared(world.listed())
    with refused("elections.not_issued"):
        actions.enter_count(world.people["one"], ballot, figures={})


def test_entries_made_tell_who_but_never_what(world: World) -> None:
    ballot = world.issued()
    world.enter("one", ballot, VOTES)
    (made,) = reads.entries_made(ballot)
    assert (made.slot, made.by) == ("first", world.people["one"])
    assert not hasattr(made, "figures")


def test_only_a_third_member_compares_while_the_entries_differ(world: World) -> None:
    ballot = world.issued()
    world.enter("one", ballot, VOTES)
    assert not any(reads.may_compare(user, ballot) for user in world.people.everybody().values())
    ballot = world.enter("two", ballot, (80, 70, 61, 31))
    allowed = {name for name, user in world.people.everybody().items() if reads.may_compare(user, ballot)}
    assert allowed == {"head", "three"}
    assert reads.comparison_of(world.people["one"], ballot) == []
    lines = reads.comparison_of(world.people["head"], ballot)
    assert [tuple(line.values.values()) for line in lines if line.differs] == [(60, 61)]
