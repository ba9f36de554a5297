"""A trial count: it passes when all is read as known, and no single slip goes unseen."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from conventus.elections import rules
from engines.omr.deck import deck_of
from engines.omr.spec import parse_spec
from tests.rules.laws import DAY, ELECTIONS

FLIPPED = {"chosen": "rejected", "rejected": "chosen"}


def paper(style: str, count: int, seats: int) -> tuple[rules.BallotFacts, list[rules.KnownSheet]]:
    """A list and the deck of its paper."""
    people = [{"id": str(number), "name": f"N{number}"} for number in range(count)]
    spec = {"election": "e", "title": "T", "seats": seats, "style": style, "candidates": people}
    deck = [rules.KnownSheet(one.kind, one.state, one.read) for one in deck_of(parse_spec(spec))]
    return rules.BallotFacts(style, seats, tuple(str(number) for number in range(count)), None), deck


@st.composite
def papers(draw: st.DrawFn) -> tuple[rules.BallotFacts, list[rules.KnownSheet]]:
    style = draw(st.sampled_from(("strike", "boxes", "single")))
    count = 1 if style == "single" else draw(st.integers(2, 12))
    return paper(style, count, draw(st.integers(1, max(1, count - 1))) if style == "strike" else count)


def as_read(deck: list[rules.KnownSheet], seed: int) -> list[rules.SheetFacts]:
    """What a faultless scanner gives, in any order."""
    read = [one.facts() for one in deck]
    random.Random(seed).shuffle(read)
    return read


def result(facts: rules.BallotFacts, deck: list[rules.KnownSheet], read: list[rules.SheetFacts]) -> rules.TrialResult:
    return rules.compare_trial(ELECTIONS, facts, deck, read, DAY)


@given(papers(), st.integers(0, 99))
def test_a_faultless_reading_passes_in_any_order(
    given_paper: tuple[rules.BallotFacts, list[rules.KnownSheet]], seed: int
) -> None:
    facts, deck = given_paper
    found = result(facts, deck, as_read(deck, seed))
    assert found.passed
    assert found.asked == 0
    assert all(line.right == line.known for line in found.kinds)
    assert all(line.known == line.read for line in found.totals)
    assert found.people_known == found.people_read > 0


@given(papers(), st.data())
def test_one_mark_read_for_another_fails(
    given_paper: tuple[rules.BallotFacts, list[rules.KnownSheet]], data: st.DataObject
) -> None:
    facts, deck = given_paper
    read = as_read(deck, 1)
    flippable = [(at, key) for at, one in enumerate(read) for key, mark in one.marks.items() if mark in FLIPPED]
    at, key = data.draw(st.sampled_from(flippable))
    changed = {**read[at].marks, key: FLIPPED[read[at].marks[key]]}
    read[at] = rules.SheetFacts("", read[at].state, changed, read[at].doubts)
    assert not result(facts, deck, read).passed


@given(papers(), st.data())
def test_a_sheet_lost_or_read_twice_fails(
    given_paper: tuple[rules.BallotFacts, list[rules.KnownSheet]], data: st.DataObject
) -> None:
    facts, deck = given_paper
    read = as_read(deck, 2)
    at = data.draw(st.integers(0, len(read) - 1))
    assert not result(facts, deck, read[:at] + read[at + 1 :]).passed
    assert not result(facts, deck, [*read, read[at]]).passed


@given(papers(), st.data())
def test_a_question_too_many_is_no_fault_but_is_told(
    given_paper: tuple[rules.BallotFacts, list[rules.KnownSheet]], data: st.DataObject
) -> None:
    facts, deck = given_paper
    read = as_read(deck, 3)
    clear = [at for at, one in enumerate(read) if one.state == "read"]
    at = data.draw(st.sampled_from(clear))
    key = data.draw(st.sampled_from(facts.candidates))
    read[at] = rules.SheetFacts("", "review", {**read[at].marks, key: "doubt"}, ("faint-mark",))
    found = result(facts, deck, read)
    assert found.passed
    assert found.asked == 1
    assert all(line.known == line.read + line.waiting for line in found.totals)


def test_an_unclear_mark_taken_for_clear_fails() -> None:
    facts, deck = paper("strike", 4, 2)
    read = [
        rules.SheetFacts("", "read", {key: "chosen" if mark == "doubt" else mark for key, mark in one.marks.items()})
        for one in deck
    ]
    found = result(facts, deck, read)
    assert [(one.what, one.kind) for one in found.faults] == [("misread", "unclear")]


def test_a_whole_list_shifted_by_one_row_shows_in_the_figures() -> None:
    facts, deck = paper("boxes", 6, 6)
    shifted = []
    for one in deck:
        values = list(one.marks.values())
        marks = dict(zip(one.marks, values[1:] + values[:1], strict=True))
        shifted.append(rules.SheetFacts("", one.state, marks, one.facts().doubts))
    found = result(facts, deck, shifted)
    assert not found.passed
    assert sum(not line.agrees for line in found.totals) >= len(facts.candidates)


def test_foreign_and_unreadable_sheets_are_told_as_such() -> None:
    facts, deck = paper("single", 1, 1)
    read = [*as_read(deck, 4), rules.SheetFacts("", "foreign", {}, ("other-code",))]
    (fault,) = result(facts, deck, read).faults
    assert (fault.what, fault.state) == ("extra", "foreign")
