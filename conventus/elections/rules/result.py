"""Who is elected, who is tied, what may follow (ELE-23 to ELE-26, DEL-7). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from conventus.core.rules import Citation, Confidence, Rule
from conventus.elections.rules.base import needed_votes
from conventus.elections.rules.law import FIRST, TIE, Law
from conventus.elections.rules.lists import kind_of


@dataclass(frozen=True)
class Round:
    """A counted ballot: `round` is `first`, `second` or `tie`, `number` counts the contest's ballots from 1.

    `votes` are by candidate's key; `base` are voters, `valid` ballots. `alternates` places follow the `seats`.
    """

    kind: str
    seats: int
    base: int
    valid: int
    votes: Mapping[str, int]
    round: str = FIRST
    number: int = 1
    alternates: int = 0


@dataclass(frozen=True)
class NextStep:
    """What may follow: `tie_ballot`, `second_ballot`, `congress_decides`, `lot` or `leave_open`.

    `decision` says that the congress has to vote on it first. A ballot is for `seats` among `candidates`.
    """

    code: str
    decision: bool
    seats: int
    candidates: tuple[str, ...]
    article: Citation
    confidence: Confidence


@dataclass(frozen=True)
class Outcome:
    """The result of one ballot. `elected` and `alternates` are in the order of votes, `tied` share the last place.

    `open_seats` are not filled yet, those of the tied included; `tied_seats` are what the tied are tied for.
    """

    majority: str
    needed: int
    article: Citation
    elected: tuple[str, ...]
    tied: tuple[str, ...]
    tied_seats: int
    open_seats: int
    alternates: tuple[str, ...]
    tied_alternates: tuple[str, ...]
    next_steps: tuple[NextStep, ...]


def ranked(votes: Mapping[str, int]) -> tuple[str, ...]:
    """The candidates by votes, most first; equal ones by their key, so that the order of entry does not matter."""
    return tuple(sorted(votes, key=lambda key: (-votes[key], key)))


def elected(law: Law, ballot: Round, on: date) -> Outcome:
    """The outcome of one ballot under the majority of its round.

    Elected are those with at least the needed votes, the most votes first, up to the seats; those who share the last
    place are tied and not elected. Those beyond the seats become alternates where the kind of election has them.
    """
    rule = law.majority[ballot.round].at(on)
    needed = needed_votes(rule.value, ballot.base, ballot.valid)
    passed = [key for key in ranked(ballot.votes) if ballot.votes[key] >= needed]
    taken, tied = _cut(passed, ballot.votes, ballot.seats)
    rest = [key for key in passed if key not in taken] if not tied and _has_alternates(law, ballot, on) else []
    alternates, tied_alternates = _cut(rest, ballot.votes, ballot.alternates)
    open_seats = ballot.seats - len(taken)
    steps = _next_steps(law, ballot, taken, tied, on)
    tied_seats = open_seats if tied else 0
    return Outcome(
        rule.value, needed, rule.cite, taken, tied, tied_seats, open_seats, alternates, tied_alternates, steps
    )


def _has_alternates(law: Law, ballot: Round, on: date) -> bool:
    return ballot.alternates > 0 and kind_of(law, ballot.kind).alternates.at(on).value


def _cut(order: list[str], votes: Mapping[str, int], seats: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The ones that are in, and those that share the last place when there are too many of them."""
    if len(order) <= seats or seats < 1:
        return tuple(order[: max(seats, 0)]), ()
    last, first_out = votes[order[seats - 1]], votes[order[seats]]
    if last != first_out:
        return tuple(order[:seats]), ()
    return tuple(key for key in order if votes[key] > last), tuple(key for key in order if votes[key] == last)


def _next_steps(
    law: Law, ballot: Round, taken: tuple[str, ...], tied: tuple[str, ...], on: date
) -> tuple[NextStep, ...]:
    open_seats = ballot.seats - len(taken)
    if tied:
        return (_tie_step(law, ballot, tied, open_seats, on),)
    if open_seats == 0:
        return ()
    return _shortfall_steps(law, ballot, taken, open_seats, on)


def _tie_step(law: Law, ballot: Round, tied: tuple[str, ...], seats: int, on: date) -> NextStep:
    if ballot.round != TIE:
        return _step("tie_ballot", False, seats, tied, law.majority[TIE], on)
    code = law.tie_again.at(on).value
    return _step(code, code == "congress_decides", seats, tied, law.tie_again, on)


def _shortfall_steps(law: Law, ballot: Round, taken: tuple[str, ...], seats: int, on: date) -> tuple[NextStep, ...]:
    """Too few elected: ballot again at once, or let the congress decide between that and leaving the seats open."""
    rule = kind_of(law, ballot.kind).shortfall
    again = second_list(law, ballot.votes, taken, seats, on)
    at_once = rule.at(on).value == "keep_balloting" and ballot.number < law.rounds_before_decision.at(on).value
    if at_once and again:
        return (_step("second_ballot", False, seats, again, rule, on),)
    leave = _step("leave_open", True, seats, (), rule, on)
    return (_step("second_ballot", True, seats, again, rule, on), leave) if again else (leave,)


def _step(code: str, decision: bool, seats: int, candidates: tuple[str, ...], rule: Rule[str], on: date) -> NextStep:
    value = rule.at(on)
    return NextStep(code, decision, seats, candidates, value.cite, value.confidence)


# Later ballots -----------------------------------------------------------------------------------


def second_list(law: Law, votes: Mapping[str, int], taken: Iterable[str], open_seats: int, on: date) -> tuple[str, ...]:
    """Who stands in the next ballot, the most votes first, by the pack's algorithm."""
    out = set(taken)
    return SECOND_LISTS[law.second_list.at(on).value](
        [key for key in ranked(votes) if key not in out], votes, open_seats
    )


def _all(order: list[str], votes: Mapping[str, int], open_seats: int) -> tuple[str, ...]:
    return tuple(order)


def _twice_open_seats(order: list[str], votes: Mapping[str, int], open_seats: int) -> tuple[str, ...]:
    """The strongest, twice as many as open seats; whoever ties with the last of them stands as well."""
    if len(order) <= 2 * open_seats:
        return tuple(order)
    last = votes[order[2 * open_seats - 1]]
    return tuple(key for key in order if votes[key] >= last)


SECOND_LISTS: dict[str, Callable[[list[str], Mapping[str, int], int], tuple[str, ...]]] = {
    "all_not_elected": _all,
    "twice_open_seats": _twice_open_seats,
}


@dataclass(frozen=True)
class ContestResult:
    """The sum of a contest's ballots: everybody elected in the order of ballots and votes, and the seats left."""

    elected: tuple[str, ...]
    open_seats: int


def contest_result(seats: int, outcomes: Iterable[Outcome]) -> ContestResult:
    """Add up the ballots of a contest for `seats`."""
    names = tuple(key for outcome in outcomes for key in outcome.elected)
    return ContestResult(names, seats - len(names))
