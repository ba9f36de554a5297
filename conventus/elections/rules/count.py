"""The count: numbered checks of its figures, and what differs between two entries. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from conventus.core.rules import ERROR, WARNING, Finding, Refusal, raise_all
from conventus.elections.rules.law import BOXES, SINGLE, STRIKE, Law
from conventus.elections.rules.reconcile import (
    Equation,
    Papers,
    Scanned,
    Totals,
    equations,
    error_findings,
    warning_findings,
)


@dataclass(frozen=True)
class BallotFacts:
    """What a count is judged by: the paper, the names on it (keys), and figures known before the count.

    `needed` votes elect, `base` and `present` are voters; None = not known. `names` shows a key in words. `papers` and
    `scanned` are known once the count is agreed: what becomes of the papers does not stand in the way of keying in.
    """

    style: str
    seats: int
    candidates: tuple[str, ...]
    issued: int | None
    present: int | None = None
    base: int | None = None
    needed: int | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    papers: Papers | None = None
    scanned: Scanned | None = None

    def name(self, key: str) -> str:
        """The candidate's name, or the key when there is none."""
        return self.names.get(key, key)


@dataclass(frozen=True)
class Count:
    """The figures of a count, None = not entered. `against` is counted with agree/disagree boxes only."""

    collected: int | None
    valid: int | None
    invalid: int | None
    votes: Mapping[str, int | None]
    against: Mapping[str, int | None] = field(default_factory=dict)


def check_count(law: Law, facts: BallotFacts, count: Count, on: date) -> tuple[Finding, ...]:
    """Every point about the figures: errors E01 to E17 block, warnings W01 to W10 are accepted with a reason.

    Wrong figures raise warnings by the dozen, so nothing else is looked for while there is an error in them.
    """
    errors = tuple(_shape_errors(facts, count)) or tuple(_sum_errors(law, facts, count, on))
    if errors:
        return errors
    found = balance(facts, count)
    return (
        *error_findings(found, facts.scanned, facts.names),
        *_warnings(law, facts, count, on),
        *warning_findings(found),
    )


def balance(facts: BallotFacts, count: Count) -> tuple[Equation, ...]:
    """What papers, scans and an agreed count must have in common."""
    totals = Totals(count.collected, count.valid, count.invalid)
    return equations(facts.papers or Papers(issued=facts.issued), totals, facts.scanned)


def check_accepted(findings: Iterable[Finding], accepted: Mapping[str, str]) -> None:
    """Refuse a count with errors, or with a warning that is not accepted with a reason (code → reason)."""
    found = tuple(findings)
    raise_all(finding.refusal() for finding in found if finding.severity == ERROR)
    open_ones = [one for one in found if not accepted.get(one.code, "").strip()]
    raise_all(Refusal("elections.warning_open", field=one.code, warning=str(one)) for one in open_ones)


def _error(code: str, **params: object) -> Finding:
    return Finding(f"elections.{code}", ERROR, params=params)


def _warning(code: str, **params: object) -> Finding:
    return Finding(f"elections.{code}", WARNING, params=params)


def _shape_errors(facts: BallotFacts, count: Count) -> Iterator[Finding]:
    totals = {"issued": facts.issued, "collected": count.collected, "valid": count.valid, "invalid": count.invalid}
    for figure, number in totals.items():
        if number is None:
            yield _error("E01", figure=figure)
        elif number < 0:
            yield _error("E02", figure=figure, number=number)
    yield from _name_errors(facts, count.votes)
    if facts.style != STRIKE:
        yield from _name_errors(facts, count.against)


def _name_errors(facts: BallotFacts, votes: Mapping[str, int | None]) -> Iterator[Finding]:
    for key in facts.candidates:
        number = votes.get(key)
        if number is None:
            yield _error("E04", name=facts.name(key), candidate=key)
        elif number < 0:
            yield _error("E02", figure=facts.name(key), number=number, candidate=key)
    for key in votes:
        if key not in facts.candidates:
            yield _error("E03", name=facts.name(key), candidate=key)


@dataclass(frozen=True)
class _Figures:
    """The same figures once they are known to be there."""

    issued: int
    collected: int
    valid: int
    invalid: int
    votes: Mapping[str, int]
    against: Mapping[str, int]


def _figures(facts: BallotFacts, count: Count) -> _Figures:
    votes = {key: number or 0 for key, number in count.votes.items()}
    against = {key: number or 0 for key, number in count.against.items()}
    totals = (facts.issued, count.collected, count.valid, count.invalid)
    issued, collected, valid, invalid = (number or 0 for number in totals)
    return _Figures(issued, collected, valid, invalid, votes, against)


def _sum_errors(law: Law, facts: BallotFacts, count: Count, on: date) -> Iterator[Finding]:
    seen = _figures(facts, count)
    yield from _paper_errors(facts, seen)
    for key, votes in seen.votes.items():
        if votes > seen.valid:
            yield _error("E08", name=facts.name(key), votes=votes, valid=seen.valid, candidate=key)
    if facts.style == STRIKE:
        yield from _strike_errors(law, facts, seen, on)
    else:
        yield from _box_errors(facts, seen)


def _paper_errors(facts: BallotFacts, seen: _Figures) -> Iterator[Finding]:
    if seen.collected > seen.issued:
        yield _error("E05", collected=seen.collected, issued=seen.issued)
    total = seen.valid + seen.invalid
    if total != seen.collected:
        yield _error("E06", valid=seen.valid, invalid=seen.invalid, sum=total, collected=seen.collected)
    if facts.present is not None and seen.issued > facts.present:
        yield _error("E07", issued=seen.issued, present=facts.present)
    if facts.base is not None and seen.issued > facts.base:
        yield _error("E13", issued=seen.issued, base=facts.base)


def _strike_errors(law: Law, facts: BallotFacts, seen: _Figures, on: date) -> Iterator[Finding]:
    votes = sum(seen.votes.values())
    if votes > seen.valid * facts.seats:
        yield _error("E09", votes=votes, valid=seen.valid, seats=facts.seats)
    if votes < seen.valid and law.ballot.none_on_strike.at(on).value == "invalid":
        yield _error("E10", votes=votes, valid=seen.valid)


def _box_errors(facts: BallotFacts, seen: _Figures) -> Iterator[Finding]:
    for key in facts.candidates:
        votes, against = seen.votes[key], seen.against[key]
        figures = {"name": facts.name(key), "votes": votes, "against": against, "valid": seen.valid, "candidate": key}
        if votes <= seen.valid < votes + against:
            yield _error("E11", **figures)
        elif facts.style == SINGLE and votes + against < seen.valid:
            yield _error("E12", **figures)


def _warnings(law: Law, facts: BallotFacts, count: Count, on: date) -> Iterator[Finding]:
    seen, percent = _figures(facts, count), law.invalid_percent.at(on).value
    if seen.collected < seen.issued:
        yield _warning("W01", missing=seen.issued - seen.collected, issued=seen.issued)
    if facts.present is not None and seen.issued < facts.present:
        missing = facts.present - seen.issued
        yield _warning("W02", issued=seen.issued, present=facts.present, missing=missing)
    if seen.invalid * 100 > seen.collected * percent:
        yield _warning("W03", invalid=seen.invalid, collected=seen.collected, percent=percent)
    yield from _name_warnings(facts, seen, percent)


def _name_warnings(facts: BallotFacts, seen: _Figures, percent: int) -> Iterator[Finding]:
    without = [facts.name(key) for key in facts.candidates if seen.votes[key] == 0]
    if without:
        yield _warning("W04", names=", ".join(without))
    if len(facts.candidates) > 2 and len(set(seen.votes.values())) == 1:
        yield _warning("W05", count=len(facts.candidates), votes=seen.votes[facts.candidates[0]])
    if facts.needed is not None and seen.valid < facts.needed:
        yield _warning("W06", valid=seen.valid, needed=facts.needed)
    if facts.style == BOXES:
        unclear = [facts.name(key) for key in facts.candidates if _unclear(seen, key) * 100 > seen.valid * percent]
        if unclear:
            yield _warning("W07", names=", ".join(unclear))


def _unclear(seen: _Figures, key: str) -> int:
    """Valid ballots with both boxes or none marked for this name (ELE-20)."""
    return seen.valid - seen.votes[key] - seen.against[key]


# Counts made apart -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """A figure that counts give differently: `values` by the count's slot; `candidate` is "" for the totals."""

    figure: str
    candidate: str
    values: Mapping[str, int | None]


def compare_entries(counts: Mapping[str, Count]) -> tuple[Difference, ...]:
    """Every figure that differs between counts (slot → count), totals first; empty when all are equal."""
    return tuple(_differences(counts))


def _differences(counts: Mapping[str, Count]) -> Iterator[Difference]:
    for figure in ("collected", "valid", "invalid"):
        yield from _difference(figure, "", {slot: getattr(count, figure) for slot, count in counts.items()})
    for figure in ("votes", "against"):
        by_slot: dict[str, Mapping[str, int | None]] = {slot: getattr(one, figure) for slot, one in counts.items()}
        for key in dict.fromkeys(key for found in by_slot.values() for key in found):
            yield from _difference(figure, key, {slot: found.get(key) for slot, found in by_slot.items()})


def _difference(figure: str, candidate: str, values: Mapping[str, int | None]) -> Iterator[Difference]:
    if len(set(values.values())) > 1:
        yield Difference(figure, candidate, values)
