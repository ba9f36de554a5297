"""What a counting record has to say (rulebook ELE-33): plain figures, names and times."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class BoardMember:
    """A member of the counting board; `office` is a code of the form's `offices` (head, member)."""

    name: str
    office: str = "member"


@dataclass(frozen=True)
class BaseLine:
    """A step on the way to the base: a code of the form's `base`, and people added (+) or taken off (−)."""

    code: str
    count: int
    shown: bool = False
    """Only told, not part of the sum; the paper puts it in brackets."""


@dataclass(frozen=True)
class Result:
    """What one name on the list received."""

    number: int
    name: str
    votes: int
    elected: bool


@dataclass(frozen=True)
class Entry:
    """A count: which (first, second, scan, resolution), by whom, when (local time), how (totals, sheets, scan)."""

    step: str
    by: str
    at: datetime
    note: str = ""
    method: str = "totals"


@dataclass(frozen=True)
class AcceptedWarning:
    """A warning of the checks that somebody accepted, with the reason given."""

    code: str
    text: str
    reason: str
    by: str


@dataclass(frozen=True)
class Ruled:
    """Ballots on which members ruled alike: how many, on which ground, and who ruled on any of them, never on which."""

    ruling: str
    ground: str
    number: int
    by: tuple[str, ...]


@dataclass(frozen=True)
class ScanFacts:
    """What was scanned: stacks by name with their ballots, how many counted as read, how many members ruled on."""

    stacks: tuple[tuple[str, int], ...]
    sheets: int
    unseen: int
    ruled: int
    rulings: tuple[Ruled, ...] = ()


@dataclass(frozen=True)
class RecordFacts:
    """Everything a counting record says. Its words are in the form's language already."""

    superior: str
    unit: str
    assembly: str
    """The congress by its full name."""
    contest: str
    """What was voted on, such as “Executive Committee of …, term 2025–2030”."""
    dated: date
    place: str
    """The place named beside the date; `hall` says where exactly the ballots were counted."""
    seats: int
    results: tuple[Result, ...]
    base_lines: tuple[BaseLine, ...]
    needed: int | None
    """Votes that elect; None when the highest numbers decide, as in a tie ballot."""
    issued: int
    collected: int
    valid: int
    invalid: int
    board: tuple[BoardMember, ...]
    number: str = ""
    round: str = "first"
    style: str = "strike"
    hall: str = ""
    began: datetime | None = None
    ended: datetime | None = None
    attended: int | None = None
    clause: str = ""
    """The clause that says how many votes elect."""
    entries: tuple[Entry, ...] = ()
    warnings: tuple[AcceptedWarning, ...] = ()
    printed: int | None = None
    spoilt: int | None = None
    unused: int | None = None
    """Of the papers; None = not known, and then not on the record."""
    scan: ScanFacts | None = None
    remarks: tuple[str, ...] = ()
    """What the board found or the congress decided besides, such as a tie."""
    adopted: datetime | None = None
    copies: int = 2
    presidium: tuple[str, ...] = ()
    draft: bool = False

    @property
    def base(self) -> int:
        """The number of people over which shares are taken."""
        return sum(line.count for line in self.base_lines if not line.shown)

    @property
    def elected(self) -> tuple[Result, ...]:
        """Those elected, by votes; equal votes stay in the order of the list."""
        return tuple(sorted((one for one in self.results if one.elected), key=lambda one: -one.votes))
