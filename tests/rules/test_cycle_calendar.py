"""Windows, working days, schedules, order and notice of congresses."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from conventus.core.rules import Refusal
from conventus.cycle import rules as law
from tests.rules.laws import CLUB_CYCLE, CYCLE, DAY, always, refused

ONE = timedelta(days=1)
DAYS = st.dates(date(2025, 1, 1), date(2025, 12, 31))
HOLIDAYS = st.sets(DAYS, max_size=20)
LEVELS = st.sampled_from(sorted(CYCLE.levels))
WINDOW = law.congress_window(CYCLE, "base", False, [], DAY)
YEAR = law.Window(date(2025, 1, 1), date(2025, 12, 31), WINDOW.why)
FACTS = law.DateFacts("base", date(2025, 4, 15), WINDOW, half_days=4, announced=date(2025, 1, 2))


def plans(start: date | None, due: date | None) -> list[law.PlanWindow]:
    return [law.PlanWindow(start, due, "268-KH/TU@2024-09-20")]


@given(LEVELS, st.booleans(), DAYS, DAYS)
def test_a_plan_only_narrows(level: str, pilot: bool, start: date, due: date) -> None:
    wide = law.congress_window(CYCLE, level, pilot, [], DAY)
    opens, closes = max(wide.opens, start), min(wide.closes, due)
    if opens <= closes:
        window = law.congress_window(CYCLE, level, pilot, plans(start, due), DAY)
        assert (window.opens, window.closes) == (opens, closes)
    else:
        codes = refused(lambda: law.congress_window(CYCLE, level, pilot, plans(start, due), DAY))
        assert codes == ["cycle.window_empty"]


@given(DAYS, DAYS)
def test_the_window_names_its_binding_clauses(start: date, due: date) -> None:
    assume(max(WINDOW.opens, start) <= min(WINDOW.closes, due))
    window = law.congress_window(CYCLE, "base", False, plans(start, due), DAY)
    for side in ("opens", "closes"):
        assert window.binding(side).day == getattr(window, side)
    assert (window.binding("opens").cite.document == "268-KH/TU@2024-09-20") == (start > WINDOW.opens)


def test_a_level_without_congress() -> None:
    assert refused(lambda: law.congress_window(CYCLE, "village", False, [], DAY)) == ["cycle.level_without_congress"]


@given(DAYS, st.integers(0, 60), HOLIDAYS)
def test_working_days_before_counts_them(day: date, number: int, holidays: set[date]) -> None:
    found = law.working_days_before(day, number, holidays)
    span = [found + ONE * ahead for ahead in range((day - found).days)]
    assert sum(law.is_working_day(one, holidays) for one in span) == number
    assert number == 0 or law.is_working_day(found, holidays)


@given(DAYS, st.integers(0, 30), st.integers(0, 30), HOLIDAYS)
def test_more_notice_is_earlier(day: date, less: int, more: int, holidays: set[date]) -> None:
    first, second = sorted((less, more))
    assert law.working_days_before(day, second, holidays) <= law.working_days_before(day, first, holidays)


@given(DAYS, st.sampled_from(["am", "pm"]), st.integers(1, 12), HOLIDAYS)
def test_a_schedule_has_its_half_days(start: date, half: str, half_days: int, closed: set[date]) -> None:
    found = law.schedule_of(start, half, half_days, closed)
    slots = 2 * len(found.days) - (half == "pm") - (found.end_half == "am")
    assert slots == half_days
    assert found.days[0] == start
    assert found.end == found.days[-1]
    assert list(found.days) == sorted(set(found.days))
    assert not set(found.days[1:]) & closed


@given(DAYS, st.integers(1, 12), HOLIDAYS)
def test_no_open_day_is_left_out(start: date, half_days: int, closed: set[date]) -> None:
    found = law.schedule_of(start, "am", half_days, closed)
    between = {start + ONE * ahead for ahead in range((found.end - start).days + 1)}
    assert between - set(found.days) <= closed


def test_a_good_date() -> None:
    assert law.check_date(CYCLE, FACTS, {}) == ()


@given(DAYS, st.integers(1, 4))
def test_inside_the_window_or_refused(start: date, half_days: int) -> None:
    facts = replace(FACTS, start=start, half_days=half_days, announced=date(2024, 11, 1))
    end = law.end_of(CYCLE, facts, {}).end
    if WINDOW.opens <= start and end <= WINDOW.closes:
        assert law.check_date(CYCLE, facts, {}) == ()
    else:
        assert set(refused(lambda: law.check_date(CYCLE, facts, {}))) <= {"cycle.before_window", "cycle.after_window"}


def test_the_last_sitting_counts_for_the_window_not_the_first() -> None:
    last = replace(FACTS, start=WINDOW.closes, half_days=2)
    assert law.check_date(CYCLE, last, {}) == ()
    assert refused(lambda: law.check_date(CYCLE, replace(last, half_days=3), {})) == ["cycle.after_window"]
    assert refused(lambda: law.check_date(CYCLE, replace(last, half="pm"), {})) == ["cycle.after_window"]


@given(DAYS, DAYS)
def test_a_parent_comes_after_its_child_seen_from_both(parent: date, child: date) -> None:
    """CAL-11: what the parent's check refuses, the child's check refuses too, and the other way round."""
    calendar = replace(CYCLE, child_precedence=always("warning"))
    facts = law.DateFacts("base", DAY, YEAR, announced=date(2024, 6, 1))
    ours = replace(facts, start=parent, children=(law.Dated("cell", child, child),))
    theirs = replace(facts, start=child, parent=law.Dated("ward", parent, parent))
    found = [one.code for side in (ours, theirs) for one in law.check_date(calendar, side, {})]
    assert found == ([] if child < parent else ["cycle.before_child", "cycle.after_parent"])


@given(st.lists(DAYS, min_size=1, max_size=5), st.integers(0, 5))
def test_the_last_child_decides(ends: list[date], gap: int) -> None:
    calendar = replace(CYCLE, child_gap_days=always(gap))
    children = tuple(law.Dated(f"cell {number}", end, end) for number, end in enumerate(ends))
    facts = replace(FACTS, children=children)
    if FACTS.start > max(ends) + ONE * gap:
        assert law.check_date(calendar, facts, {}) == ()
    else:
        assert refused(lambda: law.check_date(calendar, facts, {})) == ["cycle.before_child"]


def test_precedence_can_be_a_warning() -> None:
    calendar = replace(CYCLE, child_precedence=always("warning"))
    facts = replace(FACTS, children=(law.Dated("cell", FACTS.start, FACTS.start),))
    assert [one.code for one in law.check_date(calendar, facts, {})] == ["cycle.before_child"]


def test_pilots_come_first_and_only_they_may_ignore_it() -> None:
    pilots = (law.Dated("pilot", date(2025, 4, 13), date(2025, 4, 14)), law.Dated("late pilot"))
    facts = replace(FACTS, pilots=pilots)
    assert refused(lambda: law.check_date(CYCLE, facts, {})) == ["cycle.before_pilot"]
    assert law.check_date(CYCLE, replace(facts, pilot=True), {}) == ()
    later = law.check_date(CYCLE, replace(facts, start=date(2025, 4, 16)), {})
    assert [one.code for one in later] == ["cycle.pilot_undated"]


def test_units_without_a_date_are_counted_and_some_named() -> None:
    children = tuple(law.Dated(f"cell {number}") for number in range(7))
    (finding,) = law.check_date(CYCLE, replace(FACTS, children=children), {})
    assert finding.params["count"] == 7
    assert str(finding.params["units"]).endswith("cell 4…")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"half_days": 0}, "cycle.too_short"),
        ({"half_days": 5}, "cycle.too_long"),
        ({"preparatory": 2}, "cycle.preparatory_too_long"),
        ({"preparatory": 1, "half_days": 1}, "cycle.preparatory_whole"),
        ({"start": date(2025, 4, 30), "announced": date(2025, 1, 2)}, "cycle.on_holiday"),
    ],
)
def test_lengths_and_days_that_cannot_be(change: dict[str, object], code: str) -> None:
    holidays = {date(2025, 4, 30): "Reunification Day"}
    facts = replace(FACTS, **change)  # type: ignore[arg-type]
    assert refused(lambda: law.check_date(CYCLE, facts, holidays)) == [code]


def test_a_holiday_is_named() -> None:
    with pytest.raises(Refusal, match="Reunification Day"):
        law.check_date(CYCLE, replace(FACTS, start=date(2025, 4, 30)), {date(2025, 4, 30): "Reunification Day"})


@given(DAYS)
def test_closed_weekdays(start: date) -> None:
    calendar = replace(CYCLE, closed_weekdays=always((7,)))
    facts = replace(FACTS, start=start, half_days=1, window=YEAR, announced=date(2024, 1, 1))
    if start.isoweekday() == 7:
        assert refused(lambda: law.check_date(calendar, facts, {})) == ["cycle.on_closed_weekday"]
    else:
        assert law.check_date(calendar, facts, {}) == ()


def test_notice() -> None:
    due = law.working_days_before(FACTS.start, 30, ())
    assert law.check_date(CYCLE, replace(FACTS, announced=due), {}) == ()
    short = law.check_date(CYCLE, replace(FACTS, announced=due + ONE), {})
    assert [(one.code, one.severity) for one in short] == [("cycle.notice_short", "warning")]
    missing = replace(FACTS, announced=None)
    assert law.check_date(CYCLE, missing, {}, today=due) == ()
    assert [one.code for one in law.check_date(CYCLE, missing, {}, today=due + ONE)] == ["cycle.notice_missing"]


def test_notice_can_be_refused() -> None:
    window = law.congress_window(CLUB_CYCLE, "association", False, [], DAY)
    facts = law.DateFacts("association", date(2025, 5, 10), window, announced=date(2025, 4, 30))
    assert refused(lambda: law.check_date(CLUB_CYCLE, facts, {})) == ["cycle.notice_short"]


@given(DAYS, st.sampled_from(["province", "district", "base", "cell"]), HOLIDAYS)
def test_milestones_are_in_order_and_before_the_opening(start: date, level: str, holidays: set[date]) -> None:
    found = law.milestones_of(CYCLE, level, start, holidays)
    assert [one.order for one in found] == list(range(1, 6))
    assert [one.key for one in found] == ["documents", "personnel", "programme", "appraisal", "notice"]
    assert [one.due for one in found] == sorted(one.due for one in found)
    assert found[-1].due < start
    assert {one.key for one in found if one.required} == {"documents", "personnel", "programme"}


def test_milestones_of_an_association_count_calendar_days() -> None:
    found = law.milestones_of(CLUB_CYCLE, "association", date(2025, 5, 10), ())
    assert {one.due for one in found} == {date(2025, 4, 26)}
