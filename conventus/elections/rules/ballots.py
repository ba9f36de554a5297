"""Is one marked ballot valid, and for whom does it count (ELE-16 to ELE-22). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from conventus.core.rules import Citation, Rule
from conventus.elections.rules.law import SINGLE, STRIKE, Law

KEPT, STRUCK = "kept", "struck"
AGREE, DISAGREE, BOTH, NEITHER = "agree", "disagree", "both", "neither"
VALID, INVALID, BOARD = "valid", "invalid", "board"


@dataclass(frozen=True)
class MarkedBallot:
    """A ballot as it was marked: by candidate's key `kept` or `struck`, or `agree`, `disagree`, `both`, `neither`."""

    style: str
    seats: int
    marks: Mapping[str, str]
    issued: bool = True
    """Whether the counting board issued it."""
    foreign_name: bool = False
    """Whether a name outside the list was written on it."""
    writing: bool = False
    """Whether it bears a signature, a sign or other writing."""


@dataclass(frozen=True)
class Ruling:
    """`valid`, `invalid` or `board` (left to the counting board), why, and for and against whom it counts.

    Only a valid ballot counts. `why` is "" for a plainly valid one, otherwise the name of the rule in the pack's
    table `elections.ballot`.
    """

    ruling: str
    why: str = ""
    counts_for: tuple[str, ...] = ()
    counts_against: tuple[str, ...] = ()
    article: Citation | None = None


def ballot_validity(law: Law, ballot: MarkedBallot, on: date) -> Ruling:
    """Rule on one marked ballot; a mark in both boxes or none counts for nobody but does not spoil a long list."""
    why = _doubt(ballot)
    if not why:
        return _valid(ballot, "", None)
    rule: Rule[str] = getattr(law.ballot, why)
    ruling = rule.at(on)
    if ruling.value == VALID:
        return _valid(ballot, why, ruling.cite)
    return Ruling(ruling.value, why, article=ruling.cite)


def _doubt(ballot: MarkedBallot) -> str:
    """The first reason why the ballot is not plainly valid, "" when there is none; the gravest comes first."""
    chosen = len(_chosen(ballot))
    reasons = {
        "not_issued": not ballot.issued,
        "too_many": chosen > ballot.seats,
        "single_unclear": ballot.style == SINGLE and bool(set(ballot.marks.values()) & {BOTH, NEITHER}),
        "none_on_strike": ballot.style == STRIKE and chosen == 0,
        "none_on_boxes": ballot.style not in (STRIKE, SINGLE) and chosen == 0,
        "foreign_name": ballot.foreign_name,
        "writing": ballot.writing,
    }
    return next((why for why, applies in reasons.items() if applies), "")


def _chosen(ballot: MarkedBallot) -> tuple[str, ...]:
    wanted = KEPT if ballot.style == STRIKE else AGREE
    return tuple(key for key, mark in ballot.marks.items() if mark == wanted)


def _valid(ballot: MarkedBallot, why: str, article: Citation | None) -> Ruling:
    unwanted = STRUCK if ballot.style == STRIKE else DISAGREE
    against = tuple(key for key, mark in ballot.marks.items() if mark == unwanted)
    return Ruling(VALID, why, _chosen(ballot), against, article)
