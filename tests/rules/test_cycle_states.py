"""The way of a congress, generation, contents, age and progress."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conventus.cycle import rules as law
from conventus.directives.rules import PlanItem, UnitFacts, obligations_due
from tests.rules.laws import CLUB_CYCLE, CYCLE, DAY, DIRECTIVES, always, refused

STATE = st.sampled_from(law.STATES)


def reachable(calendar: law.Law) -> set[str]:
    found, todo = {"planned"}, ["planned"]
    while todo:
        steps = set(law.next_states(calendar, todo.pop(), DAY)) - found
        found |= steps
        todo += steps
    return found


def test_the_party_s_way_step_by_step() -> None:
    assert {state: law.next_states(CYCLE, state, DAY) for state in law.STATES} == {
        "planned": ("dated",),
        "dated": ("submitted",),
        "submitted": ("returned", "approved"),
        "returned": ("submitted",),
        "approved": ("open",),
        "open": ("held",),
        "held": ("filed",),
        "filed": ("sent_back", "recognised"),
        "sent_back": ("filed",),
        "recognised": (),
    }


def test_the_party_goes_every_step() -> None:
    assert reachable(CYCLE) == set(law.STATES)
    assert law.next_states(CYCLE, "recognised", DAY) == ()


def test_an_association_skips_what_it_does_not_have() -> None:
    assert reachable(CLUB_CYCLE) == {"planned", "dated", "open", "held", "filed"}
    assert law.is_finished(CLUB_CYCLE, "filed", DAY)
    assert not law.is_finished(CYCLE, "filed", DAY)


@given(STATE, STATE, st.booleans(), st.booleans())
def test_only_the_next_states_are_allowed(state: str, to: str, appraised: bool, recognised: bool) -> None:
    calendar = replace(CYCLE, appraisal_required=always(appraised), recognition_required=always(recognised))
    if to in law.next_states(calendar, state, DAY):
        law.check_transition(calendar, state, to, DAY)
    else:
        assert refused(lambda: law.check_transition(calendar, state, to, DAY)) == ["cycle.step_not_allowed"]


@given(STATE)
def test_every_state_has_one_phase(state: str) -> None:
    assert [phase for phase, states in law.PHASES.items() if state in states] == [law.phase_of(state)]


@given(st.lists(STATE))
def test_progress_adds_up(states: list[str]) -> None:
    found = law.progress(states)
    assert sum(found.counts.values()) == found.total == len(states)
    assert found.finished <= found.held <= found.total
    assert tuple(found.counts) == law.STATES
    assert 0 <= found.held_share <= 1


def test_submitting_needs_the_required_milestones() -> None:
    done = law.MilestoneState("documents", "documents ready", True, DAY)
    late = law.MilestoneState("programme", "programme ready", True)
    law.check_ready_to_submit([done, law.MilestoneState("notice", "opening announced", False)])
    assert refused(lambda: law.check_ready_to_submit([done, late, late])) == ["cycle.not_ready"] * 2


def test_returning_needs_findings_with_text() -> None:
    law.check_findings(["The draft names no shortcomings."])
    assert refused(lambda: law.check_findings([])) == ["cycle.nothing_to_mend"]
    assert refused(lambda: law.check_findings(["ok", " "])) == ["cycle.finding_empty"]


# Generation --------------------------------------------------------------------------------------

CITY = ("P01", "D380")
UNITS = [
    UnitFacts("D380", "district", ancestors=("P01",), members=9000),
    UnitFacts("B1", "base", ancestors=CITY, members=360),
    UnitFacts("B2", "base", ancestors=CITY, members=80),
    UnitFacts("B2.1", "cell", ancestors=(*CITY, "B2"), members=12),
    UnitFacts("V", "village", ancestors=CITY),
]
PLAN = [
    PlanItem(
        "hold_pilot_congress", date(2025, 2, 27), date(2025, 2, 10), "base", mode="named", units=("B1",), document="268"
    ),
    PlanItem("hold_congress", date(2025, 4, 30), date(2025, 3, 1), "base", document="268"),
    PlanItem("report_lessons", date(2025, 2, 28), None, "base", mode="named", units=("B1",), document="268"),
]


def test_a_cycle_is_generated_from_pack_and_plan() -> None:
    owed = obligations_due(PLAN, UNITS)
    drafts = {one.unit: one for one in law.congress_plan(UNITS, CYCLE, DIRECTIVES.tasks, owed, date(2025, 2, 20))}
    assert set(drafts) == {"D380", "B1", "B2", "B2.1"}
    assert (drafts["B1"].pilot, drafts["B2"].pilot) == (True, False)
    assert (drafts["B1"].window.opens, drafts["B1"].window.closes) == (date(2025, 2, 10), date(2025, 2, 27))
    assert (drafts["B2"].window.opens, drafts["B2"].window.closes) == (date(2025, 3, 1), date(2025, 4, 30))
    assert [drafts[key].form for key in ("D380", "B1", "B2", "B2.1")] == [
        "delegates",
        "delegates",
        "members",
        "members",
    ]
    assert [drafts[key].half_days.value for key in ("D380", "B1", "B2.1")] == [6, 4, 2]
    assert {one.contents for one in drafts.values()} == {4}
    assert all(one.milestones[-1].due < one.window.closes for one in drafts.values())


@given(st.integers(0, 400))
def test_size_decides_the_form(members: int) -> None:
    """DEL-2: fewer than 200 members meet in full."""
    form = law.congress_form(CYCLE, UnitFacts("X", "base", members=members), DAY)
    assert form == ("members" if members < 200 else "delegates")


def test_unknown_size_means_delegates() -> None:
    assert law.congress_form(CYCLE, UnitFacts("X", "base"), DAY) == "delegates"


# Contents and age --------------------------------------------------------------------------------

LATE = date(2025, 7, 10)


def test_contents_decide_what_is_elected() -> None:
    modes = [law.check_contents(CYCLE, number, True, True, LATE) for number in (4, 3, 2)]
    assert [one.committee_mode.at(LATE).value for one in modes] == ["elected", "unchanged", "appointed"]
    assert [one.delegates_mode.at(LATE).value for one in modes] == ["elected", "elected", "appointed"]
    assert [len(one.items.at(LATE).value) for one in modes] == [4, 3, 2]


@pytest.mark.parametrize(
    ("contents", "reorganised", "agreed", "on", "code"),
    [
        (5, True, True, LATE, "cycle.contents_unknown"),
        (3, True, True, DAY, "cycle.contents_not_yet"),
        (2, False, True, LATE, "cycle.contents_not_reorganised"),
        (3, False, False, LATE, "cycle.contents_need_consent"),
    ],
)
def test_contents_that_cannot_be(contents: int, reorganised: bool, agreed: bool, on: date, code: str) -> None:
    assert refused(lambda: law.check_contents(CYCLE, contents, reorganised, agreed, on)) == [code]


@given(st.integers(1, 12), st.integers(2025, 2035))
def test_months_left_follow_the_directive_in_force(month: int, year: int) -> None:
    """PER-3: 30 months under Directive 35, 48 under Directive 45."""
    leaves = f"{year}-{month:02}"
    left = law.months_between("2025-04", leaves)
    for on, least in ((date(2025, 4, 13), 30), (date(2025, 4, 14), 48)):
        if left >= least:
            assert law.check_months_left(CYCLE, "reelected", "base", leaves, on) == left
        else:
            codes = refused(lambda on=on: law.check_months_left(CYCLE, "reelected", "base", leaves, on))  # type: ignore[misc]
            assert codes == ["cycle.months_short"]
