"""Reconciliation: what the papers, the scans and the count must have in common before a result exists. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from conventus.core.rules import ERROR, WARNING, Finding

T = TypeVar("T")

CLOSED, GAP, UNKNOWN = "closed", "gap", "unknown"
WAITING, EQUAL, DIFFERS, EXPLAINED = "waiting", "equal", "differs", "explained"
"""How a stack's hand count stands to its scan."""


@dataclass(frozen=True)
class Papers:
    """What became of the papers: printed, issued, spoilt and exchanged, left over; None = not known."""

    printed: int | None = None
    issued: int | None = None
    spoilt: int | None = None
    unused: int | None = None


@dataclass(frozen=True)
class Stack:
    """A scanned stack: the ballots counted by hand before (None = not counted) and the sheets found in it.

    `by_hand`: "" = not counted again by hand, `waiting` = not finished, `equal`, `differs`, `explained`.
    """

    label: str
    expected: int | None
    found: int
    by_hand: str = ""


@dataclass(frozen=True)
class Scanned:
    """What was scanned: the sheets that are ballots of this count, the valid ones, and every name's marks on those."""

    sheets: int
    valid: int
    marks: Mapping[str, int] = field(default_factory=dict)
    """By candidate's key: chosen, not chosen, both or none together."""
    stacks: tuple[Stack, ...] = ()


@dataclass(frozen=True)
class Totals:
    """The figures of the count that are compared; None = not known yet."""

    collected: int | None = None
    valid: int | None = None
    invalid: int | None = None


NOTHING = Totals()
"""As long as the count is not agreed."""


@dataclass(frozen=True)
class Equation:
    """What must hold: the sum of the left side against the right one, each figure by its name (None = not known).

    `code` names it (`papers`, `box`, `rulings`, `scan`, `stack`, `name`); `about` is the stack or the candidate's key.
    `least` says that the left side may be less.
    """

    code: str
    left: tuple[tuple[str, int | None], ...]
    right: tuple[str, int | None]
    about: str = ""
    least: bool = False

    @property
    def state(self) -> str:
        """`closed`, `gap`, or `unknown` as long as a figure is missing."""
        if self.difference is None:
            return UNKNOWN
        open_now = self.difference > 0 if self.least else self.difference != 0
        return GAP if open_now else CLOSED

    @property
    def difference(self) -> int | None:
        """By how much the left side is too large, negative when it is too small; None while a figure is missing."""
        numbers = [number for _, number in self.left]
        if self.right[1] is None or None in numbers:
            return None
        return sum(number or 0 for number in numbers) - self.right[1]

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of the figures that are not known."""
        return tuple(name for name, number in (*self.left, self.right) if number is None)


def equations(papers: Papers, totals: Totals = NOTHING, scanned: Scanned | None = None) -> tuple[Equation, ...]:
    """Everything that must hold, in the order in which the board checks it; without scans there is less of it."""
    return tuple(_equations(papers, totals, scanned))


def _equations(papers: Papers, totals: Totals, scanned: Scanned | None) -> Iterator[Equation]:
    if papers.printed is not None:
        parts = (("issued", papers.issued), ("spoilt", papers.spoilt), ("unused", papers.unused))
        yield Equation("papers", parts, ("printed", papers.printed))
    yield Equation("box", (("collected", totals.collected),), ("issued", papers.issued), least=True)
    yield Equation("rulings", (("valid", totals.valid), ("invalid", totals.invalid)), ("collected", totals.collected))
    if scanned is not None:
        yield from _scan_equations(scanned, totals)


def _scan_equations(scanned: Scanned, totals: Totals) -> Iterator[Equation]:
    for stack in scanned.stacks:
        if stack.expected is not None:
            yield Equation("stack", (("found", stack.found),), ("expected", stack.expected), stack.label)
    yield Equation("scan", (("scanned", scanned.sheets),), ("collected", totals.collected))
    for key, marks in scanned.marks.items():
        yield Equation("name", (("marks", marks),), ("valid_scanned", scanned.valid), key)


def error_findings(found: tuple[Equation, ...], scanned: Scanned | None, names: Mapping[str, str]) -> Iterator[Finding]:
    """What blocks a result: papers not counted (E14), marks that do not make the valid ballots (E15), hand counts."""
    for one in found:
        if one.code == "papers" and one.missing:
            yield Finding("elections.E14", ERROR, params={"printed": one.right[1]})
        if one.code == "name" and one.state == GAP:
            words = {"name": names.get(one.about, one.about), "marks": one.left[0][1], "valid": one.right[1]}
            yield Finding("elections.E15", ERROR, params=words | {"candidate": one.about})
    for stack in scanned.stacks if scanned else ():
        if stack.by_hand == DIFFERS:
            yield Finding("elections.E16", ERROR, params={"stack": stack.label})
        elif stack.by_hand == WAITING:
            yield Finding("elections.E17", ERROR, params={"stack": stack.label})


def warning_findings(found: tuple[Equation, ...]) -> Iterator[Finding]:
    """What the head accepts with a reason or has counted again: papers (W08), sheets (W09), stacks (W10).

    E05 and E06 of the count say the same of the box and of the rulings.
    """
    figures = {one.code: one for one in found if one.code in ("papers", "scan")}
    if (papers := figures.get("papers")) and papers.state == GAP:
        yield _papers_finding(papers)
    if (scan := figures.get("scan")) and scan.state == GAP:
        words = {"scanned": scan.left[0][1], "collected": scan.right[1]}
        yield Finding("elections.W09", WARNING, params=words)
    gaps = [one for one in found if one.code == "stack" and one.state == GAP]
    if gaps:
        stacks = "; ".join(f"{one.about}: {one.left[0][1]}/{one.right[1]}" for one in gaps)
        yield Finding("elections.W10", WARNING, params={"stacks": stacks})


def _papers_finding(papers: Equation) -> Finding:
    params: dict[str, object] = {"difference": _signed(papers)}
    params.update((*papers.left, papers.right))
    return Finding("elections.W08", WARNING, params=params)


def _signed(equation: Equation) -> str:
    return f"{equation.difference or 0:+d}"


# Stacks counted again by hand ---------------------------------------------------------------------


def agreed_by_hand(counts: Sequence[tuple[str, T]]) -> T | None:
    """The hand count of a stack that two different people share; of each person the last count matters."""
    people = dict(counts)
    found = list(people.values())
    return next((one for one in found if found.count(one) > 1), None)
