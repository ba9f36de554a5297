"""Reorganisations: plans take effect as a whole, the past stays readable, and what depends on nothing can be undone."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from django.http import Http404
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conventus.core.book import verify
from conventus.core.models import Entry
from conventus.core.rules import Refusal, each_of
from conventus.org import actions, reads
from conventus.org.models import Holding, Membership, ReorganisationPlan, Succession, Unit, UnitState
from conventus.org.reorganisation.judge import judged
from tests.rooms.org.house import START, TODAY, House, account

DAY = date(2025, 2, 1)
EVE = DAY - timedelta(days=1)


def wards(house: House) -> dict[str, Unit]:
    """Three wards of the city with a cell each and members of their own."""
    found: dict[str, Unit] = {}
    for code in "ABC":
        ward = actions.found_unit(
            house.system, house.city, code=code, level="base", kind="phường", name=f"Phường {code}", valid_from=START
        )
        found[code] = ward
        found[f"{code}x"] = actions.found_unit(
            house.system, ward, code=f"{code}x", level="cell", name=f"Chi bộ {code}", valid_from=START
        )
        for number in range(4):
            house.enrol(ward, f"{code}-{number}", f"Người {code} {number}")
            house.enrol(found[f"{code}x"], f"{code}1-{number}", f"Người {code}x {number}")
    return found


def step(old: str, new: str, rule: str = "", *, whole: bool = True, level: str = "base") -> dict[str, str]:
    share = "whole" if whole else "part"
    return {"level": level, "old_code": old, "new_code": new, "whole_or_part": share, "rule": rule}


def row(code: str, parent: str, name: str = "", level: str = "base", kind: str = "phường") -> dict[str, str]:
    return {"code": code, "parent_code": parent, "level": level, "kind": kind, "name": name or f"Đơn vị {code}"}


def plan_of(
    house: House, steps: Iterable[dict[str, str]] = (), units: Iterable[dict[str, str]] = (), **more: Any
) -> ReorganisationPlan:
    plan = actions.draft_plan(house.admin, house.city, **({"name": "Sắp xếp", "effective": DAY} | more))
    return actions.add_to_plan(house.admin, plan, steps=steps, units=units)


def merged(house: House) -> ReorganisationPlan:
    """A and B become N, and C is divided between N and the ward that stays."""
    wards(house)
    return plan_of(
        house,
        [step("A", "N"), step("B", "N"), step("C", "N", "50%", whole=False), step("C", "W1", "rest", whole=False)],
        [row("N", "C1", "Phường Mới")],
    )


def everything() -> dict[str, list[Any]]:
    """All that an export could show, in the order of keys."""
    return {
        "units": list(
            Unit.objects.order_by("pk").values_list(
                "pk", "code", "level", "kind", "name", "folded", "parent", "path", "valid_from", "valid_to"
            )
        ),
        "memberships": list(
            Membership.objects.order_by("pk").values_list(
                "pk", "person", "unit", "kind", "valid_from", "valid_to", "begun_by", "ended_by"
            )
        ),
        "holdings": list(Holding.objects.order_by("pk").values_list("pk", "post", "person", "valid_from", "valid_to")),
        "states": list(UnitState.objects.values_list("pk")),
        "successions": list(Succession.objects.values_list("pk")),
    }


def as_of(day: date) -> list[Any]:
    return [(one.code, one.level, one.name, one.path, one.valid_to) for one in reads.units_on(day)]


def members_of(day: date) -> dict[str, set[str]]:
    """Whose members each unit has on a day."""
    found: dict[str, set[str]] = {}
    for person, unit in reads.in_force(Membership.objects.all(), day).values_list("person__code", "unit__code"):
        found.setdefault(unit, set()).add(person)
    return found


def refused(call: Any) -> list[str]:
    with pytest.raises(Refusal) as caught, transaction.atomic():
        call()
    return [one.code for one in each_of(caught.value)]


# Taking effect ------------------------------------------------------------------------------------


def test_a_merger_takes_everybody_along(house: House) -> None:
    plan = merged(house)
    before, tree = members_of(EVE), as_of(EVE)
    actions.apply_plan(house.admin, plan)
    after = members_of(DAY)
    assert after["N"] >= before["A"] | before["B"]
    assert len(after["N"]) == 10
    assert after["N"] | after["W1"] == before["A"] | before["B"] | before["C"]
    assert members_of(EVE) == before
    assert as_of(EVE) == tree
    assert house.unit("Ax").parent == house.unit("N")
    assert house.unit("A").valid_to == EVE
    assert house.unit("N").path == house.city.path + house.unit("N").path[-6:]
    assert plan.outcome["members"] == 24
    assert {(row.old.code, row.new.code if row.new else "", row.members) for row in plan.successions.all()} == {
        ("A", "N", 4), ("B", "N", 4), ("C", "N", 2), ("C", "W1", 2), ("W1", "W1", 0),
    }  # fmt: skip


def test_the_book_has_a_line_for_every_unit(house: House) -> None:
    actions.apply_plan(house.admin, merged(house))
    lines = Entry.objects.filter(action="org.apply_plan")
    assert lines.filter(subject_type="org.succession").count() == 5
    assert lines.filter(subject_type="org.unit").count() == 3
    assert lines.get(subject_type="org.reorganisationplan").after["members"] == 24
    assert all(isinstance(found, int) for found in verify())


def test_paths_hold_everywhere(house: House) -> None:
    actions.apply_plan(house.admin, merged(house))
    check_tree()


def check_tree() -> None:
    """Each path is that of the superior and the unit's own step; nothing current hangs below something ended."""
    for unit in Unit.objects.select_related("parent"):
        assert unit.path[:-6] == (unit.parent.path if unit.parent else "")
        if unit.parent and unit.valid_to is None:
            assert unit.parent.valid_to is None, unit.code


def test_the_past_is_read_as_it_was(house: House) -> None:
    plan = merged(house)
    city, ward = house.city, house.unit("A")
    before = (
        sorted(reads.subtree(ward, EVE).values_list("code", flat=True)),
        reads.memberships_in(ward, EVE).count(),
        reads.member_counts([city, ward], EVE),
    )
    actions.apply_plan(house.admin, plan)
    ward = house.unit("A")
    after = (
        sorted(reads.subtree(ward, EVE).values_list("code", flat=True)),
        reads.memberships_in(ward, EVE).count(),
        reads.member_counts([city, ward], EVE),
    )
    assert after == before
    assert list(reads.subtree(ward, DAY)) == []
    assert reads.memberships_in(house.unit("N"), DAY).count() == 10 + 8
    assert reads.memberships_in(house.unit("N"), EVE).count() == 0


def test_successors_and_predecessors_are_known(house: House) -> None:
    actions.apply_plan(house.admin, merged(house))
    assert [unit.code for unit in reads.successors_on(house.unit("A"))] == ["N"]
    assert {unit.code for unit in reads.successors_on(house.unit("C"))} == {"N", "W1"}
    assert {row.old.code for row in reads.predecessions_of(house.unit("N"))} == {"A", "B", "C"}
    assert reads.reformed_on(house.unit("N")) == DAY
    assert reads.reformed_on(house.unit("Ax")) is None


def test_posts_of_ended_units_end(house: House) -> None:
    plan = merged(house)
    held = actions.appoint(
        house.system, house.unit("A"), post="secretary", person=house.person("A-0"), valid_from=START
    )
    actions.apply_plan(house.admin, plan)
    held.refresh_from_db()
    assert held.valid_to == EVE
    actions.undo_plan(house.admin, plan)
    held.refresh_from_db()
    assert held.valid_to is None


def test_memberships_that_end_later_or_begin_later(house: House) -> None:
    plan = merged(house)
    ending = Membership.objects.get(person__code="A-0")
    actions.end_membership(house.system, ending, on=date(2025, 2, 10))
    actions.enrol(house.system, house.unit("B"), code="B-new", name="Người mới", valid_from=date(2025, 2, 5))
    before = everything()
    actions.apply_plan(house.admin, plan)
    assert Membership.objects.get(person__code="A-0", unit__code="N").valid_to == date(2025, 2, 10)
    assert Membership.objects.get(person__code="B-new").unit == house.unit("N")
    actions.undo_plan(house.admin, plan)
    assert everything() == before


def test_the_plan_waits_for_its_day(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    wards(house)
    plan = plan_of(house, [step("A", "B"), step("B", "B")], effective=date(2025, 3, 1))
    assert refused(lambda: actions.apply_plan(house.admin, plan)) == ["org.plan_too_early"]
    actions.let_plan_wait(house.admin, plan)
    monkeypatch.setenv("CONVENTUS_TODAY", "2025-03-01")
    actions.apply_plan(house.admin, plan)
    assert house.unit("A").valid_to == date(2025, 2, 28)


# Who goes where -----------------------------------------------------------------------------------


def test_a_person_decides_where_nobody_else_does(house: House) -> None:
    wards(house)
    plan = plan_of(house, [step("C", "C", whole=False), step("C", "A", whole=False), step("A", "A")])
    found = judged(plan)
    assert (dict(found.undecided), found.reform.unplaced) == ({"C": 4}, ("Cx",))
    assert "org.plan_not_ready" in refused(lambda: actions.apply_plan(house.admin, plan))
    two = [house.person("C-0"), house.person("C-1")]
    actions.place_members(house.admin, plan, number=2, people=two, units=[house.unit("Cx")])
    assert dict(judged(plan).undecided) == {"C": 2}
    actions.rule_part(house.admin, plan, number=1, rule="rest")
    actions.apply_plan(house.admin, plan)
    assert {"C-0", "C-1"} <= members_of(DAY)["A"]
    assert members_of(DAY)["C"] == {"C-2", "C-3"}
    assert house.unit("Cx").parent == house.unit("A")


def test_only_members_of_the_divided_unit_are_placed(house: House) -> None:
    wards(house)
    plan = plan_of(house, [step("C", "C", whole=False), step("C", "A", whole=False), step("A", "A")])
    stranger = house.person("B-0")
    assert refused(lambda: actions.place_members(house.admin, plan, number=2, people=[stranger])) == [
        "org.not_of_divided"
    ]
    assert refused(lambda: actions.place_members(house.admin, plan, number=2, units=[house.unit("Bx")])) == [
        "org.not_of_divided"
    ]
    assert refused(lambda: actions.rule_part(house.admin, plan, number=99, rule="rest")) == ["org.step_gone"]


# Undoing ------------------------------------------------------------------------------------------


def test_undoing_puts_every_row_back(house: House) -> None:
    plan = merged(house)
    before = everything()
    actions.apply_plan(house.admin, plan)
    actions.undo_plan(house.admin, plan, reason="Sai quyết định")
    assert everything() == before
    assert plan.state == ReorganisationPlan.State.UNDONE
    assert Entry.objects.filter(action="org.undo_plan").count() > 1
    assert all(isinstance(found, int) for found in verify())
    assert refused(lambda: actions.undo_plan(house.admin, plan)) == ["org.plan_not_applied"]


def test_what_has_happened_since_stands_against_undoing(house: House) -> None:
    plan = merged(house)
    actions.apply_plan(house.admin, plan)
    new = house.unit("N")
    account("organiser2", new, "organiser")
    house.enrol(new, "N-1", "Người mới")
    actions.change_unit(house.admin, house.unit("Ax"), code="Ax", level="cell", name="Tên khác", valid_from=START)
    assert set(refused(lambda: actions.undo_plan(house.admin, plan))) == {
        "org.undo_changed",
        "org.undo_members",
        "org.undo_rows",
    }


def test_a_later_plan_is_undone_first(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    first = merged(house)
    actions.apply_plan(house.admin, first)
    second = plan_of(house, [], [row("N", "C1", "Tên khác nữa")], effective=DAY + timedelta(days=5))
    actions.apply_plan(house.admin, second)
    assert [one.name for one in reads.units_on(DAY) if one.code == "N"] == ["Phường Mới"]
    assert "org.undo_rows" in refused(lambda: actions.undo_plan(house.admin, first))
    actions.undo_plan(house.admin, second)
    assert house.unit("N").name == "Phường Mới"


def test_history_is_written_forward_only(house: House) -> None:
    actions.apply_plan(house.admin, merged(house))
    earlier = plan_of(house, [], [row("Ax", "N", "Chi bộ khác", "cell")], effective=DAY - timedelta(days=10))
    assert "org.reorganised_since" in refused(lambda: actions.apply_plan(house.admin, earlier))


# Rights -------------------------------------------------------------------------------------------


def test_who_may_not(house: House) -> None:
    plan = merged(house)
    for who in (house.viewer, house.below, house.beside, house.stranger):
        assert refused(lambda who=who: actions.apply_plan(who, plan)) == ["core.not_permitted"]
        assert refused(lambda who=who: actions.draft_plan(who, house.city, name="x", effective=DAY)) == [
            "core.not_permitted"
        ]
    assert refused(lambda: actions.draft_plan(house.admin, house.organisation, name="x", effective=DAY)) == [
        "core.not_permitted"
    ]


def test_a_former_unit_is_seen_by_those_who_see_its_successor(house: House) -> None:
    actions.apply_plan(house.admin, merged(house))
    mine = account("new.officer", house.unit("N"), "organiser")
    assert reads.unit_for(mine, house.unit("A").pk).code == "A"
    assert {one.code for one in reads.tree_on(mine, EVE)} == {"A", "Ax", "B", "Bx", "C", "Cx"}
    assert reads.tree_on(house.beside, EVE)[0].code == "C2"
    for other in (house.beside, house.stranger, house.below):
        with pytest.raises(Http404):
            reads.unit_for(other, house.unit("B").pk)


def test_a_draft_is_changed_and_dropped(house: House) -> None:
    wards(house)
    plan = plan_of(house, [step("A", "B"), step("B", "B")])
    actions.change_plan(house.admin, plan, name="Tên mới", effective=date(2025, 2, 3), decision="12-QĐ/TU")
    actions.add_to_plan(house.admin, plan, units=[row("C", "C1", "Phường C mới")])
    actions.remove_from_plan(house.admin, plan, group=2)
    assert plan.tree.count() == 0
    assert refused(lambda: actions.remove_from_plan(house.admin, plan, group=2)) == ["org.step_gone"]
    actions.drop_plan(house.admin, plan)
    assert refused(lambda: actions.add_to_plan(house.admin, plan, steps=[step("A", "B")])) == ["org.plan_not_draft"]
    assert refused(lambda: actions.apply_plan(house.admin, plan)) == ["org.plan_not_draft"]


# Properties ---------------------------------------------------------------------------------------

COMMUNES = ["A", "B", "C", "W1"]


@st.composite
def random_steps(draw: st.DrawFn) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Steps over the wards: each stays, goes to another or a new one, or is divided among several."""
    steps: list[dict[str, str]] = []
    for code in COMMUNES:
        news = draw(st.lists(st.sampled_from([*COMMUNES, "N1", "N2"]), max_size=3, unique=True))
        rules = ["rest", "30%", "40%"][: len(news)]
        for new, rule in zip(news, rules, strict=True):
            steps.append(step(code, new, rule if len(news) > 1 else "", whole=len(news) == 1))
    if draw(st.booleans()):
        steps.append(step("C1", "P1", level="district"))
    return steps, [row("N1", draw(st.sampled_from(["P1", "C2"]))), row("N2", "C2")]


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(plan=random_steps())
def test_whatever_the_plan_nobody_is_lost_and_undoing_is_complete(
    house: House, plan: tuple[list[dict[str, str]], list[dict[str, str]]]
) -> None:
    with transaction.atomic():
        _try(deepcopy(house), *plan)
        transaction.set_rollback(True)


def _try(house: House, steps: list[dict[str, str]], units: list[dict[str, str]]) -> None:
    wards_of(house)
    drafted = actions.draft_plan(house.system, house.province, name="x", effective=DAY)
    actions.add_to_plan(house.system, drafted, steps=steps, units=units)
    before, tree, rows = members_of(EVE), as_of(EVE), everything()
    found = judged(drafted)
    if not found.ready:
        assert "org.plan_not_ready" in refused(lambda: actions.apply_plan(house.system, drafted))
        assert everything() == rows
        return
    actions.apply_plan(house.system, drafted)
    after = members_of(DAY)
    assert sorted(p for people in before.values() for p in people) == sorted(p for one in after.values() for p in one)
    for ways in drafted.successions.select_related("old", "new"):
        if ways.whole and ways.new:
            assert before.get(ways.old.code, set()) <= after.get(ways.new.code, set())
    for code, people in after.items():
        came = drafted.successions.filter(new__code=code).aggregate(total=Sum("members"))["total"]
        assert came is None or came == len(people)
    check_tree()
    assert members_of(EVE) == before
    assert as_of(EVE) == tree
    actions.undo_plan(house.system, drafted)
    assert everything() == rows
    check_tree()


def wards_of(house: House) -> None:
    """The wards under codes that do not meet those of the house, and members in the house's own ward."""
    found = {}
    for code in "ABC":
        found[code] = actions.found_unit(
            house.system, house.city, code=code, level="base", kind="phường", name=f"Phường {code}", valid_from=START
        )
        actions.found_unit(house.system, found[code], code=f"{code}x", level="cell", name=f"Chi bộ {code}")
        for number in range(3):
            house.enrol(found[code], f"{code}-{number}", f"Người {code} {number}")
    house.enrol(house.ward, "W-1", "Người W")
    assert TODAY >= DAY
