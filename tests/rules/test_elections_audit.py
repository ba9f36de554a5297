"""Sample audits: the risk limit holds, right outcomes are confirmed, published figures come out."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, islice

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from conventus.elections import rules as law
from conventus.elections.rules import audit
from tests.rules.laws import CLUB_ELECTIONS, DAY, ELECTIONS, refused

DICE = "12345678901234567890"


def shuffled(scores: Sequence[int], chance: random.Random) -> list[int]:
    return chance.sample(scores, len(scores))


# The statements -----------------------------------------------------------------------------------


@st.composite
def counts(draw: st.DrawFn, papers: int = 0) -> law.Count:
    """Any count of four names; few papers, so that figures meet each other and the line often."""
    collected = papers or draw(st.integers(1, 9))
    valid = draw(st.integers(1, collected))
    votes: dict[str, int | None] = {key: draw(st.integers(0, valid)) for key in "abcd"}
    return law.Count(collected, valid, collected - valid, votes)


@st.composite
def nearly(draw: st.DrawFn, count: law.Count) -> law.Count:
    """A count with a vote more or less here and there."""
    valid = count.valid or 0
    moved = {key: min(max((votes or 0) + draw(st.integers(-1, 1)), 0), valid) for key, votes in count.votes.items()}
    return law.Count(count.collected, count.valid, count.invalid, dict(moved))


@dataclass(frozen=True)
class Held:
    """An election: of the party's delegates, who have alternates, or of an association's committee by valid ballots."""

    round: str
    seats: int
    base: int
    alternates: int = 0
    club: bool = False

    def outcome(self, count: law.Count) -> law.Outcome:
        """Who is elected by these figures."""
        votes = {key: number or 0 for key, number in count.votes.items()}
        body, rules = ("committee", CLUB_ELECTIONS) if self.club else ("delegates", ELECTIONS)
        places = self.alternates
        facts = law.Round(body, self.seats, self.base, count.valid or 0, votes, self.round, 1, places)
        return law.elected(rules, facts, DAY)

    def statements(self, count: law.Count) -> tuple[audit.Assertion, ...]:
        """What an audit of these figures shows."""
        return audit.assertions_of(count, self.outcome(count), 0 if self.club else self.alternates)


@settings(max_examples=500)
@given(
    data=st.data(), round_=st.sampled_from(["first", "second", "tie"]), seats=st.integers(1, 3), club=st.booleans(),
    alternates=st.integers(0, 2),
)  # fmt: skip
def test_the_statements_make_the_outcome(
    data: st.DataObject, round_: str, seats: int, club: bool, alternates: int
) -> None:
    """Where all are true of the papers, the papers lead to the same people in the same places, without a tie.

    Alternates with equal votes stand in the order of the list, which is no matter of votes.
    """
    reported = data.draw(counts())
    held = Held(round_, seats, (reported.collected or 0) + data.draw(st.integers(0, 2)), alternates, club)
    real = data.draw(st.one_of(counts(papers=reported.collected or 0), nearly(reported)))
    said, true = held.outcome(reported), held.outcome(real)
    assume(not said.tied and not said.tied_alternates)
    statements = held.statements(reported)
    assert all(one.total(reported) == one.reported > one.wrong for one in statements)
    if all(one.total(real) > one.wrong for one in statements):
        assert (set(said.elected), set(said.alternates)) == (set(true.elected), set(true.alternates))
        for first, second in combinations(said.alternates, 2):
            if reported.votes[first] != reported.votes[second]:
                assert true.alternates.index(first) < true.alternates.index(second)
        assert not true.tied
        assert not true.tied_alternates


def said_of(held: Held, papers: int, valid: int, **votes: int) -> list[tuple[str, str, str, int]]:
    count = law.Count(papers, valid, papers - valid, dict(votes))
    return [(one.code, one.name, one.other, one.reported - one.wrong) for one in held.statements(count)]


def test_half_of_the_valid_ballots_is_not_more_than_half() -> None:
    """b has 4 of 8: as near to being elected as can be, and one step of the scores from it."""
    assert said_of(Held("first", 2, 10, club=True), 10, 8, a=8, b=4) == [
        ("reached", "a", "", 8), ("not_reached", "b", "", 1),
    ]  # fmt: skip


def test_an_open_seat_is_no_reason_not_to_be_elected() -> None:
    """b is far behind a, but would take the second seat with one vote more."""
    assert said_of(Held("first", 2, 10), 10, 10, a=10, b=5) == [("reached", "a", "", 10), ("not_reached", "b", "", 2)]


def test_an_open_place_for_an_alternate_is_none_either() -> None:
    found = said_of(Held("first", 1, 10, alternates=1), 10, 10, a=10, b=5)
    assert found == [("reached", "a", "", 10), ("not_reached", "b", "", 2)]


def test_who_is_far_behind_those_elected_is_shown_so() -> None:
    """Where all seats are taken, b with 5 of 6 votes needed is not shown to lack one, but to be behind by 5."""
    assert said_of(Held("first", 1, 10), 10, 10, a=10, b=5) == [("reached", "a", "", 10), ("ahead", "a", "b", 5)]


def test_alternates_stand_in_their_order() -> None:
    found = said_of(Held("first", 1, 12, alternates=2), 12, 12, a=12, b=10, c=8, d=7)
    assert [one[:3] for one in found] == [
        ("reached", "a", ""), ("reached", "b", ""), ("reached", "c", ""),
        ("ahead", "a", "b"), ("ahead", "b", "c"), ("ahead", "c", "d"),
    ]  # fmt: skip


@st.composite
def papers(draw: st.DrawFn) -> list[audit.Paper]:
    """Papers as people read them."""
    chosen = st.frozensets(st.sampled_from("ab"))
    kinds = st.one_of(st.builds(audit.Paper, st.just("valid"), chosen), st.just(audit.Paper("invalid")))
    return draw(st.lists(kinds, min_size=1, max_size=30))


@given(papers(), st.sampled_from(["reached", "not_reached", "ahead"]), st.booleans())
def test_totals_are_sums_of_scores(drawn: list[audit.Paper], code: str, of_valid: bool) -> None:
    one = audit.Assertion(code, "a", "b" if code == "ahead" else "", 0, 0, of_valid)
    valid = sum(paper.ruling == "valid" for paper in drawn)
    votes = {key: sum(key in paper.chosen for paper in drawn) for key in "ab"}
    count = law.Count(len(drawn), valid, len(drawn) - valid, votes)
    assert one.total(count) == sum(one.score(paper) for paper in drawn)
    assert one.score(audit.Paper("missing")) == 0


def test_a_tie_is_not_audited() -> None:
    count = law.Count(10, 10, 0, {"a": 8, "b": 7, "c": 7, "d": 1})
    assert refused(lambda: Held("first", 2, 10).statements(count)) == ["elections.audit_tie"]
    assert refused(lambda: Held("first", 1, 10, alternates=1).statements(count)) == ["elections.audit_tie"]


# The risk -----------------------------------------------------------------------------------------

RUNS, LIMIT = 500, 0.05
ALLOWED = LIMIT + 3 * math.sqrt(LIMIT * (1 - LIMIT) / RUNS)

BOUNDARY = {
    "60 papers, half have the name": (audit.Assertion("reached", "a", "", 60, 90), [2] * 30 + [0] * 30),
    "350 papers, a vote is lacking": (audit.Assertion("reached", "a", "", 350, 420), [2] * 175 + [0] * 175),
    "200 papers, of valid ones": (audit.Assertion("reached", "a", "", 200, 260, True), [2] * 90 + [1] * 20 + [0] * 90),
    "90 papers, equal votes": (audit.Assertion("ahead", "a", "b", 90, 120), [2] * 25 + [1] * 40 + [0] * 25),
    "120 papers, the votes are there": (audit.Assertion("not_reached", "a", "", 118, 200), [2] * 59 + [0] * 61),
    "25 papers, all but one": (audit.Assertion("reached", "a", "", 40, 50), [2] * 20 + [0] * 5),
}  # fmt: skip
"""Outcomes that are wrong by as little as they can be, and what the count says instead."""


@pytest.mark.parametrize("case", BOUNDARY)
def test_the_risk_limit_holds_where_the_outcome_is_just_wrong(case: str) -> None:
    statement, scores = BOUNDARY[case]
    assert sum(scores) == statement.wrong
    chance = random.Random(f"risk {case}")
    confirmed = 0
    for _ in range(RUNS):
        measured = audit.risks(statement, len(scores), shuffled(scores, chance))
        confirmed += any(risk <= LIMIT for risk in measured)
    assert confirmed / RUNS <= ALLOWED


@pytest.mark.parametrize("case", BOUNDARY)
def test_right_outcomes_are_confirmed(case: str) -> None:
    """Where the papers are as the count says, it never takes all of them, and mostly far fewer."""
    statement, scores = BOUNDARY[case]
    population = len(scores)
    count = law.Count(population, population, 0, {"a": 0, "b": 0})
    ones = scores.count(1)
    twos = (statement.reported - ones) // 2
    right = [2] * twos + [1] * ones + [0] * (population - twos - ones)
    assert sum(right) == statement.reported
    assert count.collected == population
    chance = random.Random(f"right {case}")
    needed = sorted(audit.papers_needed(statement, shuffled(right, chance), LIMIT) for _ in range(100))
    assert needed[-1] < population
    assert needed[50] < population * 0.7


@given(st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=30), st.data())
def test_all_papers_settle_it(scores: list[int], data: st.DataObject) -> None:
    statement = audit.Assertion(
        "ahead", "a", "b", data.draw(st.integers(0, 2 * len(scores))), data.draw(st.integers(0, 2 * len(scores)))
    )
    risk = audit.risk_of(statement, len(scores), scores)
    assert risk == (0.0 if sum(scores) > statement.wrong else 1.0)


@given(st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=30), st.integers(1, 40), st.integers(1, 60))
def test_the_risk_is_a_chance(scores: list[int], more: int, reported: int) -> None:
    statement = audit.Assertion("ahead", "a", "b", len(scores) + more, reported)
    found = list(audit.risks(statement, len(scores) + more, scores))
    assert len(found) == len(scores)
    assert all(0 <= risk <= 1 for risk in found)


# Published figures --------------------------------------------------------------------------------


def alpha(scores: Sequence[int], population: int, wrong: int, reported: int) -> list[Fraction]:
    """ALPHA's martingale written down literally in exact fractions (Stark 2023, upper bound u = 1).

    Means are per paper of scores halved; the alternative is the estimate the program states, with its floor and cap.
    """
    wealth, seen, found = Fraction(1), Fraction(0), []
    mean, share, weight = Fraction(wrong, 2 * population), Fraction(reported, 2 * population), 100
    for drawn, score in enumerate(scores):
        value, left = Fraction(score, 2), population - drawn
        null = (population * mean - seen) / left
        guess = ((weight * share + seen) / (weight + drawn) * population - seen) / left
        floor = null + Fraction((float(share - mean)) / (2 * math.sqrt(weight + drawn)))
        other = min(max(guess, floor), 1 - (1 - null) / (2 * population))
        wealth *= value / null * (other - null) / (1 - null) + (1 - other) / (1 - null)
        seen += value
        found.append(wealth)
    return found


@given(st.lists(st.sampled_from([0, 1, 2]), min_size=1, max_size=25))
def test_the_risk_is_alphas(scores: list[int]) -> None:
    statement = audit.Assertion("ahead", "a", "b", 100, 130)
    wealth = alpha(scores, 100, 100, 130)
    most = max(Fraction(1), *wealth)
    assert audit.risk_of(statement, 100, scores) == pytest.approx(float(1 / most), rel=1e-9)


@pytest.fixture
def bravo(monkeypatch: pytest.MonkeyPatch) -> None:
    """The alternative stays at the reported share: with very many papers ALPHA is BRAVO then (Stark 2023)."""
    monkeypatch.setattr(audit, "_alternative", lambda statement, population, *_rest: statement.reported / population)


@pytest.mark.usefixtures("bravo")
def test_with_a_fixed_share_it_is_the_ballot_polling_audit_of_the_gentle_introduction() -> None:
    """Lindeman and Stark 2012: times s/50 % for the winner, times (1 - s)/50 % otherwise; done at 1/risk."""
    population = 10**9
    statement = audit.Assertion("reached", "a", "", population, round(1.2 * population))
    marks = [1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1]
    wealth = 0.6**17 * 0.4**3 / 0.5**20
    assert audit.risk_of(statement, population, [2 * one for one in marks]) == pytest.approx(1 / wealth, rel=1e-6)


@pytest.mark.usefixtures("bravo")
@pytest.mark.parametrize("share", [0.6, 0.65, 0.7])
def test_the_average_sample_is_the_published_one(share: float) -> None:
    """BRAVO (Lindeman, Stark, Yates 2012): on average (ln 1/a + ln(2s)/2) / (s ln 2s + (1-s) ln(2 - 2s)) papers."""
    risk, runs, population = 0.1, 800, 10**7
    published = (math.log(1 / risk) + math.log(2 * share) / 2) / (
        share * math.log(2 * share) + (1 - share) * math.log(2 - 2 * share)
    )
    statement = audit.Assertion("reached", "a", "", population, round(2 * share * population))
    chance = random.Random(str(share))
    total = 0
    for _ in range(runs):
        scores = (2 * (chance.random() < share) for _ in iter(int, 1))
        measured = enumerate(audit.risks(statement, population, scores), 1)
        total += next(drawn for drawn, one in measured if one <= risk)
    assert total / runs == pytest.approx(published, rel=0.1)


# Drawing ------------------------------------------------------------------------------------------


def test_the_drawing_can_be_repeated_with_any_hash_program() -> None:
    """Checked once with `printf '12345678901234567890,1' | sha256sum`."""
    first = int("4da594a8ab6064d666eab2bdf20cb4480e819e0c3102ca353de57caae1d11fd1", 16)
    second = int("ae230ec16bee77f77c7378f4eb5d265d931665e29e8bbee7e733f58d3815d338", 16)
    assert list(islice(audit.picks(DICE, 88), 2)) == [first % 88 + 1, second % 88 + 1]


@given(st.integers(1, 200))
def test_everything_is_drawn_once(population: int) -> None:
    assert sorted(audit.drawing(DICE, population)) == list(range(1, population + 1))


@given(st.lists(st.integers(1, 30), min_size=1, max_size=8))
def test_every_paper_has_one_place(sizes: list[int]) -> None:
    places = [audit.place_of(sizes, number) for number in range(1, sum(sizes) + 1)]
    assert places == [(which, position) for which, size in enumerate(sizes) for position in range(1, size + 1)]


def test_draws_are_even() -> None:
    hits = [0] * 10
    for number in islice(audit.picks(DICE, 10), 5000):
        hits[number - 1] += 1
    assert all(400 < one < 600 for one in hits)


def test_seeds_are_rolled() -> None:
    assert audit.check_seed("12345 67890\n12345 67890") == DICE
    assert refused(lambda: audit.check_seed("12345 abc")) == ["elections.seed_digits"]
    assert refused(lambda: audit.check_seed("")) == ["elections.seed_digits"]
    assert refused(lambda: audit.check_seed("123456")) == ["elections.seed_short"]
    assert refused(lambda: audit.check_seed("1" * 20)) == ["elections.seed_plain"]


# Before it starts ---------------------------------------------------------------------------------


def ahead_of_half(votes: int, papers: int = 350) -> tuple[tuple[audit.Assertion, ...], law.Count]:
    count = law.Count(papers, papers, 0, {"a": papers - 5, "b": votes, "c": 20})
    facts = law.Round("committee", 2, papers, papers, {key: one or 0 for key, one in count.votes.items()})
    return audit.assertions_of(count, law.elected(ELECTIONS, facts, DAY)), count


def test_a_clear_outcome_takes_few_papers() -> None:
    found = audit.forecast(*ahead_of_half(320), risk=LIMIT)
    assert (found.whole, found.nearly_all) == (350, False)
    assert found.half <= found.most < 60


def test_a_narrow_outcome_takes_nearly_all() -> None:
    found = audit.forecast(*ahead_of_half(178), risk=LIMIT)
    assert found.nearly_all
    assert found.hardest is not None
    assert (found.hardest.code, found.hardest.name) == ("reached", "b")


def test_a_forecast_is_the_same_every_time() -> None:
    assert audit.forecast(*ahead_of_half(250), risk=LIMIT) == audit.forecast(*ahead_of_half(250), risk=LIMIT)


# Whole stacks -------------------------------------------------------------------------------------


def test_clean_stacks_by_hand() -> None:
    """Four stacks of 50, 45 votes in each, 101 needed: each clean one multiplies by 1.8 / (1.8 - 160/200)."""
    statement = audit.Assertion("reached", "a", "", 200, 360)
    stacks = [(50, 90)] * 4
    assert audit.stacks_risk(statement, stacks, []) == 1
    assert audit.stacks_risk(statement, stacks, [(0, 90)]) == pytest.approx(1 / 1.8)
    assert audit.stacks_risk(statement, stacks, [(0, 90), (2, 90), (0, 90)]) == pytest.approx(1 / 1.8**3)
    assert audit.stacks_risk(statement, stacks, [(0, 80)]) == pytest.approx(1 / 1.6)
    forecast = audit.stacks_forecast([statement], [50] * 4, {statement: [90] * 4}, LIMIT)
    assert (forecast.half, forecast.whole, forecast.nearly_all) == (math.ceil(math.log(20) / math.log(1.8)), 4, True)


def test_all_stacks_settle_it() -> None:
    statement, stacks = audit.Assertion("reached", "a", "", 100, 130), [(50, 70), (50, 60)]
    assert audit.stacks_risk(statement, stacks, [(0, 70), (1, 31)]) == 0
    assert audit.stacks_risk(statement, stacks, [(0, 70), (1, 30)]) == 1


@pytest.mark.parametrize("faults", [[25, 15, 0, 0, 0, 0, 0, 0], [5] * 8, [0, 0, 20, 20, 0, 0, 0, 0]])
def test_the_risk_limit_holds_for_stacks(faults: list[int]) -> None:
    """Eight stacks of 40 with 25 votes said to be in each; in truth 160 of 320 papers, a vote too few."""
    statement = audit.Assertion("reached", "a", "", 320, 400)
    stacks = [(40, 50)] * 8
    real = [50 - 2 * fault for fault in faults]
    assert sum(real) == statement.wrong
    chance, confirmed = random.Random(str(faults)), 0
    for _ in range(RUNS):
        drawn: list[tuple[int, int]] = []
        while len({which for which, _ in drawn}) < 8:
            which = chance.randrange(8)
            drawn.append((which, real[which]))
            if audit.stacks_risk(statement, stacks, drawn) <= LIMIT:
                confirmed += 1
                break
    assert confirmed / RUNS <= ALLOWED
