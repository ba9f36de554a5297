"""What reading a sheet says: readings per candidate, doubts with their place, and the state of the sheet."""

from dataclasses import dataclass

from engines.omr.blank import Span

CHOSEN, REJECTED, BOTH, NONE, DOUBT = "chosen", "rejected", "both", "none", "doubt"
READ, REVIEW, FOREIGN, BLANK, UNREADABLE = "read", "review", "foreign", "blank", "unreadable"
STATES = (READ, REVIEW, FOREIGN, BLANK, UNREADABLE)


@dataclass(frozen=True)
class Doubt:
    """A question for people: about one candidate or the sheet (None); `span` is where to look, 200 dpi pixels."""

    candidate: str | None
    reason: str
    span: Span | None = None


@dataclass(frozen=True)
class Judged:
    """One row's reading, and why it is in doubt if it is."""

    value: str
    reason: str | None = None
