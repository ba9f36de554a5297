"""Counts made again: all attempts side by side, and stacks by scan and by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conventus.core.models import User
from conventus.elections import rules
from conventus.elections.models import Ballot, CountEntry, count_of
from conventus.elections.reads.contests import board_seat
from conventus.elections.reads.count import AGREED, Line, lines_of, may_compare
from conventus.elections.reads.kept import kept_of
from conventus.elections.reads.stacks import StackCount, stack_counts


@dataclass(frozen=True)
class Column:
    """One of the counts that are compared: attempt, path, by whom; of a stack (attempt 0) its name instead."""

    key: str
    attempt: int
    slot: str
    by: str = ""


@dataclass(frozen=True)
class Table:
    """Counts side by side: its columns and a line for each figure, `values` by the column's key."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]

    @property
    def differing(self) -> int:
        """How many figures differ."""
        return sum(line.differs for line in self.lines)


def attempts_of(ballot: Ballot) -> Table | None:
    """The counts of all attempts; None as long as somebody may still have to count without knowing them."""
    if ballot.state not in AGREED:
        return None
    entries = list(ballot.entries.select_related("by").order_by("attempt", "pk"))
    columns = [Column(f"{one.attempt}-{one.slot}", one.attempt, one.slot, _by(one)) for one in entries]
    counts = {column.key: count_of(one.figures) for column, one in zip(columns, entries, strict=True)}
    return Table(tuple(columns), tuple(lines_of(ballot, counts)))


def _by(entry: CountEntry) -> str:
    return str(entry.by)


def stacks_table(reader: User, ballot: Ballot, stacks: Sequence[StackCount]) -> Table | None:
    """Stacks by scan and by hand, for members of the board who may compare counts now."""
    if not may_see_stacks(reader, ballot):
        return None
    columns: list[Column] = []
    counts: dict[str, rules.Count] = {}
    for stack in stacks:
        for way, count in (("scan", stack.read), ("hand", stack.agreed)):
            if count is not None:
                columns.append(Column(f"{stack.batch.pk}-{way}", 0, way, str(stack.batch)))
                counts[columns[-1].key] = count
    return Table(tuple(columns), tuple(lines_of(ballot, counts)))


def may_see_stacks(reader: User, ballot: Ballot) -> bool:
    """Whether a member of the board may see what single stacks hold: a stack is small, so nobody else ever does."""
    return board_seat(reader, ballot.contest.congress) is not None and may_compare(reader, ballot)


def stacks_shown(reader: User, ballot: Ballot) -> list[StackCount]:
    """The stacks of the present count for a member of the board, until the evidence is sealed; nothing otherwise."""
    if board_seat(reader, ballot.contest.congress) is None or kept_of(ballot):
        return []
    return stack_counts(ballot)
