"""The way of a congress, verb by verb: what works, and what law, role and phase refuse."""

from __future__ import annotations

from datetime import date

import pytest

from conventus.core.models import Entry
from conventus.core.rules import Refusal
from conventus.cycle import actions, hooks
from conventus.cycle.facts import Wish
from conventus.cycle.models import Congress
from conventus.directives.models import Obligation

from .conftest import World

MARCH_20 = date(2025, 3, 20)


def refused(code: str) -> pytest.RaisesExc[Refusal]:
    return pytest.RaisesExc(Refusal, check=lambda refusal: refusal.code == code)


def test_whole_way(world: World) -> None:
    congress = world.filed("W1", MARCH_20)
    actions.recognise(world.people["appraiser"], congress, document_symbol="77-QĐ/TU")
    congress = world.congress("W1")
    assert [state for state, _ in congress.trail] == [
        "planned", "dated", "submitted", "approved", "open", "held", "filed", "recognised",
    ]  # fmt: skip
    assert congress.ends_on == MARCH_20
    done = Obligation.objects.filter(unit=congress.unit, state="done").values_list("task", flat=True)
    assert set(done) == {"hold_congress", "report_result"}
    verbs = Entry.objects.filter(subject_type="cycle.congress", subject_id=congress.pk).order_by("seq")
    assert verbs.values_list("action", flat=True).last() == "cycle.recognise"


def test_date_is_refused_by_law(world: World) -> None:
    for day, code in [
        (date(2025, 2, 27), "cycle.before_window"),
        (date(2025, 4, 29), "cycle.after_window"),
        (date(2025, 4, 7), "cycle.on_holiday"),
    ]:
        with pytest.raises(Refusal) as found:
            world.date("W1", day, half_days=4)
        codes = [one.code for one in getattr(found.value, "refusals", [found.value])]
        assert code in codes
    with refused("cycle.too_long"):
        world.date("W1", MARCH_20, half_days=5)
    with refused("cycle.venue_missing"):
        world.date("W1", MARCH_20, venue=" ")


def test_children_before_parent_both_ways(world: World) -> None:
    world.date("W1-1", date(2025, 3, 24), "cell")
    with refused("cycle.before_child"):
        world.date("W1", date(2025, 3, 24), "ward")
    world.date("W1", date(2025, 3, 26), "ward")
    with refused("cycle.after_parent"):
        world.date("W1-2", date(2025, 3, 26))


def test_pilots_before_the_wave_both_ways(world: World) -> None:
    world.date("W1", date(2025, 3, 3), half_days=1)
    world.date("W5", date(2025, 2, 26), half_days=1)
    Congress.objects.filter(unit__code="W5").update(window_to=date(2025, 3, 10))
    with refused("cycle.wave_before_pilot"):
        world.date("W5", date(2025, 3, 3), half_days=1)


def test_many_dates_all_or_nothing(world: World) -> None:
    wishes = {
        world.congress("W1").pk: Wish(MARCH_20, venue="Hall"),
        world.congress("W2").pk: Wish(date(2025, 4, 7), venue="Hall"),
    }
    with pytest.raises(actions.RowRefusals) as found:
        actions.set_dates(world.people["organiser"], world.units["D380"], cycle=world.cycle, wishes=wishes)
    assert list(found.value.rows) == [world.congress("W2").pk]
    assert not Congress.objects.exclude(starts_on=None).exists()
    wishes[world.congress("W2").pk] = Wish(date(2025, 4, 8), venue="Hall")
    actions.set_dates(world.people["organiser"], world.units["D380"], cycle=world.cycle, wishes=wishes)
    assert world.congress("W2").ends_on == date(2025, 4, 9)
    lines = Entry.objects.filter(action="cycle.set_date")
    assert lines.count() == 2
    assert lines.first().office == "organiser @ D380"  # type: ignore[union-attr]


def test_many_dates_need_the_right_on_each(world: World) -> None:
    wishes = {world.congress("W1").pk: Wish(MARCH_20, venue="Hall")}
    for name in ("viewer", "appraiser"):
        with pytest.raises(actions.RowRefusals):
            actions.set_dates(world.people[name], world.units["D380"], cycle=world.cycle, wishes=wishes)
    with refused("core.not_permitted"):
        actions.set_dates(world.people["ward"], world.units["D380"], cycle=world.cycle, wishes=wishes)


def test_stale_row_is_refused(world: World) -> None:
    congress = world.congress("W1")
    world.date("W1", MARCH_20)
    with refused("core.changed_meanwhile"):
        actions.set_date(world.people["ward"], congress, starts_on=MARCH_20, venue="X")


def test_moving_the_date_recounts_milestones_and_the_notice(world: World) -> None:
    world.date("W1", MARCH_20, "ward")
    world.report_all("W1")
    before = {step.key: step.due for step in world.congress("W1").milestones.all()}
    world.date("W1", date(2025, 4, 10), "ward")
    after = {step.key: step for step in world.congress("W1").milestones.all()}
    assert after["documents"].due > before["documents"]  # type: ignore[operator]
    assert after["documents"].reported_on
    assert after["notice"].reported_on is None


def test_submit_needs_date_and_milestones(world: World) -> None:
    with pytest.raises(Refusal, match="has no date"):
        actions.submit(world.people["ward"], world.congress("W1"))
    world.date("W1", MARCH_20)
    with pytest.raises(Refusal) as found:
        actions.submit(world.people["ward"], world.congress("W1"))
    assert {one.field for one in found.value.refusals} == {"documents", "personnel", "programme"}  # type: ignore[attr-defined]


def test_superior_decides_never_the_unit(world: World) -> None:
    congress = world.submitted("W1", MARCH_20)
    for name in ("ward", "ward_appraiser", "organiser", "neighbour_appraiser", "viewer", "stranger"):
        with refused("core.not_permitted"):
            actions.approve(world.people[name], congress)
    with refused("cycle.nothing_to_mend"):
        actions.return_with_findings(world.people["appraiser"], congress, findings=[])
    actions.return_with_findings(world.people["appraiser"], congress, findings=["Bổ sung chỉ tiêu."])
    assert world.congress("W1").reviews.get().findings == ["Bổ sung chỉ tiêu."]
    actions.submit(world.people["ward"], world.congress("W1"))
    actions.approve(world.people["appraiser"], world.congress("W1"))
    assert world.congress("W1").milestones.get(key="appraisal").reported_on == date(2025, 2, 20)


def test_own_congress_of_the_city_is_for_the_province(world: World) -> None:
    Congress.objects.filter(unit__code="D380").update(
        state="submitted", starts_on=date(2025, 7, 1), ends_on=date(2025, 7, 2)
    )
    with refused("core.not_permitted"):
        actions.approve(world.people["appraiser"], world.congress("D380"))
    actions.approve(world.people["province_appraiser"], world.congress("D380"))
    assert world.congress("D380").state == "approved"


def test_date_while_with_superior_and_after_approval(world: World) -> None:
    congress = world.submitted("W1", MARCH_20)
    with refused("cycle.date_with_superior"):
        world.date("W1", date(2025, 3, 25), "ward")
    actions.approve(world.people["appraiser"], congress)
    with refused("cycle.date_approved"):
        world.date("W1", date(2025, 3, 25), "ward")
    assert world.date("W1", date(2025, 3, 25), "organiser").state == "approved"


def test_withdraw_date(world: World) -> None:
    world.date("W1", MARCH_20)
    actions.withdraw_date(world.people["ward"], world.congress("W1"))
    assert (world.congress("W1").state, world.congress("W1").starts_on) == ("planned", None)
    with refused("cycle.no_date"):
        actions.withdraw_date(world.people["ward"], world.congress("W1"))


def test_opening(world: World) -> None:
    congress = world.approved("W1", MARCH_20)
    facts = {"summoned": 60, "present": 61}
    with pytest.raises(Refusal) as found:
        actions.open_congress(world.people["ward"], congress, **facts)
    codes = {one.code for one in found.value.refusals}  # type: ignore[attr-defined]
    assert codes == {"cycle.too_early", "cycle.attendance_more", "cycle.children_not_held"}
    world.set_today(MARCH_20)
    Congress.objects.filter(unit__parent__code="W1").update(state="held")
    actions.open_congress(world.people["ward"], world.congress("W1"), summoned=60, present=58)
    with refused("core.not_permitted"):
        actions.report_milestone(world.people["ward"], world.congress("W1").milestones.first())  # type: ignore[arg-type]


def test_result_waits_for_the_rooms_above(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    congress = world.held("W1", MARCH_20)
    waiting = Refusal("cycle.no_date_yet")
    Congress.objects.filter(pk=congress.pk).update(state="open")
    monkeypatch.setattr(hooks, "READY_CHECKS", [lambda row: [waiting] if row.pk == congress.pk else []])
    with refused("cycle.no_date_yet"):
        actions.close_congress(world.people["ward"], world.congress("W1"))
    Congress.objects.filter(pk=congress.pk).update(state="held")
    with refused("cycle.no_date_yet"):
        actions.file_result(world.people["ward"], world.congress("W1"))
    monkeypatch.setattr(hooks, "READY_CHECKS", [])
    actions.file_result(world.people["ward"], world.congress("W1"))
    actions.send_back(world.people["appraiser"], world.congress("W1"), findings=["Thiếu biên bản."])
    assert world.congress("W1").state == "sent_back"
    actions.file_result(world.people["ward"], world.congress("W1"))


def test_milestones(world: World) -> None:
    world.date("W1", MARCH_20)
    steps = {step.key: step for step in world.congress("W1").milestones.all()}
    with refused("cycle.superiors_step"):
        actions.report_milestone(world.people["ward"], steps["appraisal"])
    actions.report_milestone(world.people["ward"], steps["documents"], note="Lần 3")
    with refused("cycle.reported_already"):
        actions.report_milestone(world.people["ward"], steps["documents"])
    actions.undo_report(world.people["ward"], steps["documents"])
    for name in ("sister", "viewer", "cell", "appraiser"):
        with refused("core.not_permitted"):
            actions.report_milestone(world.people[name], world.congress("W1").milestones.get(key="documents"))
    world.report_all("W1")
    actions.submit(world.people["ward"], world.congress("W1"))
    with refused("cycle.with_superior"):
        actions.undo_report(world.people["ward"], world.congress("W1").milestones.get(key="documents"))
