"""My desk: who is asked to key in, compare, accept warnings, declare, close a list, record a decision."""

from __future__ import annotations

from conventus.core.clock import today
from conventus.elections import actions, reads

from .conftest import World

VOTES = (80, 70, 60, 31)


def titles(world: World, who: str) -> list[str]:
    return [item.title for item in reads.desk_items(world.people[who], today())]


def test_the_board_is_led_through_the_count(world: World) -> None:
    ballot = world.issued()
    assert titles(world, "one") == titles(world, "head") == ["Enter the count (first entry)"]
    world.enter("one", ballot, VOTES)
    assert titles(world, "one") == []
    assert titles(world, "two") == ["Enter the count (second entry)"]
    (item,) = reads.desk_items(world.people["two"], today())
    assert (item.due, item.state, item.unit, item.verb) == (today(), "counting", world.units["ward"], "Enter")
    assert item.url.endswith(f"/ballots/{ballot.pk}/count")
    world.enter("two", ballot, (80, 70, 61, 31))
    assert titles(world, "two") == []
    assert titles(world, "head") == ["Resolve the differences between two entries"]


def test_the_head_accepts_and_declares(world: World) -> None:
    ballot = world.agreed(world.issued(), VOTES, collected=87)
    assert titles(world, "one") == []
    assert titles(world, "head") == ["Accept the warnings on the count"]
    world.accept_all(ballot)
    assert titles(world, "head") == ["Declare the result"]
    actions.declare_result(world.people["head"], ballot)
    assert titles(world, "head") == []


def test_the_organiser_prepares(world: World) -> None:
    contest = world.contest()
    assert titles(world, "organiser") == ["Close the list of candidates"]
    actions.close_list(world.people["organiser"], contest)
    assert titles(world, "organiser") == ["Prepare the first ballot"]
    ballot = world.prepared(contest)
    world.board()
    assert titles(world, "organiser") == ["Enter who may vote"]
    assert titles(world, "head") == []
    actions.set_electorate(world.people["organiser"], ballot, figures=world.figures, present=90)
    assert titles(world, "organiser") == []
    assert titles(world, "head") == ["Record the ballots issued"]
    world.declared(world.issued(contest), (80, 40, 30, 20))
    assert titles(world, "organiser") == ["Record what the congress decides about open seats"]


def test_nobody_else_is_asked(world: World) -> None:
    world.issued()
    others = ("spare", "viewer", "auditor", "admin", "neighbour", "neighbour_head", "cell_head", "stranger", "member")
    for who in others:
        assert titles(world, who) == []
    world.state("held")
    assert titles(world, "one") == []
