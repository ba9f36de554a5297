"""Windows follow the plans: what a plan in force changes in congresses that exist already."""

from __future__ import annotations

from datetime import date
from typing import Any

from conventus.core.models import Entry
from conventus.cycle import reads
from conventus.cycle.models import Congress
from conventus.directives import actions as directives
from conventus.directives.models import Document

from .conftest import TODAY, World


def plan(world: World, number: str, **item: Any) -> Document:
    """A plan of the city with one item for its wards, put in force."""
    who, city = world.people["organiser"], world.units["D380"]
    document = directives.register_document(
        who, city, type="KH", number=number, issuer_code="TU", title="Kế hoạch", issued_on=date(2025, 2, 1)
    )
    facts: dict[str, Any] = {"task": "hold_congress", "level": "base", "due": date(2025, 3, 31)}
    directives.add_item(who, document, **(facts | item))
    directives.put_in_force(who, document)
    return document


def test_windows_narrow_and_dates_stay(world: World) -> None:
    world.date("W1", date(2025, 4, 10))
    version = world.congress("W2").version
    plan(world, "301")
    assert world.congress("W2").window_to == date(2025, 3, 31)
    assert world.congress("W2").version == version + 1
    moved = world.congress("W2").milestones.get(key="notice").due
    assert moved is not None
    assert moved < date(2025, 3, 1)
    dated = world.congress("W1")
    assert (dated.starts_on, dated.window_to) == (date(2025, 4, 10), date(2025, 3, 31))
    line = Entry.objects.get(action="cycle.refresh_windows")
    assert line.after["because"] == "301-KH/TU"
    assert line.after["out_of_window"] == [dated.pk]
    kinds = [item.kind for item in reads.desk_items(world.people["ward"], TODAY)]
    assert "cycle.window" in kinds
    assert "cycle.window_below" in [item.kind for item in reads.desk_items(world.people["organiser"], TODAY)]


def test_new_pilots(world: World) -> None:
    assert not world.congress("W2").pilot
    plan(world, "302", task="hold_pilot_congress", mode="named", units=[world.units["W2"]])
    assert world.congress("W2").pilot
    assert not world.congress("W1").pilot


def test_neighbours_and_other_tasks_are_not_touched(world: World) -> None:
    before = Congress.objects.get(unit__code="N1").version
    plan(world, "303")
    assert Congress.objects.get(unit__code="N1").version == before
    plan(world, "304", task="report_result")
    assert Entry.objects.filter(action="cycle.refresh_windows").count() == 1


def test_withdrawn_plan_opens_the_window_again(world: World) -> None:
    document = plan(world, "305")
    directives.withdraw(world.people["organiser"], document, reason="Sai.")
    assert world.congress("W2").window_to == date(2025, 4, 29)


def test_window_emptied_by_two_plans_is_a_problem(world: World) -> None:
    plan(world, "306", due=date(2025, 2, 10))
    found = reads.generation_preview(world.cycle)
    assert [one.refusal.code for one in found.problems] == ["cycle.window_empty"] * 4
    assert world.congress("W1").window_to == date(2025, 4, 29)
