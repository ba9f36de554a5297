"""A trial count: marked sheets whose answer is known, against what was read of them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from conventus.elections.rules.count import BallotFacts, Count
from conventus.elections.rules.law import Law
from conventus.elections.rules.sheets import DOUBT, SheetFacts, sum_of, unseen

MISREAD, MISSING, EXTRA = "misread", "missing", "extra"
"""What a trial may not show: a mark read for another, a sheet that was not read, a sheet that is not of the deck."""
ASKED = "review"
UNTOLD = ("foreign", "unreadable")
"""States of a scan on which nothing was read: whose sheet it was cannot be said."""


@dataclass(frozen=True)
class KnownSheet:
    """A sheet of the deck: what it shows (`plain`, `overvote` …), the state it must be read in, its marks."""

    kind: str
    state: str
    marks: Mapping[str, str]

    def facts(self) -> SheetFacts:
        """The sheet as a faultless reader gives it."""
        return SheetFacts("", self.state, self.marks, (self.kind,) if self.state == ASKED else ())


@dataclass(frozen=True)
class KindLine:
    """The sheets of one kind: how many there are, were read as they must, or were asked about without need."""

    kind: str
    known: int
    right: int
    asked: int

    @property
    def wrong(self) -> int:
        """Those misread or missing."""
        return self.known - self.right - self.asked


@dataclass(frozen=True)
class TotalLine:
    """One figure of the count without any ruling: as known, as read, and what sheets hold that wait without need."""

    figure: str
    candidate: str
    known: int
    read: int
    waiting: int

    @property
    def agrees(self) -> bool:
        """Whether nothing is lost or won."""
        return self.known == self.read + self.waiting


@dataclass(frozen=True)
class Fault:
    """A sheet that went wrong: of which kind, how, and the marks that differ (`known`, `read`) by candidate."""

    what: str
    kind: str = ""
    state: str = ""
    marks: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class TrialResult:
    """What a trial came to."""

    kinds: tuple[KindLine, ...]
    totals: tuple[TotalLine, ...]
    faults: tuple[Fault, ...]
    sheets_known: int
    sheets_read: int
    people_known: int
    """Sheets that must go to the board: in doubt, or clear but not plainly valid by law."""
    people_read: int

    @property
    def asked(self) -> int:
        """Clear sheets that people were asked about: no fault, but the board's time."""
        return sum(line.asked for line in self.kinds)

    @property
    def passed(self) -> bool:
        """Nothing misread, missing or too much, and every figure agrees."""
        return not self.faults and all(line.agrees for line in self.totals)


Pair = tuple[KnownSheet, SheetFacts]


def compare_trial(
    law: Law, facts: BallotFacts, known: Sequence[KnownSheet], read: Sequence[SheetFacts], on: date
) -> TrialResult:
    """Match every sheet read with a sheet of the deck, then compare kind by kind and figure by figure."""
    right, known_left, read_left = _exact(known, read)
    asked, known_left, read_left = _asked(known_left, read_left)
    faults = tuple(_faults(known_left, read_left))
    return TrialResult(
        kinds=tuple(_kinds(known, right, asked)),
        totals=tuple(_totals(law, facts, known, read, [one for one, _sheet in asked], on)),
        faults=faults,
        sheets_known=len(known),
        sheets_read=len(read),
        people_known=sum(unseen(law, facts, one.facts(), on) is None for one in known),
        people_read=sum(unseen(law, facts, one, on) is None for one in read),
    )


# Which sheet is which -----------------------------------------------------------------------------


def _exact(
    known: Sequence[KnownSheet], read: Sequence[SheetFacts]
) -> tuple[list[KnownSheet], list[KnownSheet], list[SheetFacts]]:
    """Those read as they must be, and what is left on both sides."""
    there = Counter(_content(one.state, one.marks) for one in read)
    right: list[KnownSheet] = []
    left: list[KnownSheet] = []
    for one in known:
        content = _content(one.state, one.marks)
        (right if there[content] else left).append(one)
        there[content] -= bool(there[content])
    return right, left, list(_still(read, there))


def _content(state: str, marks: Mapping[str, str]) -> tuple[object, ...]:
    return (state, tuple(sorted(marks.items())))


def _still(read: Sequence[SheetFacts], left: Counter[tuple[object, ...]]) -> Iterator[SheetFacts]:
    for one in read:
        content = _content(one.state, one.marks)
        if left[content]:
            left[content] -= 1
            yield one


def _asked(known: list[KnownSheet], read: list[SheetFacts]) -> tuple[list[Pair], list[KnownSheet], list[SheetFacts]]:
    """Sheets on which people are asked more than needed, and nothing is claimed that is wrong."""
    pairs: list[Pair] = []
    rest: list[SheetFacts] = []
    waiting = list(known)
    for sheet in sorted(read, key=_doubtful):
        fitting = [one for one in waiting if sheet.state == ASKED and not _differing(one, sheet)]
        if not fitting:
            rest.append(sheet)
            continue
        best = max(fitting, key=lambda one: _equal(one, sheet))
        waiting.remove(best)
        pairs.append((best, sheet))
    return pairs, waiting, rest


def _doubtful(sheet: SheetFacts) -> int:
    """How little a sheet says: those that say most are matched first."""
    return sum(mark == DOUBT for mark in sheet.marks.values()) if sheet.marks else len(sheet.key) + 10_000


def _differing(known: KnownSheet, sheet: SheetFacts) -> dict[str, tuple[str, str]]:
    """The marks that were claimed and are not so; a doubt claims nothing."""
    return {
        key: (known.marks.get(key, ""), mark)
        for key, mark in sheet.marks.items()
        if mark not in (DOUBT, known.marks.get(key))
    }


def _equal(known: KnownSheet, sheet: SheetFacts) -> int:
    return sum(known.marks.get(key) == mark for key, mark in sheet.marks.items())


def _faults(known: list[KnownSheet], read: list[SheetFacts]) -> Iterator[Fault]:
    """What fits nothing: paired with the sheet that it is most like, else missing or too much."""
    waiting = list(known)
    for sheet in read:
        if sheet.state in UNTOLD or not waiting:
            yield Fault(EXTRA, state=sheet.state)
            continue
        like = max(waiting, key=lambda one: _equal(one, sheet))
        waiting.remove(like)
        marks = {
            key: (mark, sheet.marks.get(key, "")) for key, mark in like.marks.items() if mark != sheet.marks.get(key)
        }
        yield Fault(MISREAD, like.kind, sheet.state, marks)
    yield from (Fault(MISSING, one.kind) for one in waiting)


# Figures ------------------------------------------------------------------------------------------


def _kinds(known: Sequence[KnownSheet], right: list[KnownSheet], asked: list[Pair]) -> Iterator[KindLine]:
    read = Counter(one.kind for one in right)
    # A sheet that must go to people is read right also when more of its marks are in doubt than were drawn so.
    read.update(one.kind for one, _sheet in asked if one.state == ASKED)
    needless = Counter(one.kind for one, _sheet in asked if one.state != ASKED)
    for kind, number in Counter(one.kind for one in known).items():
        yield KindLine(kind, number, read[kind], needless[kind])


def _totals(
    law: Law,
    facts: BallotFacts,
    known: Sequence[KnownSheet],
    read: Sequence[SheetFacts],
    asked: Sequence[KnownSheet],
    on: date,
) -> Iterator[TotalLine]:
    """The sums over what may be counted unseen, line by line in the order of the paper."""
    sums = [
        _sum(law, facts, sheets, on)
        for sheets in ([one.facts() for one in known], read, [one.facts() for one in asked])
    ]
    for figure, candidate in [("valid", ""), *_figures(facts, sums[0])]:
        yield TotalLine(figure, candidate, *(_figure(count, figure, candidate) for count in sums))


def _sum(law: Law, facts: BallotFacts, sheets: Iterable[SheetFacts], on: date) -> Count:
    verdicts = (unseen(law, facts, one, on) for one in sheets)
    return sum_of(facts, [one for one in verdicts if one is not None])


def _figures(facts: BallotFacts, count: Count) -> Iterator[tuple[str, str]]:
    for key in facts.candidates:
        yield "votes", key
        if count.against:
            yield "against", key


def _figure(count: Count, figure: str, candidate: str) -> int:
    value = getattr(count, figure)
    return int((value[candidate] if candidate else value) or 0)
