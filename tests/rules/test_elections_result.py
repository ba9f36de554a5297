"""Who is elected, ties at the cut, shortfalls, later ballots."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from conventus.elections import rules as law
from tests.rules.laws import CLUB_ELECTIONS, DAY, ELECTIONS, always

VOTES = st.dictionaries(st.sampled_from("abcdefghij"), st.integers(0, 12), min_size=1)
SEATS = st.integers(1, 6)
ROUNDS = st.sampled_from(["first", "second", "tie"])


def ballot(votes: dict[str, int], seats: int, kind: str = "committee", **rest: object) -> law.Round:
    return law.Round(kind, seats, base=12, valid=12, votes=votes, **rest)  # type: ignore[arg-type]


@given(VOTES, SEATS, ROUNDS)
def test_what_every_outcome_keeps_to(votes: dict[str, int], seats: int, turn: str) -> None:
    for pack in (ELECTIONS, CLUB_ELECTIONS):
        found = law.elected(pack, ballot(votes, seats, round=turn), DAY)
        passed = {key for key, number in votes.items() if number >= found.needed}
        assert len(found.elected) <= seats
        assert set(found.elected) | set(found.tied) <= passed
        assert not set(found.elected) & set(found.tied)
        assert [votes[key] for key in found.elected] == sorted((votes[key] for key in found.elected), reverse=True)
        assert found.open_seats == seats - len(found.elected)
        left = passed - set(found.elected) - set(found.tied)
        lowest = min((votes[key] for key in (*found.elected, *found.tied)), default=0)
        assert all(votes[key] < lowest for key in left)


@given(VOTES, SEATS)
def test_a_tie_is_exactly_at_the_cut(votes: dict[str, int], seats: int) -> None:
    found = law.elected(ELECTIONS, ballot(votes, seats), DAY)
    passed = [votes[key] for key in law.ranked(votes) if votes[key] >= found.needed]
    tied = len(passed) > seats and passed[seats - 1] == passed[seats]
    assert bool(found.tied) == tied
    if tied:
        assert {votes[key] for key in found.tied} == {passed[seats]}
        assert len(found.tied) == passed.count(passed[seats]) > found.tied_seats >= 1
        assert found.tied_seats == seats - len(found.elected)
    else:
        assert len(found.elected) == min(seats, len(passed))


@given(VOTES, SEATS, ROUNDS, st.randoms())
def test_the_order_of_candidates_does_not_matter(votes: dict[str, int], seats: int, turn: str, random: object) -> None:
    keys = sorted(votes, key=lambda _: random.random())  # type: ignore[attr-defined]
    shuffled = {key: votes[key] for key in keys}
    first, second = (law.elected(ELECTIONS, ballot(one, seats, round=turn), DAY) for one in (votes, shuffled))
    assert first == second


@given(VOTES, SEATS)
def test_one_vote_more_never_hurts(votes: dict[str, int], seats: int) -> None:
    found = law.elected(ELECTIONS, ballot(votes, seats), DAY)
    for key in found.elected:
        more = law.elected(ELECTIONS, ballot({**votes, key: votes[key] + 1}, seats), DAY)
        assert key in more.elected


@given(VOTES, SEATS, ROUNDS, st.sampled_from(["committee", "delegates"]), st.integers(1, 5))
def test_something_always_follows_until_all_seats_are_filled(
    votes: dict[str, int], seats: int, turn: str, kind: str, number: int
) -> None:
    found = law.elected(ELECTIONS, ballot(votes, seats, kind, round=turn, number=number), DAY)
    assert (found.next_steps == ()) == (found.open_seats == 0)
    for step in found.next_steps:
        assert step.seats == found.open_seats
        assert not set(step.candidates) & set(found.elected)
        assert set(step.candidates) <= set(votes)
        assert step.article.document


def codes(outcome: law.Outcome) -> list[tuple[str, bool]]:
    return [(step.code, step.decision) for step in outcome.next_steps]


def test_shortfalls() -> None:
    few = {"a": 9, "b": 3, "c": 2}
    assert codes(law.elected(ELECTIONS, ballot(few, 2), DAY)) == [("second_ballot", True), ("leave_open", True)]
    assert codes(law.elected(ELECTIONS, ballot(few, 2, "delegates"), DAY)) == [("second_ballot", False)]
    late = law.elected(ELECTIONS, ballot(few, 2, "delegates", number=3), DAY)
    assert codes(late) == [("second_ballot", True), ("leave_open", True)]
    nobody_left = law.elected(ELECTIONS, ballot({"a": 9}, 2), DAY)
    assert codes(nobody_left) == [("leave_open", True)]


def test_ties_end_with_the_congress_or_the_lot() -> None:
    even = {"a": 5, "b": 5}
    assert codes(law.elected(ELECTIONS, ballot({"a": 7, "b": 7}, 1), DAY)) == [("tie_ballot", False)]
    assert codes(law.elected(ELECTIONS, ballot(even, 1, round="tie"), DAY)) == [("congress_decides", True)]
    assert codes(law.elected(CLUB_ELECTIONS, ballot(even, 1, round="tie"), DAY)) == [("lot", False)]


def test_nobody_is_elected_without_a_vote_even_by_relative_majority() -> None:
    found = law.elected(ELECTIONS, ballot({"a": 0, "b": 0}, 1, round="tie"), DAY)
    assert (found.elected, found.tied) == ((), ())


@given(VOTES, SEATS, st.integers(0, 3))
def test_alternates_come_after_the_seats(votes: dict[str, int], seats: int, places: int) -> None:
    found = law.elected(ELECTIONS, ballot(votes, seats, "delegates", alternates=places), DAY)
    assert len(found.alternates) <= places
    assert not set(found.alternates) & {*found.elected, *found.tied, *found.tied_alternates}
    assert all(votes[key] >= found.needed for key in found.alternates)
    if found.tied:
        assert found.alternates == ()
    committee = law.elected(ELECTIONS, ballot(votes, seats, "committee", alternates=places), DAY)
    assert committee.alternates == ()


@given(VOTES, SEATS)
def test_a_run_off_is_among_the_strongest(votes: dict[str, int], seats: int) -> None:
    found = law.elected(CLUB_ELECTIONS, ballot(votes, seats), DAY)
    for step in (step for step in found.next_steps if step.code == "second_ballot"):
        others = [votes[key] for key in votes if key not in (*found.elected, *step.candidates)]
        lowest = min(votes[key] for key in step.candidates)
        assert all(number < lowest for number in others)
        assert len(step.candidates) >= min(2 * found.open_seats, len(votes) - len(found.elected))


@given(VOTES, SEATS, VOTES)
def test_a_contest_adds_up(votes: dict[str, int], seats: int, again: dict[str, int]) -> None:
    first = law.elected(ELECTIONS, ballot(votes, seats), DAY)
    outcomes = [first]
    if first.next_steps and first.next_steps[0].candidates:
        step = first.next_steps[0]
        later = {key: again.get(key, 0) for key in step.candidates}
        outcomes.append(law.elected(ELECTIONS, ballot(later, step.seats, round="second", number=2), DAY))
    found = law.contest_result(seats, outcomes)
    assert len(found.elected) + found.open_seats == seats
    assert len(set(found.elected)) == len(found.elected)
    assert found.open_seats >= 0


def test_a_pack_may_choose_the_lot() -> None:
    choice = replace(ELECTIONS, tie_again=always("lot"))
    found = law.elected(choice, ballot({"a": 5, "b": 5}, 1, round="tie"), DAY)
    assert codes(found) == [("lot", False)]
