"""The checks of a count, the two entries, and single ballots."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conventus.core.rules import REFUSALS
from conventus.elections import rules as law
from tests.rules.laws import CLUB_ELECTIONS, DAY, ELECTIONS, always, refused

STRIKE = law.BallotFacts("strike", 2, ("a", "b", "c"), issued=100, present=100, base=110, needed=56)
COUNT = law.Count(100, 98, 2, {"a": 90, "b": 70, "c": 20})
BOXES = law.BallotFacts("boxes", 2, ("a", "b"), issued=100, present=100, base=110, needed=56)
BOXED = law.Count(100, 98, 2, {"a": 90, "b": 70}, {"a": 7, "b": 27})
SINGLE = law.BallotFacts("single", 1, ("a",), issued=100, present=100, base=110, needed=56)
ONE = law.Count(100, 98, 2, {"a": 90}, {"a": 8})


def codes(facts: law.BallotFacts, count: law.Count) -> list[str]:
    found = law.check_count(ELECTIONS, facts, count, DAY)
    assert all("%(" not in str(one) for one in found)
    return [one.code.removeprefix("elections.") for one in found]


def test_good_counts() -> None:
    assert [codes(*pair) for pair in ((STRIKE, COUNT), (BOXES, BOXED), (SINGLE, ONE))] == [[], [], []]


@pytest.mark.parametrize(
    ("facts", "count", "code"),
    [
        (STRIKE, replace(COUNT, collected=None), "E01"),
        (replace(STRIKE, issued=None), COUNT, "E01"),
        (STRIKE, replace(COUNT, invalid=-2), "E02"),
        (STRIKE, replace(COUNT, votes={**COUNT.votes, "a": -1}), "E02"),
        (STRIKE, replace(COUNT, votes={**COUNT.votes, "x": 1}), "E03"),
        (STRIKE, replace(COUNT, votes={"a": 90, "b": 70}), "E04"),
        (BOXES, replace(BOXED, against={"a": 7}), "E04"),
        (STRIKE, replace(COUNT, collected=101, valid=99), "E05"),
        (STRIKE, replace(COUNT, invalid=1), "E06"),
        (replace(STRIKE, present=99), COUNT, "E07"),
        (STRIKE, replace(COUNT, votes={"a": 99, "b": 1, "c": 1}), "E08"),
        (STRIKE, replace(COUNT, votes={"a": 98, "b": 98, "c": 1}), "E09"),
        (STRIKE, replace(COUNT, votes={"a": 90, "b": 6, "c": 1}), "E10"),
        (BOXES, replace(BOXED, against={"a": 9, "b": 27}), "E11"),
        (SINGLE, replace(ONE, against={"a": 7}), "E12"),
        (replace(STRIKE, base=99), COUNT, "E13"),
    ],
)
def test_each_error(facts: law.BallotFacts, count: law.Count, code: str) -> None:
    assert codes(facts, count) == [code]


@pytest.mark.parametrize(
    ("facts", "count", "code"),
    [
        (replace(STRIKE, issued=101, present=101), COUNT, "W01"),
        (replace(STRIKE, present=105), COUNT, "W02"),
        (STRIKE, replace(COUNT, valid=94, invalid=6), "W03"),
        (STRIKE, replace(COUNT, votes={"a": 90, "b": 70, "c": 0}), "W04"),
        (STRIKE, replace(COUNT, votes={"a": 60, "b": 60, "c": 60}), "W05"),
        (replace(STRIKE, needed=99), COUNT, "W06"),
        (BOXES, replace(BOXED, against={"a": 7, "b": 10}), "W07"),
    ],
)
def test_each_warning(facts: law.BallotFacts, count: law.Count, code: str) -> None:
    assert codes(facts, count) == [code]


def test_every_check_has_words() -> None:
    numbers = [f"E{number:02}" for number in range(1, 14)] + [f"W{number:02}" for number in range(1, 8)]
    assert [number for number in numbers if f"elections.{number}" not in REFUSALS] == []


def test_an_empty_ballot_is_valid_in_an_association() -> None:
    few = replace(COUNT, votes={"a": 40, "b": 30, "c": 20})
    assert law.check_count(CLUB_ELECTIONS, STRIKE, few, DAY) == ()


@st.composite
def papers(draw: st.DrawFn, style: str) -> tuple[law.BallotFacts, law.Count]:
    """A count made from real marked ballots, so that every figure is as it can be."""
    names = ("a",) if style == "single" else ("a", "b", "c")
    seats = 2 if style == "strike" else len(names)
    mark = st.sampled_from(["kept", "struck"] if style == "strike" else ["agree", "disagree", "both", "neither"])
    marks = draw(st.lists(st.fixed_dictionaries(dict.fromkeys(names, mark)), min_size=1, max_size=12))
    rulings = [law.ballot_validity(ELECTIONS, law.MarkedBallot(style, seats, one), DAY) for one in marks]
    votes = Counter(dict.fromkeys(names, 0))
    against = Counter(dict.fromkeys(names, 0))
    for ruling in rulings:
        votes.update(ruling.counts_for)
        against.update(ruling.counts_against)
    valid = sum(ruling.ruling == "valid" for ruling in rulings)
    count = law.Count(len(marks), valid, len(marks) - valid, dict(votes), dict(against))
    return law.BallotFacts(style, seats, names, issued=len(marks)), count


@pytest.mark.parametrize("style", ["strike", "boxes", "single"])
@given(data=st.data())
def test_honest_counts_have_no_errors(style: str, data: st.DataObject) -> None:
    """Whatever is marked, figures added up from the papers themselves never raise an error."""
    facts, count = data.draw(papers(style))
    assert [code for code in codes(facts, count) if code.startswith("E")] == []


@given(data=st.data())
def test_a_changed_total_is_always_noticed(data: st.DataObject) -> None:
    facts, count = data.draw(papers("strike"))
    figure = data.draw(st.sampled_from(["collected", "valid", "invalid"]))
    wrong = replace(count, **{figure: getattr(count, figure) + data.draw(st.sampled_from([-1, 1]))})
    assert [code for code in codes(facts, wrong) if code.startswith("E")]


def test_warnings_are_accepted_with_a_reason() -> None:
    facts = replace(STRIKE, issued=101, present=101)
    found = law.check_count(ELECTIONS, facts, COUNT, DAY)
    law.check_accepted(found, {"elections.W01": "One delegate took the paper home."})
    assert refused(lambda: law.check_accepted(found, {})) == ["elections.warning_open"]
    assert refused(lambda: law.check_accepted(found, {"elections.W01": " "})) == ["elections.warning_open"]


def test_errors_are_never_accepted() -> None:
    found = law.check_count(ELECTIONS, STRIKE, replace(COUNT, invalid=1), DAY)
    assert refused(lambda: law.check_accepted(found, {"elections.E06": "It is late."})) == ["elections.E06"]


# Two entries -------------------------------------------------------------------------------------

COUNTS = st.builds(
    law.Count,
    collected=st.integers(0, 3),
    valid=st.integers(0, 3),
    invalid=st.integers(0, 3),
    votes=st.fixed_dictionaries({"a": st.integers(0, 3), "b": st.integers(0, 3)}),
    against=st.fixed_dictionaries({}, optional={"a": st.integers(0, 3)}),
)
PEOPLE = st.sampled_from(["ann", "bo", "cy", "dee", "eve"])
BOARD = {"ann", "bo", "cy", "dee"}


@given(COUNTS, COUNTS)
def test_differences(first: law.Count, second: law.Count) -> None:
    found = law.compare_entries({"first": first, "second": second})
    back = law.compare_entries({"first": second, "second": first})
    assert (found == ()) == (first == second)
    assert {(one.figure, one.candidate) for one in found} == {(one.figure, one.candidate) for one in back}
    assert all(one.values["first"] != one.values["second"] for one in found)


@given(st.lists(st.tuples(PEOPLE, COUNTS), max_size=12))
def test_the_way_of_the_entries(tries: list[tuple[str, law.Count]]) -> None:
    """However people come and go: never twice the same person, never a candidate, a third one settles."""
    entries: list[law.Entry] = []
    for person, count in tries:
        may = person in BOARD and person != "dee" and person not in {one.by for one in entries}
        slot = law.next_slot(entries)
        if slot and may:
            assert law.slot_for(person, entries, BOARD, {"dee"}) == slot
            entries.append(law.Entry(slot, person, count))
        else:
            refused(lambda one=person: law.slot_for(one, entries, BOARD, {"dee"}))  # type: ignore[misc]
    assert len({one.by for one in entries}) == len(entries) <= 3
    state = law.entry_state(entries)
    assert (law.agreed_count(entries) is not None) == (state in ("equal", "resolved"))
    assert (law.next_slot(entries) is None) == (state in ("equal", "resolved"))
    if state == "resolved":
        assert law.agreed_count(entries) == entries[2].count


def test_each_refusal_of_an_entry() -> None:
    first = law.Entry("first", "ann", COUNT)
    same, other = law.Entry("second", "bo", COUNT), law.Entry("second", "bo", BOXED)

    def slot(person: str, *entries: law.Entry) -> str:
        return law.slot_for(person, entries, BOARD, {"dee"})

    assert refused(lambda: slot("eve")) == ["elections.not_on_board"]
    assert refused(lambda: slot("dee")) == ["elections.counter_is_candidate"]
    assert refused(lambda: slot("ann", first)) == ["elections.entered_already"]
    assert refused(lambda: slot("bo", first, other)) == ["elections.entered_already"]
    assert slot("cy", first, other) == "resolution"
    assert refused(lambda: slot("cy", first, same)) == ["elections.count_complete"]


def test_the_second_entry_is_blind() -> None:
    first, second = law.Entry("first", "ann", COUNT), law.Entry("second", "bo", BOXED)
    assert law.entries_shown_to("bo", [first]) == ()
    assert law.entries_shown_to("ann", [first]) == (first,)
    assert law.entries_shown_to("cy", [first, second]) == (first, second)


def test_settling_needs_a_reason() -> None:
    law.check_resolution("Counted again: ballot 17 was read wrongly.")
    assert refused(lambda: law.check_resolution("  ")) == ["elections.reason_missing"]


# Single ballots ----------------------------------------------------------------------------------

BOX = st.sampled_from(["agree", "disagree", "both", "neither"])


@given(st.dictionaries(st.sampled_from("abcd"), BOX, min_size=2))
def test_a_list_without_surplus_is_not_spoilt_by_one_name(marks: dict[str, str]) -> None:
    """ELE-19, ELE-20."""
    ruling = law.ballot_validity(ELECTIONS, law.MarkedBallot("boxes", len(marks), marks), DAY)
    assert ruling.ruling == "valid"
    assert set(ruling.counts_for) == {key for key, mark in marks.items() if mark == "agree"}
    assert set(ruling.counts_against) == {key for key, mark in marks.items() if mark == "disagree"}


@given(st.dictionaries(st.sampled_from("abcdef"), st.booleans(), min_size=2), st.integers(1, 5))
def test_a_list_with_surplus_needs_one_to_as_many_as_seats(kept: dict[str, bool], seats: int) -> None:
    marks = {key: "kept" if wanted else "struck" for key, wanted in kept.items()}
    ruling = law.ballot_validity(ELECTIONS, law.MarkedBallot("strike", seats, marks), DAY)
    chosen = {key for key, wanted in kept.items() if wanted}
    assert (ruling.ruling == "valid") == (1 <= len(chosen) <= seats)
    assert set(ruling.counts_for) == (chosen if ruling.ruling == "valid" else set())


@given(st.sampled_from(["valid", "invalid", "board"]))
def test_the_pack_decides_doubtful_ballots(ruling: str) -> None:
    choice = replace(ELECTIONS, ballot=replace(ELECTIONS.ballot, foreign_name=always(ruling)))
    ballot = law.MarkedBallot("strike", 1, {"a": "kept", "b": "struck"}, foreign_name=True)
    found = law.ballot_validity(choice, ballot, DAY)
    assert (found.ruling, found.why) == (ruling, "foreign_name")
    assert found.counts_for == (("a",) if ruling == "valid" else ())


def test_the_gravest_doubt_is_named() -> None:
    ballot = law.MarkedBallot("strike", 1, {"a": "kept", "b": "kept"}, issued=False, foreign_name=True, writing=True)
    assert law.ballot_validity(ELECTIONS, ballot, DAY).why == "not_issued"
    assert law.ballot_validity(ELECTIONS, replace(ballot, issued=True), DAY).why == "too_many"
