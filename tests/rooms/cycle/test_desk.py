"""What the congresses put on whose desk."""

from __future__ import annotations

from datetime import date

from conventus.cycle import actions, reads
from conventus.cycle.models import Congress

from .conftest import TODAY, World


def kinds(world: World, who: str, today: date = TODAY) -> list[str]:
    """The kinds of things on somebody's desk."""
    return [item.kind.removeprefix("cycle.") for item in reads.desk_items(world.people[who], today)]


def test_own_way_on_the_desk(world: World) -> None:
    assert kinds(world, "ward") == ["date", "date_below"]
    world.date("W1", date(2025, 3, 20), "ward")
    steps = [item for item in reads.desk_items(world.people["ward"], TODAY) if item.kind == "cycle.milestone"]
    assert [step.title for step in steps] == [
        "documents ready",
        "personnel plan approved",
        "programme ready",
        "opening announced",
    ]
    assert steps[0].cite
    assert steps[0].urgency == "overdue"
    world.report_all("W1")
    assert kinds(world, "ward") == ["submit", "date_below"]
    actions.submit(world.people["ward"], world.congress("W1"))
    assert kinds(world, "ward") == ["date_below"]
    actions.return_with_findings(world.people["appraiser"], world.congress("W1"), findings=["Bổ sung."])
    (item,) = [item for item in reads.desk_items(world.people["ward"], TODAY) if item.kind == "cycle.returned"]
    assert item.detail == "Bổ sung."


def test_opening_filing_recognising(world: World) -> None:
    day = date(2025, 3, 20)
    world.approved("W1", day)
    assert "open" not in kinds(world, "ward")
    assert "open" in kinds(world, "ward", date(2025, 3, 10))
    Congress.objects.filter(unit__parent__code="W1").update(state="held")
    world.set_today(day)
    actions.open_congress(world.people["ward"], world.congress("W1"), summoned=2, present=2)
    assert kinds(world, "ward", day) == ["close"]
    actions.close_congress(world.people["ward"], world.congress("W1"))
    (item,) = reads.desk_items(world.people["ward"], day)
    assert (item.kind, item.due) == ("cycle.file", date(2025, 5, 15))
    assert str(item.cite).startswith("268-KH/TU")
    actions.file_result(world.people["ward"], world.congress("W1"))
    assert kinds(world, "ward", day) == []
    assert "recognise" in kinds(world, "appraiser", day)


def test_superior_has_what_waits_and_sums(world: World) -> None:
    assert kinds(world, "organiser") == ["date_below", "date", "late_below"]
    world.submitted("W1", date(2025, 3, 20))
    (item,) = reads.desk_items(world.people["appraiser"], TODAY)
    assert (item.kind, item.unit) == ("cycle.appraise", world.units["W1"])
    assert kinds(world, "province_appraiser") == []
    assert kinds(world, "ward_appraiser") == []
    assert kinds(world, "viewer") == kinds(world, "stranger") == []


def test_many_decisions_are_summed_up(world: World) -> None:
    Congress.objects.filter(unit__level="base").update(state="submitted")
    assert kinds(world, "appraiser").count("appraise") == 6
    import conventus.cycle.reads.desk as desk

    saved, desk.ONE_BY_ONE = desk.ONE_BY_ONE, 3
    try:
        (item,) = reads.desk_items(world.people["appraiser"], TODAY)
    finally:
        desk.ONE_BY_ONE = saved
    assert item.kind == "cycle.appraise_many"
    assert "6 preparations" in item.title
