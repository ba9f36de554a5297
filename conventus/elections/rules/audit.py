"""Sample audits: papers drawn by chance tell, at a stated risk, whether the outcome stands. Pure mathematics.

A ballot-polling audit, because a paper bears no number and so no scan can be matched to it. The outcome is a set of
assertions about means of bounded numbers (Stark, "Sets of half-average nulls generate risk-limiting audits", Financial
Cryptography 2020). Each is tested by ALPHA for draws without replacement (Stark, "ALPHA: Audit that learns from
previously hand-audited ballots", Annals of Applied Statistics 17(1), 2023), which holds at whatever moment one stops.
Whole stacks are compared by the Kaplan-Markov bound (Stark, "Risk-limiting postelection audits: conservative P-values
from common probability inequalities", IEEE Transactions on Information Forensics and Security 4(4), 2009).
The drawing follows Rivest's sampler (Lindeman and Stark, "A gentle introduction to risk-limiting audits", 2012).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby, pairwise, product

from conventus.core.rules import Refusal
from conventus.elections.rules.ballots import INVALID, VALID
from conventus.elections.rules.count import Count
from conventus.elections.rules.result import Outcome

REACHED, NOT_REACHED, AHEAD = "reached", "not_reached", "ahead"
MISSING = "missing"
PAPER_RULINGS = (VALID, INVALID, MISSING)
"""What a drawn paper is; one that is not in its place counts against every assertion."""
POLLING, STACKS = "polling", "stacks"
METHODS = (POLLING, STACKS)
OF_VALID = "over_half_of_valid"
TOP = 2
"""The greatest score of a paper; scores are doubled, so that a half is a whole number."""
LEAST_ROLLS = 20
"""Digits of a seed: with fewer, somebody might try them all before the count is agreed."""


@dataclass(frozen=True)
class Paper:
    """A paper as people read it: `valid`, `invalid` or `missing`, and whom it chooses."""

    ruling: str
    chosen: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Assertion:
    """A statement that follows from the outcome, and is false when the scores of all papers sum up to `wrong` at most.

    `reached`: `name` has the votes needed. `not_reached`: `name` has not. `ahead`: `name` has more than `other`.
    `reported` is the sum of scores by the count; `of_valid` says that the majority is one of the valid ballots.
    """

    code: str
    name: str
    other: str
    wrong: int
    reported: int
    of_valid: bool = False

    def score(self, paper: Paper) -> int:
        """0, 1 or 2: how far a paper speaks for the statement."""
        if paper.ruling == MISSING:
            return 0
        if self.code == AHEAD:
            return 1 + (self.name in paper.chosen) - (self.other in paper.chosen)
        if paper.ruling == INVALID:
            return 1 if self.of_valid else TOP * (self.code == NOT_REACHED)
        return TOP * ((self.name in paper.chosen) == (self.code == REACHED))

    def total(self, count: Count) -> int:
        """The sum of scores that a count of papers makes."""
        collected, valid, votes = count.collected or 0, count.valid or 0, count.votes.get(self.name) or 0
        if self.code == AHEAD:
            return collected + votes - (count.votes.get(self.other) or 0)
        middle = (collected - valid) if self.of_valid else 0
        if self.code == REACHED:
            return TOP * votes + middle
        return TOP * (collected - votes) if not self.of_valid else TOP * (valid - votes) + middle


def assertions_of(count: Count, outcome: Outcome, alternates: int = 0) -> tuple[Assertion, ...]:
    """What is enough for the outcome to be right, if true of the papers; refuses a tie, which no sample confirms.

    Everybody placed has the votes needed; who is not placed lacks them or, where all places (`alternates` included) are
    taken, has fewer than everybody placed: whichever leaves more to spare. Alternates stand in the order of votes.
    """
    if outcome.tied or outcome.tied_alternates:
        raise Refusal("elections.audit_tie")
    full = outcome.open_seats == 0 and len(outcome.alternates) >= alternates
    facts = _Facts(count, outcome, full)
    found = [*facts.order(), *facts.behind()]
    return (*facts.reached({one.name for one in found if one.code == AHEAD}), *found)


@dataclass(frozen=True)
class _Facts:
    count: Count
    outcome: Outcome
    full: bool

    @property
    def placed(self) -> tuple[str, ...]:
        return (*self.outcome.elected, *self.outcome.alternates)

    def reached(self, leading: set[str]) -> Iterator[Assertion]:
        """Whoever is ahead of somebody has a vote: there is nothing more to show where one vote elects."""
        for name in self.placed:
            if self.outcome.needed > 1 or name not in leading:
                yield self._made(REACHED, name)

    @property
    def ranks(self) -> list[tuple[str, ...]]:
        """The elected, then the alternates, those with equal votes together: nothing is shown about their order."""
        alternates = groupby(self.outcome.alternates, key=lambda name: self.count.votes[name])
        return [self.outcome.elected, *(tuple(names) for _votes, names in alternates)]

    def order(self) -> Iterator[Assertion]:
        for higher, lower in pairwise(self.ranks):
            for name, following in product(higher, lower):
                yield self._made(AHEAD, name, following)

    def behind(self) -> Iterator[Assertion]:
        for key, votes in self.count.votes.items():
            if key not in self.placed:
                yield from self._out(key, (votes or 0) < self.outcome.needed)

    def _out(self, key: str, lacking: bool) -> list[Assertion]:
        """Why this name is not placed."""
        lacks = [self._made(NOT_REACHED, key)] if lacking else []
        beaten = [self._made(AHEAD, name, key) for name in self.ranks[-1]] if self.full or not lacking else []
        if not lacks or not beaten:
            return lacks or beaten
        return lacks if _spare(lacks[0]) >= min(_spare(one) for one in beaten) else beaten

    def _made(self, code: str, name: str, other: str = "") -> Assertion:
        bare = Assertion(code, name, other, 0, 0, self.outcome.majority == OF_VALID)
        wrong = self._wrong(code, bare.of_valid)
        return Assertion(code, name, other, wrong, bare.total(self.count), bare.of_valid)

    def _wrong(self, code: str, of_valid: bool) -> int:
        papers, needed = self.count.collected or 0, self.outcome.needed
        if code == AHEAD:
            return papers
        if of_valid:
            return papers if code == REACHED else papers - 1
        return TOP * (needed - 1) if code == REACHED else TOP * (papers - needed)


# The risk, measured -------------------------------------------------------------------------------


def risks(assertion: Assertion, population: int, scores: Iterable[int]) -> Iterator[float]:
    """The measured risk that the assertion is false, after each paper in the order of the draw from `population`.

    ALPHA: under the false assertion the wealth is a nonnegative supermartingale, so the chance that it ever
    reaches 1/risk is at most `risk` (Ville's inequality). What the papers drawn settle for certain gives 0 or 1.
    """
    wealth = most = 1.0
    total = 0
    for drawn, score in enumerate(scores):
        left = population - drawn
        null = (assertion.wrong - total) / left
        if 0 < null < TOP:
            bet = _alternative(assertion, population, drawn, total, null)
            wealth *= (score / null * (bet - null) + TOP - bet) / (TOP - null)
            most = max(most, wealth)
        total += score
        proven, refuted = total > assertion.wrong, assertion.wrong - total >= TOP * (left - 1)
        yield 0.0 if proven else 1.0 if refuted else 1 / most


def risk_of(assertion: Assertion, population: int, scores: Iterable[int]) -> float:
    """The measured risk after all these papers; 1 before the first."""
    return next(iter(deque(risks(assertion, population, scores), maxlen=1)), 1.0)


WEIGHT = 100
"""How many papers the count itself is worth when the mean of the remaining papers is guessed."""


def _alternative(assertion: Assertion, population: int, drawn: int, total: int, null: float) -> float:
    """The mean of the papers left, guessed from the count and from those drawn.

    Any guess above `null` that looks only at earlier draws keeps the risk limit; a good one needs fewer papers.
    """
    left, share = population - drawn, assertion.reported / population
    seen = (WEIGHT * share + total) / (WEIGHT + drawn)
    guess = (seen * population - total) / left
    least = null + max(share - assertion.wrong / population, 0.0) / (2 * math.sqrt(WEIGHT + drawn))
    return min(max(guess, least), TOP - (TOP - null) / (2 * population), TOP)


def stacks_risk(assertion: Assertion, stacks: Sequence[tuple[int, int]], drawn: Sequence[tuple[int, int]]) -> float:
    """The measured risk after whole stacks were counted by hand, drawn by their size, with replacement.

    `stacks`: papers and reported sum of each; `drawn`: which stack, and its sum by hand. Kaplan-Markov on the shortfall
    per paper; once every stack has been counted, the sums decide alone.
    """
    by_hand = dict(drawn)
    if len(by_hand) == len(stacks):
        return 0.0 if sum(by_hand.values()) > assertion.wrong else 1.0
    bound, null = _stack_bounds(assertion, stacks)
    wealth = most = 1.0
    for which, counted in drawn:
        size, reported = stacks[which]
        wealth *= (bound - (reported - counted) / size) / null if null > 0 else math.inf
        most = max(most, wealth)
    return 1 / most


def _stack_bounds(assertion: Assertion, stacks: Sequence[tuple[int, int]]) -> tuple[float, float]:
    """The most that a stack may fall short by per paper, and the same less what would make the assertion false."""
    papers, reported = sum(size for size, _ in stacks), sum(one for _, one in stacks)
    bound = max(one / size for size, one in stacks)
    return bound, bound - (reported - assertion.wrong) / papers


# Drawing ------------------------------------------------------------------------------------------


def check_seed(seed: str) -> str:
    """The digits of the dice, without the blanks between them; refuses too few or what is no digit."""
    digits = "".join(seed.split())
    if not digits.isascii() or not digits.isdigit():
        raise Refusal("elections.seed_digits", field="seed")
    if len(digits) < LEAST_ROLLS:
        raise Refusal("elections.seed_short", field="seed", rolls=len(digits), least=LEAST_ROLLS)
    if len(set(digits)) < 3:
        raise Refusal("elections.seed_plain", field="seed")
    return digits


def picks(seed: str, population: int) -> Iterator[int]:
    """Numbers from 1 to `population` by chance, with repetition: SHA-256 of `seed,1`, `seed,2` … modulo, plus one."""
    counter = 0
    while True:
        counter += 1
        yield int.from_bytes(sha256(f"{seed},{counter}".encode()).digest(), "big") % population + 1


def drawing(seed: str, population: int) -> Iterator[int]:
    """All numbers from 1 to `population` in the order in which they are drawn; one drawn again is passed over."""
    seen: set[int] = set()
    for number in picks(seed, population) if population else ():
        if number not in seen:
            seen.add(number)
            yield number
        if len(seen) == population:
            return


def place_of(sizes: Sequence[int], number: int) -> tuple[int, int]:
    """Where paper `number` of all lies: the stack, counted from 0, and the position from the top, counted from 1."""
    for which, size in enumerate(sizes):
        if number <= size:
            return which, number
        number -= size
    raise ValueError("no such paper")


# How many will be needed --------------------------------------------------------------------------


@dataclass(frozen=True)
class Forecast:
    """How much must be drawn if the count is right: in half of all audits, in nine of ten; which statement is hardest.

    `whole` is everything there is: papers, or stacks.
    """

    half: int
    most: int
    whole: int
    hardest: Assertion | None = None

    @property
    def nearly_all(self) -> bool:
        """Whether counting everything by hand is less trouble."""
        return 2 * self.half > self.whole


RUNS = 30


def forecast(found: Sequence[Assertion], count: Count, risk: float) -> Forecast:
    """The papers that a polling audit will need, tried out on papers that are as the count says."""
    population = count.collected or 0
    narrow = _narrowest(found)
    sizes: dict[Assertion, list[int]] = {
        one: [papers_needed(one, scores_as_counted(one, count, str(run)), risk) for run in range(RUNS)]
        for one in narrow
    }
    runs = sorted(max(each) for each in zip(*sizes.values(), strict=True)) or [0]
    hardest = max(narrow, key=lambda one: sum(sizes[one]), default=None)
    return Forecast(runs[len(runs) // 2], runs[len(runs) * 9 // 10], population, hardest)


def _narrowest(found: Sequence[Assertion]) -> list[Assertion]:
    """Of each kind the two statements with the least to spare; the others will be shown before them."""
    kinds = (REACHED, NOT_REACHED, AHEAD)
    return [one for code in kinds for one in sorted((one for one in found if one.code == code), key=_spare)[:2]]


def _spare(assertion: Assertion) -> int:
    return assertion.reported - assertion.wrong


def papers_needed(assertion: Assertion, scores: Sequence[int], risk: float) -> int:
    """After how many of all the papers, in this order, the measured risk is at most `risk`."""
    measured = enumerate(risks(assertion, len(scores), scores), 1)
    return next((drawn for drawn, one in measured if one <= risk), len(scores))


def scores_as_counted(assertion: Assertion, count: Count, seed: str) -> list[int]:
    """The scores of all papers if the count is right, shuffled; names are taken to be chosen independently."""
    papers = count.collected or 0
    ones = 0
    if assertion.code == AHEAD:
        votes, others = count.votes.get(assertion.name) or 0, count.votes.get(assertion.other) or 0
        twos = min(votes, papers - others, max(votes - others, round(votes * (1 - others / max(papers, 1)))))
        zeros = twos - (votes - others)
        ones = papers - twos - zeros
    elif assertion.of_valid:
        ones = papers - (count.valid or 0)
    twos = (assertion.reported - ones) // TOP
    scores = [2] * twos + [1] * ones + [0] * (papers - twos - ones)
    return sorted(scores, key=_Shuffle(seed))


class _Shuffle:
    """Keys in an order by chance that is the same every time."""

    def __init__(self, seed: str) -> None:
        self.seed, self.number = seed, 0

    def __call__(self, score: int) -> bytes:
        self.number += 1
        return sha256(f"{self.seed},{self.number}".encode()).digest()


def stacks_forecast(
    found: Sequence[Assertion], stacks: Sequence[int], reported: Mapping[Assertion, Sequence[int]], risk: float
) -> Forecast:
    """The draws of whole stacks that are needed if the count is right in each; the same in every audit."""
    needed = {one: _draws(one, list(zip(stacks, reported[one], strict=True)), risk) for one in found}
    hardest = max(needed, key=lambda one: needed[one], default=None)
    draws = max(needed.values(), default=0)
    return Forecast(draws, draws, len(stacks), hardest)


def _draws(assertion: Assertion, stacks: Sequence[tuple[int, int]], risk: float) -> int:
    bound, null = _stack_bounds(assertion, stacks)
    return math.ceil(math.log(1 / risk) / math.log(bound / null)) if null > 0 else 1
