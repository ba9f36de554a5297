"""Tasks of plans, whom they cover, and putting a plan in force."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conventus.core.accounts import system_account
from conventus.core.models import Entry
from conventus.directives import actions, reads
from conventus.directives.models import Document, Obligation, PlanItem
from conventus.org.actions import change_unit, found_unit
from conventus.org.models import Unit
from conventus.org.names import step

from .makers import World, add_item, register
from .test_documents import refusals_of


def owed(item: PlanItem) -> set[str]:
    return set(item.obligations.values_list("unit__code", flat=True))


def enforce(world: World, plan: Document) -> reads.Cascade:
    return actions.put_in_force(world.people["organiser"], plan)


# Tasks ------------------------------------------------------------------------------------------------------------


def test_a_task_takes_the_name_of_its_kind_and_raises_the_plans_version(world: World, plan: Document) -> None:
    before = plan.version
    item = add_item(world, plan)
    assert item.text == "submit the documents of the congress"
    assert (item.order, add_item(world, plan).order) == (1, 2)
    plan.refresh_from_db()
    assert plan.version == before + 2


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"task": "dance"}, {"task_unknown": "task"}),
        ({"mode": "some"}, {"mode_unknown": "mode"}),
        ({"mode": "named"}, {"units_missing": "units"}),
        ({"start": date(2025, 4, 1)}, {"dates_reversed": "due"}),
        ({"due": date(2024, 9, 1)}, {"due_before_issued": "due"}),
        ({"level": "province"}, {"level_unknown": "level"}),
        ({"level": "galaxy"}, {"level_unknown": "level"}),
    ],
)
def test_the_law_refuses_a_task(
    world: World, plan: Document, changes: dict[str, Any], expected: dict[str, str]
) -> None:
    assert refusals_of(lambda: add_item(world, plan, **changes)) == expected


def test_only_units_below_are_named(world: World, plan: Document) -> None:
    wrong = {"mode": "named", "units": [world.neighbour, world.city]}
    assert refusals_of(lambda: add_item(world, plan, **wrong)) == {"unit_not_below": "units"}
    assert refusals_of(lambda: add_item(world, plan, units=[world.ward])) == {"units_without_use": "units"}


def superior_plan(world: World, **item: Any) -> Document:
    plan = register(world, "province", world.province, number="250", issued_on=date(2024, 8, 20))
    facts: dict[str, Any] = {"task": "submit_documents", "level": "base", "due": date(2025, 3, 10)}
    actions.add_item(world.people["province"], plan, **(facts | item))
    plan.refresh_from_db()
    actions.put_in_force(world.people["province"], plan)
    return plan


def test_a_superiors_window_binds(world: World, plan: Document) -> None:
    superior_plan(world, start=date(2025, 2, 1))
    assert refusals_of(lambda: add_item(world, plan)) == {"after_superior": "due"}
    found = refusals_of(lambda: add_item(world, plan, start=date(2025, 1, 1), due=date(2025, 3, 1)))
    assert found == {"before_superior": "start"}
    add_item(world, plan, due=date(2025, 3, 10))


def test_a_window_for_other_units_does_not_bind(world: World, plan: Document) -> None:
    superior_plan(world, mode="named", units=list(Unit.objects.filter(code="N1")))
    add_item(world, plan)


def test_a_window_that_came_meanwhile_is_found_when_the_plan_is_put_in_force(world: World, plan: Document) -> None:
    item = add_item(world, plan)
    superior_plan(world)
    plan.refresh_from_db()
    assert refusals_of(lambda: enforce(world, plan)) == {"after_superior": f"item-{item.pk}"}
    assert not item.obligations.exists()


def test_a_task_is_changed_and_removed(world: World, plan: Document) -> None:
    item = add_item(world, plan)
    facts: dict[str, Any] = {
        "task": "appraise",
        "level": "",
        "mode": "named",
        "units": [world.cell],
        "due": date(2025, 5, 1),
    }
    actions.change_item(world.people["organiser"], item, **facts)
    assert [unit.code for unit in item.units.all()] == ["W1-1"]
    plan.refresh_from_db()
    actions.remove_item(world.people["organiser"], plan, item=item)
    assert not plan.items.exists()


def test_tasks_of_a_plan_in_force_are_fixed(world: World, plan: Document) -> None:
    item = add_item(world, plan)
    plan.refresh_from_db()
    enforce(world, plan)
    organiser = world.people["organiser"]
    facts: dict[str, Any] = {"task": "appraise", "due": date(2025, 5, 1)}
    assert refusals_of(lambda: add_item(world, plan)) == {"not_draft": ""}
    assert refusals_of(lambda: actions.change_item(organiser, item, **facts)) == {"not_draft": ""}
    assert refusals_of(lambda: actions.remove_item(organiser, plan, item=item)) == {"not_draft": ""}
    assert refusals_of(lambda: enforce(world, plan)) == {"not_draft": ""}


# In force ---------------------------------------------------------------------------------------------------------


def test_each_unit_covered_owes_the_task(world: World, plan: Document) -> None:
    every = add_item(world, plan)
    pilots = add_item(world, plan, task="hold_pilot_congress", mode="named", units=[world.ward, world.school])
    rest = add_item(world, plan, task="hold_congress", mode="except", units=[world.ward, world.school])
    wards = add_item(world, plan, task="appraise", kinds=["phường"])
    below = add_item(world, plan, task="settle_complaints", level="")
    plan.refresh_from_db()
    preview = reads.cascade_preview(plan)
    done = enforce(world, plan)
    assert (
        [len(cover.units) for cover in preview.covers] == [len(cover.units) for cover in done.covers] == [5, 2, 3, 4, 6]
    )
    assert owed(every) == {"W1", "W2", "W3", "W4", "S1"}
    assert owed(pilots) == {"W1", "S1"}
    assert owed(rest) == {"W2", "W3", "W4"}
    assert owed(wards) == {"W1", "W2", "W3", "W4"}
    assert owed(below) == owed(every) | {"W1-1"}
    entry = Entry.objects.get(action="directives.put_in_force", subject_id=plan.pk)
    assert sum(entry.after["obligations"].values()) == Obligation.objects.count() == 20
    assert (plan.state, plan.enforced_on) == ("in_force", date(2025, 2, 20))


def test_an_old_page_does_not_put_it_in_force(world: World, plan: Document) -> None:
    seen = Document.objects.get(pk=plan.pk)
    add_item(world, plan)
    assert refusals_of(lambda: enforce(world, seen)) == {"changed_meanwhile": ""}


def test_the_ward_may_not_put_it_in_force(world: World, plan: Document) -> None:
    for name in ("ward", "viewer", "neighbour"):
        found = refusals_of(lambda name=name: actions.put_in_force(world.people[name], plan))  # type: ignore[misc]
        assert found == {"not_permitted": ""}


def test_what_it_replaces_ends_with_its_open_duties(world: World, plan: Document) -> None:
    item = add_item(world, plan)
    plan.refresh_from_db()
    enforce(world, plan)
    done, *_rest = item.obligations.all()
    actions.fulfil(world.people["organiser"], done, evidence="Báo cáo 1-BC/ĐU")
    new = register(world, "organiser", world.city, number="300", issued_on=date(2025, 2, 10), replaces=[plan])
    assert reads.cascade_preview(new).lapsing == 4
    assert enforce(world, new).lapsing == 4
    plan.refresh_from_db()
    assert (plan.state, plan.valid_to) == ("replaced", date(2025, 2, 9))
    assert sorted(item.obligations.values_list("state", flat=True)) == ["done", "lapsed", "lapsed", "lapsed", "lapsed"]


def test_until_it_is_valid_earlier_duties_stay(world: World, plan: Document) -> None:
    soon, late = add_item(world, plan, due=date(2025, 2, 28)), add_item(world, plan, due=date(2025, 4, 1))
    plan.refresh_from_db()
    enforce(world, plan)
    starts = date(2025, 3, 1)
    new = register(
        world, "organiser", world.city, number="300", issued_on=date(2025, 2, 10), valid_from=starts, replaces=[plan]
    )
    enforce(world, new)
    assert set(soon.obligations.values_list("state", flat=True)) == {"open"}
    assert set(late.obligations.values_list("state", flat=True)) == {"lapsed"}
    plan.refresh_from_db()
    assert (plan.standing(date(2025, 2, 28)), plan.standing(starts)) == ("in_force", "replaced")


def test_withdrawing_lets_open_duties_lapse(world: World, plan: Document) -> None:
    item = add_item(world, plan)
    plan.refresh_from_db()
    enforce(world, plan)
    actions.withdraw(world.people["organiser"], plan, reason="Kết luận 127")
    assert set(item.obligations.values_list("state", flat=True)) == {"lapsed"}
    assert plan.withdrawn_because == "Kết luận 127"
    assert reads.plan_windows([world.ward]) == ()


# Units that come later --------------------------------------------------------------------------------------------


def test_a_unit_founded_later_owes_it_too(world: World, plan: Document) -> None:
    item = add_item(world, plan)
    plan.refresh_from_db()
    enforce(world, plan)
    system = system_account("installer")
    new = found_unit(system, world.city, code="W9", level="base", kind="phường", name="Phường 9")
    cell = found_unit(system, new, code="W9-1", level="cell", name="Chi bộ 1")
    found_unit(system, world.neighbour, code="N9", level="base", name="Phường khác")
    assert "W9" in owed(item)
    assert not cell.obligations.exists()
    assert Entry.objects.filter(action="directives.extend").count() == 1


def test_a_unit_whose_kind_changes_owes_what_the_new_kind_owes(world: World, plan: Document) -> None:
    item = add_item(world, plan, kinds=["xã"])
    plan.refresh_from_db()
    enforce(world, plan)
    assert owed(item) == set()
    change_unit(system_account("installer"), world.ward, code="W1", level="base", name="Xã 1", kind="xã")
    assert owed(item) == {"W1"}


def test_extending_again_adds_nothing(world: World, plan: Document) -> None:
    add_item(world, plan)
    plan.refresh_from_db()
    assert refusals_of(lambda: actions.extend(world.people["organiser"], plan)) == {"not_in_force": ""}
    enforce(world, plan)
    Obligation.objects.filter(unit=world.school).delete()
    assert actions.extend(world.people["organiser"], plan).obligations == 1
    assert actions.extend(world.people["organiser"], plan).obligations == 0


# Windows for the cycle --------------------------------------------------------------------------------------------


def test_congress_windows_of_plans_in_force(world: World, plan: Document) -> None:
    add_item(world, plan)
    pilot = {"task": "hold_pilot_congress", "mode": "named", "units": [world.school], "due": date(2025, 2, 27)}
    add_item(world, plan, **pilot, start=date(2025, 2, 1), provision="III.1")
    plan.refresh_from_db()
    units = [*world.wards, world.school, world.cell]
    assert reads.plan_windows(units) == ()
    enforce(world, plan)
    (window,) = reads.plan_windows(units)
    assert (window.unit, window.task, window.start, window.due) == (
        "S1", "hold_pilot_congress", date(2025, 2, 1), date(2025, 2, 27)
    )  # fmt: skip
    assert (window.document, window.provision) == ("268-KH/TU@2024-09-20", "III.1")
    assert reads.plan_windows([]) == ()


def test_facts_name_all_ancestors(world: World) -> None:
    facts = reads.facts_of([world.cell, world.centre])
    assert facts[world.cell.pk].ancestors == ("TW", "38", "D380", "W1")
    assert (facts[world.cell.pk].members, facts[world.centre.pk].parent) == (0, "")


# Counting ---------------------------------------------------------------------------------------------------------

CODES = ("W1", "W2", "W3", "W4", "S1", "W1-1")


@pytest.mark.once
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    level=st.sampled_from(["", "base", "cell"]),
    kinds=st.sets(st.sampled_from(["phường", "trường học", "chi bộ", "xã"])),
    mode=st.sampled_from(["all", "named", "except"]),
    named=st.sets(st.sampled_from(CODES), min_size=1),
)
def test_the_cascade_is_what_a_naive_count_finds(
    world: World, plan: Document, level: str, kinds: set[str], mode: str, named: set[str]
) -> None:
    def naive(unit: Unit) -> bool:
        chosen = mode == "all" or (mode == "named") == (unit.code in named)
        return chosen and level in ("", unit.level) and (not kinds or unit.kind in kinds)

    with transaction.atomic():
        units = list(Unit.objects.filter(code__in=named)) if mode != "all" else []
        item = add_item(
            world, Document.objects.get(pk=plan.pk), level=level, kinds=sorted(kinds), mode=mode, units=units
        )
        fresh = Document.objects.get(pk=plan.pk)
        preview = reads.cascade_preview(fresh)
        done = enforce(world, fresh)
        expected = {unit.code for unit in Unit.objects.filter(code__in=CODES) if naive(unit)}
        assert {unit.code for unit in preview.covers[0].units} == owed(item) == expected
        assert preview.obligations == done.obligations == len(expected)
        transaction.set_rollback(True)


def found_many(world: World, count: int) -> None:
    """Units straight into the table: through the door it would take the test's time, not the plan's."""
    house, city = world.city.organisation, world.city
    facts = {"organisation": house, "parent": city, "level": "base"}
    units = Unit.objects.bulk_create(Unit(code=f"X{n}", name=f"X {n}", **facts) for n in range(count))
    for unit in units:
        unit.path = city.path + step(unit.pk)
    Unit.objects.bulk_update(units, ["path"], batch_size=200)


def queries_to_enforce(world: World, plan: Document) -> int:
    with CaptureQueriesContext(connection) as captured:
        enforce(world, plan)
    return len([query for query in captured.captured_queries if "INSERT INTO" not in query["sql"]])


@pytest.mark.once
def test_a_thousand_units_take_no_more_reading_than_ten(world: World, plan: Document) -> None:
    add_item(world, plan)
    plan.refresh_from_db()
    few = queries_to_enforce(world, plan)
    many = register(world, "organiser", world.city, number="301", issued_on=date(2025, 1, 2))
    add_item(world, many)
    found_many(world, 1_000)
    many.refresh_from_db()
    with CaptureQueriesContext(connection) as captured:
        done = enforce(world, many)
    inserts = [query for query in captured.captured_queries if "INSERT INTO" in query["sql"]]
    assert done.obligations == 1_005
    assert len(captured) - len(inserts) <= few
    assert len(inserts) <= 20
