"""Scanned ballots: what is counted unseen, what members rule, and the sum of it all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conventus.core.rules import Refusal
from conventus.elections import rules as law
from conventus.elections.rules.law import Law
from conventus.elections.rules.sheets import BOX_MARKS
from tests.rules.laws import CLUB_ELECTIONS, DAY, ELECTIONS, refused

NAMES = ("a", "b", "c")
STRIKE = law.BallotFacts("strike", 2, NAMES, issued=100)
BOXES = law.BallotFacts("boxes", 3, NAMES, issued=100)
SINGLE = law.BallotFacts("single", 1, ("a",), issued=100)
PAPERS = {"strike": STRIKE, "boxes": BOXES, "single": SINGLE}
PACKS = {"party": ELECTIONS, "club": CLUB_ELECTIONS}
PEOPLE = ("anh", "binh", "chi", "dung")


def marks(facts: law.BallotFacts) -> st.SearchStrategy[dict[str, str]]:
    """Clear marks for every name of a paper."""
    return st.fixed_dictionaries({key: st.sampled_from(law.marks_of(facts.style)) for key in facts.candidates})


@st.composite
def verdicts(draw: st.DrawFn, facts: law.BallotFacts) -> law.Verdict:
    """What may stand for a sheet."""
    ruling = draw(st.sampled_from(law.RULINGS))
    if ruling == "valid":
        return law.Verdict(ruling, marks=draw(marks(facts)))
    return law.Verdict(ruling, draw(st.sampled_from(law.GROUNDS if ruling == "invalid" else law.NO_BALLOT)))


@st.composite
def stacks(draw: st.DrawFn) -> tuple[law.BallotFacts, list[law.Verdict]]:
    """A paper and what its sheets count for."""
    facts = PAPERS[draw(st.sampled_from(sorted(PAPERS)))]
    return facts, draw(st.lists(verdicts(facts), max_size=15))


def said(*people: str, ruling: str = "valid", ground: str = "", **given: str) -> list[law.Verdict]:
    """The same verdict of several members."""
    return [law.Verdict(ruling, ground, given, by) for by in people]


# The sum ------------------------------------------------------------------------------------------


@given(stack=stacks())
def test_totals_are_the_naive_sum_of_the_sheets(stack: tuple[law.BallotFacts, list[law.Verdict]]) -> None:
    facts, sheets = stack
    found = law.sum_of(facts, sheets)
    good = [one for one in sheets if one.ruling == "valid"]
    bad = [one for one in sheets if one.ruling == "invalid"]
    assert (found.collected, found.valid, found.invalid) == (len(good) + len(bad), len(good), len(bad))
    for key in facts.candidates:
        assert found.votes[key] == len([one for one in good if one.marks[key] == "chosen"])
    if facts.style == "strike":
        assert found.against == {}
    else:
        wanted = {key: len([one for one in good if one.marks[key] == "rejected"]) for key in facts.candidates}
        assert found.against == wanted


def flat(facts: law.BallotFacts, sheets: list[law.Verdict]) -> dict[str, int]:
    """Every figure of the sum by its name."""
    found = law.sum_of(facts, sheets)
    totals = {"collected": found.collected or 0, "valid": found.valid or 0, "invalid": found.invalid or 0}
    votes = {f"votes_{key}": number or 0 for key, number in found.votes.items()}
    return totals | votes | {f"against_{key}": number or 0 for key, number in found.against.items()}


def own(facts: law.BallotFacts, one: law.Verdict) -> dict[str, int]:
    """What a single sheet adds, said without the code under test."""
    valid, invalid = one.ruling == "valid", one.ruling == "invalid"
    found = {"collected": int(valid or invalid), "valid": int(valid), "invalid": int(invalid)}
    for key in facts.candidates:
        found[f"votes_{key}"] = int(valid and one.marks[key] == "chosen")
        if facts.style != "strike":
            found[f"against_{key}"] = int(valid and one.marks[key] == "rejected")
    return found


@given(stack=stacks(), data=st.data())
def test_one_decision_changes_the_totals_by_exactly_itself(
    stack: tuple[law.BallotFacts, list[law.Verdict]], data: st.DataObject
) -> None:
    facts, sheets = stack
    sheets = sheets or [data.draw(verdicts(facts))]
    at, new = data.draw(st.integers(0, len(sheets) - 1)), data.draw(verdicts(facts))
    before, after = flat(facts, sheets), flat(facts, [*sheets[:at], new, *sheets[at + 1 :]])
    gone, come = own(facts, sheets[at]), own(facts, new)
    assert {key: after[key] - before[key] for key in before} == {key: come[key] - gone[key] for key in before}


@given(stack=stacks(), data=st.data())
def test_the_order_of_sheets_is_irrelevant(
    stack: tuple[law.BallotFacts, list[law.Verdict]], data: st.DataObject
) -> None:
    facts, sheets = stack
    assert law.sum_of(facts, data.draw(st.permutations(sheets))) == law.sum_of(facts, sheets)


@given(stack=stacks())
def test_the_sum_of_lawful_sheets_passes_the_checks_of_a_count(
    stack: tuple[law.BallotFacts, list[law.Verdict]],
) -> None:
    facts, sheets = stack
    lawful = [one for one in sheets if one.ruling != "valid" or not _refused(ELECTIONS, facts, one)]
    found = law.check_count(ELECTIONS, facts, law.sum_of(facts, lawful), DAY)
    assert [one.code for one in found if one.severity == "error"] == []


def _refused(pack: Law, facts: law.BallotFacts, one: law.Verdict) -> bool:
    try:
        law.check_verdict(pack, facts, one, DAY)
    except Refusal:
        return True
    return False


# Unseen -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("style", PAPERS)
@given(data=st.data())
def test_nothing_passes_unseen_but_a_plainly_valid_ballot(pack: str, style: str, data: st.DataObject) -> None:
    facts, rules = PAPERS[style], PACKS[pack]
    anything = st.sampled_from((*BOX_MARKS, "doubt", "smudge"))
    read = data.draw(st.dictionaries(st.sampled_from((*facts.candidates, "stranger")), anything, max_size=4))
    read = data.draw(st.sampled_from([read, data.draw(marks(facts))]))
    state = data.draw(st.sampled_from(["read", "review", "foreign", "unreadable"]))
    doubts = data.draw(st.sampled_from([(), (), ("ink-elsewhere",)]))
    sheet = law.SheetFacts("k", state, read, doubts)
    passed = law.unseen(rules, facts, sheet, DAY)
    assert bool(passed) != bool(law.why_ask(rules, facts, sheet, DAY))
    if passed:
        assert (state, doubts, passed.ruling, dict(passed.marks)) == ("read", (), "valid", read)
        assert set(read) == set(facts.candidates)
        law.check_verdict(rules, facts, passed, DAY)
        chosen = sum(mark == "chosen" for mark in read.values())
        assert chosen <= facts.seats
        assert pack == "club" or style != "strike" or chosen > 0
        assert style != "single" or set(read.values()) <= {"chosen", "rejected"}


@pytest.mark.parametrize(
    ("facts", "read", "why"),
    [
        (STRIKE, {"a": "chosen", "b": "chosen", "c": "chosen"}, "too_many"),
        (STRIKE, {"a": "rejected", "b": "rejected", "c": "rejected"}, "none_on_strike"),
        (SINGLE, {"a": "both"}, "single_unclear"),
        (SINGLE, {"a": "none"}, "single_unclear"),
        (BOXES, {"a": "chosen", "b": "both"}, "marks_missing"),
        (STRIKE, {"a": "chosen", "b": "both", "c": "rejected"}, "marks_missing"),
    ],
)
def test_clear_marks_that_people_see_nevertheless(facts: law.BallotFacts, read: dict[str, str], why: str) -> None:
    assert law.why_ask(ELECTIONS, facts, law.SheetFacts("k", "read", read), DAY) == (why,)


def test_a_long_list_with_both_or_no_boxes_passes_unseen() -> None:
    """ELE-19, ELE-20: it stays valid and counts for nobody there."""
    sheet = law.SheetFacts("k", "read", {"a": "chosen", "b": "both", "c": "none"})
    passed = law.unseen(ELECTIONS, BOXES, sheet, DAY)
    assert passed
    count = law.sum_of(BOXES, [passed])
    assert (dict(count.votes), dict(count.against)) == ({"a": 1, "b": 0, "c": 0}, {"a": 0, "b": 0, "c": 0})


# What a member may say ----------------------------------------------------------------------------

KEPT = {"a": "chosen", "b": "rejected", "c": "rejected"}


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (law.Verdict("maybe"), "ruling_unknown"),
        (law.Verdict("invalid"), "ground_missing"),
        (law.Verdict("invalid", "foreign"), "ground_missing"),
        (law.Verdict("not_counted", "too_many"), "ground_missing"),
        (law.Verdict("invalid", "none_on_boxes"), "ground_not_in_law"),
        (law.Verdict("valid", marks={"a": "chosen", "b": "rejected"}), "mark_missing"),
        (law.Verdict("valid", marks={**KEPT, "c": "both"}), "mark_missing"),
        (law.Verdict("valid", marks=dict.fromkeys(NAMES, "chosen")), "too_many_chosen"),
        (law.Verdict("valid", marks=dict.fromkeys(NAMES, "rejected")), "invalid_by_law"),
    ],
)
def test_what_a_verdict_is_refused_for(verdict: law.Verdict, code: str) -> None:
    assert refused(lambda: law.check_verdict(ELECTIONS, STRIKE, verdict, DAY)) == [f"elections.{code}"]


def test_every_missing_mark_is_named() -> None:
    verdict = law.Verdict("valid", marks={"a": "chosen"})
    assert refused(lambda: law.check_verdict(ELECTIONS, STRIKE, verdict, DAY)) == ["elections.mark_missing"] * 2


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize("style", PAPERS)
def test_every_ground_offered_is_accepted(pack: str, style: str) -> None:
    facts, rules = PAPERS[style], PACKS[pack]
    offered = law.grounds_for(rules, style, DAY)
    assert {"not_issued", "too_many", "foreign_name", "writing"} <= set(offered)
    for ground in offered:
        law.check_verdict(rules, facts, law.Verdict("invalid", ground), DAY)
    for ground in set(law.GROUNDS) - set(offered):
        assert getattr(rules.ballot, ground).at(DAY).value == "valid" or not ground.endswith(style)


def test_grounds_fit_the_paper_and_the_pack() -> None:
    assert "none_on_strike" in law.grounds_for(ELECTIONS, "strike", DAY)
    assert "none_on_strike" not in law.grounds_for(CLUB_ELECTIONS, "strike", DAY)
    assert "single_unclear" not in law.grounds_for(ELECTIONS, "strike", DAY)
    assert "none_on_boxes" not in law.grounds_for(ELECTIONS, "boxes", DAY)


# Two members --------------------------------------------------------------------------------------


@given(given_marks=marks(STRIKE), times=st.integers(1, 5))
def test_nobody_agrees_with_themselves(given_marks: dict[str, str], times: int) -> None:
    same = said(*["anh"] * times, **given_marks)
    assert law.agreed_verdict(same, 2) is None
    assert law.sheet_state(False, same, 2) == "waiting"


@st.composite
def voices(draw: st.DrawFn) -> list[law.Verdict]:
    """What up to four members say of a sheet of two names, alike often enough."""
    people = draw(st.lists(st.sampled_from(PEOPLE), unique=True))
    kinds = [
        law.Verdict("valid", marks={"a": "chosen"}), law.Verdict("valid", marks={"a": "rejected"}),
        law.Verdict("invalid", "writing"), law.Verdict("invalid", "too_many"),
    ]  # fmt: skip
    return [replace(draw(st.sampled_from(kinds)), by=by) for by in people]


@given(heard=voices(), least=st.integers(1, 3), data=st.data())
def test_an_agreement_is_of_enough_different_people_whatever_their_order(
    heard: list[law.Verdict], least: int, data: st.DataObject
) -> None:
    found = law.agreed_verdict(heard, least)
    shuffled = law.agreed_verdict(data.draw(st.permutations(heard)), least)
    assert (found and found.content) == (shuffled and shuffled.content)
    counts = sorted((len([one for one in heard if one.content == kind.content]), kind.content) for kind in heard)
    if found:
        mine = {one.by for one in heard if one.content == found.content}
        assert len(mine) >= least
        assert all(number < len(mine) for number, content in counts if content != found.content)


def test_two_against_two_is_a_dispute() -> None:
    heard = [*said("anh", "binh", a="chosen"), *said("chi", "dung", a="rejected")]
    assert law.agreed_verdict(heard, 2) is None
    assert law.sheet_state(False, heard, 2) == "disputed"
    assert law.agreed_verdict([*heard, *said("em", a="chosen")], 2) == heard[0]


def test_the_ground_must_be_the_same_but_marks_of_an_invalid_ballot_do_not_matter() -> None:
    one = said("anh", ruling="invalid", ground="writing", a="chosen")
    assert law.agreed_verdict([*one, *said("binh", ruling="invalid", ground="writing", a="rejected")], 2)
    assert not law.agreed_verdict([*one, *said("binh", ruling="invalid", ground="too_many")], 2)


@pytest.mark.parametrize(
    ("clear", "heard", "state"),
    [
        (True, [], "clear"),
        (False, [], "waiting"),
        (False, said("anh", a="chosen"), "waiting"),
        (False, [*said("anh", a="chosen"), *said("binh", a="rejected")], "disputed"),
        (False, said("anh", "binh", a="chosen"), "ruled"),
        (True, [*said("anh", a="chosen"), *said("binh", a="rejected")], "clear"),
        (True, said("anh", "binh", a="rejected"), "ruled"),
    ],
)
def test_states_of_a_sheet(clear: bool, heard: list[law.Verdict], state: str) -> None:
    assert law.sheet_state(clear, heard, 2) == state


@given(heard=voices(), clear=st.booleans(), least=st.integers(1, 3))
def test_a_sheet_counts_exactly_when_nobody_waits_for_it(heard: list[law.Verdict], clear: bool, least: int) -> None:
    reader = law.Verdict("valid", marks={"a": "chosen"}) if clear else None
    stands = law.standing_verdict(reader, heard, least)
    assert (stands is None) == (law.sheet_state(clear, heard, least) in ("waiting", "disputed"))


def test_whoever_is_outvoted_counts_a_ballot_in_doubt_as_the_board_rules_but_a_clear_one_as_seen() -> None:
    heard = [*said("anh", "binh", a="chosen"), *said("chi", a="rejected")]
    assert law.counted_by("chi", False, heard, 2).content == heard[0].content
    assert law.counted_by("chi", True, heard, 2) == heard[2]
    assert law.counted_by("chi", False, heard[1:], 2) == heard[2]


@given(heard=voices(), clear=st.booleans(), who=st.sampled_from(PEOPLE))
def test_others_are_seen_in_a_dispute_alone(heard: list[law.Verdict], clear: bool, who: str) -> None:
    shown = law.verdicts_shown_to(who, clear, heard, 2)
    if law.sheet_state(clear, heard, 2) == "disputed":
        assert list(shown) == heard
    else:
        assert {one.by for one in shown} <= {who}


@given(heard=voices(), new=voices())
def test_what_was_agreed_cannot_be_taken_back_by_those_who_agreed(
    heard: list[law.Verdict], new: list[law.Verdict]
) -> None:
    before = law.agreed_verdict(heard, 2)
    known = {one.by for one in heard}
    for one in new:
        after = law.agreed_verdict([*[other for other in heard if other.by != one.by], one], 2)
        breaks = before and one.by in known and (after is None or after.content != before.content)
        if breaks:
            assert refused(lambda one=one: law.check_change(heard, one, 2)) == ["elections.sheet_settled"]  # type: ignore[misc]
        else:
            law.check_change(heard, one, 2)


def test_in_a_dispute_either_may_think_again() -> None:
    heard = [*said("anh", a="chosen"), *said("binh", a="rejected")]
    law.check_change(heard, said("binh", a="chosen")[0], 2)
    settled: list[Any] = said("anh", "binh", a="chosen")
    assert refused(lambda: law.check_change(settled, said("anh", a="rejected")[0], 2)) == ["elections.sheet_settled"]
