"""Reporting duties done, opening them again, and what they put on My desk."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from conventus.core.accounts import system_account
from conventus.core.desk import LATER, OVERDUE, SOON, DeskItem, in_order
from conventus.core.models import Entry
from conventus.core.rules import Citation
from conventus.directives import actions, reads
from conventus.directives.models import Document, Obligation, PlanItem

from .makers import TODAY, World, add_item
from .test_documents import refusals_of


@pytest.fixture
def task(world: World, plan: Document) -> PlanItem:
    """A task of the plan in force, for five units, with a congress window beside it."""
    item = add_item(world, plan, due=date(2025, 2, 24), provision="IV.2")
    add_item(world, plan, task="hold_congress", due=date(2025, 4, 30))
    plan.refresh_from_db()
    actions.put_in_force(world.people["organiser"], plan)
    return item


@pytest.fixture
def duty(world: World, task: PlanItem) -> Obligation:
    """The ward's duty."""
    return task.obligations.get(unit=world.ward)


def test_the_ward_reports_it_done(world: World, duty: Obligation) -> None:
    ward = world.people["ward"]
    actions.fulfil(ward, duty, evidence="Tờ trình 12-TTr/ĐU", on=date(2025, 2, 18))
    duty.refresh_from_db()
    assert (duty.state, duty.done_on, duty.done_by) == ("done", date(2025, 2, 18), ward)
    entry = Entry.objects.get(action="directives.fulfil")
    assert entry.after["state"] == "done"
    assert "Tờ trình" not in str(entry.after)


def test_the_superior_may_report_it_and_the_neighbour_not(world: World, duty: Obligation) -> None:
    for name in ("neighbour", "viewer", "counter"):
        found = refusals_of(lambda name=name: actions.fulfil(world.people[name], duty, evidence="x"))  # type: ignore[misc]
        assert found == {"not_permitted": ""}
    assert actions.fulfil(world.people["organiser"], duty, evidence="x").done_on == TODAY


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"evidence": " "}, {"evidence_missing": "evidence"}),
        ({"evidence": "x", "on": TODAY + timedelta(days=1)}, {"done_in_future": "on"}),
        ({"evidence": "x", "on": date(2024, 9, 19)}, {"done_before_plan": "on"}),
        ({"evidence": "", "on": date(2024, 9, 19)}, {"evidence_missing": "evidence", "done_before_plan": "on"}),
    ],
)
def test_what_the_law_refuses(world: World, duty: Obligation, facts: dict[str, Any], expected: dict[str, str]) -> None:
    assert refusals_of(lambda: actions.fulfil(world.people["ward"], duty, **facts)) == expected


def test_it_is_reported_once(world: World, duty: Obligation) -> None:
    ward = world.people["ward"]
    actions.fulfil(ward, duty, evidence="x")
    assert refusals_of(lambda: actions.fulfil(ward, duty, evidence="x")) == {"not_open": ""}


def test_a_congress_is_reported_by_its_own_room(world: World, task: PlanItem) -> None:
    congress = Obligation.objects.get(unit=world.ward, task="hold_congress")
    assert refusals_of(lambda: actions.fulfil(world.people["ward"], congress, evidence="x")) == {
        "fulfilled_elsewhere": ""
    }
    cycle = system_account("cycle")
    assert actions.fulfil(cycle, congress, evidence="congress 7").state == "done"
    assert refusals_of(lambda: actions.reopen(world.people["ward"], congress, reason="x")) == {
        "fulfilled_elsewhere": ""
    }
    assert actions.reopen(cycle, congress, reason="sent back").state == "open"


def test_it_is_opened_again_with_the_reason(world: World, duty: Obligation) -> None:
    ward = world.people["ward"]
    assert refusals_of(lambda: actions.reopen(ward, duty, reason="x")) == {"not_done": ""}
    actions.fulfil(ward, duty, evidence="x")
    assert refusals_of(lambda: actions.reopen(ward, duty, reason=" ")) == {"reason_missing": "reason"}
    actions.reopen(ward, duty, reason="Sai đơn vị")
    duty.refresh_from_db()
    assert (duty.state, duty.done_on, duty.evidence, duty.reopened_because) == ("open", None, "", "Sai đơn vị")


def test_obligations_are_seen_on_ones_units_and_below(world: World, task: PlanItem) -> None:
    def seen_by(name: str) -> int:
        return reads.obligations_of(world.people[name]).count()

    assert [seen_by(name) for name in ("centre", "organiser", "viewer", "ward")] == [10, 10, 10, 2]
    assert [seen_by(name) for name in ("neighbour", "counter", "stranger")] == [0, 0, 0]
    assert reads.obligations_of(world.people["organiser"], world.ward).count() == 2
    assert reads.open_obligations([world.ward.pk, world.school.pk]).count() == 4


def test_counts_by_state_and_by_day(world: World, task: PlanItem) -> None:
    organiser = world.people["organiser"]
    first, second, *_rest = task.obligations.all()
    actions.fulfil(organiser, first, evidence="x")
    Obligation.objects.filter(pk=second.pk).update(due=date(2025, 2, 1))
    rows = reads.obligations_of(organiser)
    counts = reads.counts_of(rows, TODAY)
    assert counts == {"done": 1, "due": 8, "overdue": 1, "total": 10, "lapsed": 0}
    for standing in ("done", "due", "overdue", "lapsed"):
        assert reads.standing_of(rows, standing, TODAY).count() == counts[standing]
    assert reads.standing_of(rows, "open", TODAY).count() == 9
    by_day = reads.day_counts(rows, TODAY)
    assert by_day[0] == (date(2025, 2, 1), "overdue", 1)
    assert sum(count for _day, _standing, count in by_day) == 10
    assert reads.item_counts(organiser, task.document, TODAY)[task.pk] == {"done": 1, "due": 3, "overdue": 1}


# My desk ----------------------------------------------------------------------------------------------------------


def test_the_ward_finds_its_duty_on_the_desk(world: World, duty: Obligation) -> None:
    (item,) = reads.desk_items(world.people["ward"], TODAY)
    assert (item.unit, item.due, item.urgency) == (world.ward, date(2025, 2, 24), SOON)
    assert item.cite == Citation("268-KH/TU@2024-09-20", "IV.2")
    assert item.url == f"/documents/obligations/{duty.pk}"
    assert reads.desk_items(world.people["ward"], date(2025, 2, 25))[0].urgency == OVERDUE
    actions.fulfil(world.people["ward"], duty, evidence="x")
    assert reads.desk_items(world.people["ward"], TODAY) == []


def test_the_city_finds_how_many_units_still_owe_it(world: World, task: PlanItem) -> None:
    (item,) = reads.desk_items(world.people["organiser"], TODAY)
    assert item.kind == "directives.obligations_below"
    assert item.detail == "5 units below still owe it."
    page = world.client("organiser").get(item.url)
    assert page.context["count"] == 5


def test_nobody_else_has_it_on_the_desk(world: World, task: PlanItem) -> None:
    for name in ("viewer", "auditor", "neighbour", "stranger", "counter"):
        assert reads.desk_items(world.people[name], TODAY) == []
    assert reads.desk_items(system_account("installer"), TODAY) == []


def test_the_desk_takes_few_queries(world: World, task: PlanItem, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(6):
        reads.desk_items(world.people["organiser"], TODAY)


def test_items_stand_by_due_day() -> None:
    def item(due: date | None, **facts: Any) -> DeskItem:
        return DeskItem("t", None, due, "because", "/", "Do", "x.y", TODAY, **facts)

    undated, soon, late = item(None), item(TODAY + timedelta(days=7)), item(TODAY - timedelta(days=1))
    assert in_order([undated, soon, late]) == [late, soon, undated]
    assert [one.urgency for one in (undated, soon, late)] == [LATER, SOON, OVERDUE]
    assert item(TODAY + timedelta(days=8)).urgency == LATER
    assert item(TODAY - timedelta(days=1), optional=True).urgency == SOON
    assert (soon.words, soon.cite) == ("because", None)
