"""Two people enter the count without seeing each other's figures; a third settles a difference. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from conventus.core.rules import Refusal
from conventus.elections.rules.count import Count, compare_entries

EMPTY, ONE, EQUAL, DIFFERING, RESOLVED = "empty", "first", "equal", "differing", "resolved"
FIRST_ENTRY, SECOND_ENTRY, RESOLUTION = "first", "second", "resolution"


@dataclass(frozen=True)
class Entry:
    """A count as one person (`by`, any key) keyed it in; `slot` is `first`, `second` or `resolution`."""

    slot: str
    by: str
    count: Count


def entry_state(entries: Iterable[Entry]) -> str:
    """`empty`, `first`, `equal`, `differing` or `resolved`."""
    slots = {entry.slot: entry.count for entry in entries}
    if RESOLUTION in slots:
        return RESOLVED
    if SECOND_ENTRY in slots:
        return DIFFERING if compare_entries(slots[FIRST_ENTRY], slots[SECOND_ENTRY]) else EQUAL
    return ONE if FIRST_ENTRY in slots else EMPTY


def next_slot(entries: Iterable[Entry]) -> str | None:
    """The slot that the next entry fills, None when the count is complete."""
    return {EMPTY: FIRST_ENTRY, ONE: SECOND_ENTRY, DIFFERING: RESOLUTION}.get(entry_state(entries))


def slot_for(person: str, entries: Sequence[Entry], board: Collection[str], candidates: Collection[str]) -> str:
    """The slot that `person` may fill now.

    Refuses whoever is not on the board, stands in the contest, or has entered this count already; so a difference is
    always settled by a third person. Refuses everybody once the count is complete.
    """
    slot = next_slot(entries)
    if slot is None:
        raise Refusal("elections.count_complete")
    if person not in board:
        raise Refusal("elections.not_on_board")
    if person in candidates:
        raise Refusal("elections.counter_is_candidate")
    if any(entry.by == person for entry in entries):
        raise Refusal("elections.entered_already")
    return slot


def entries_shown_to(person: str, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """The entries that a member of the board may look at: the own one only, all of them once both are in."""
    if entry_state(entries) in (EMPTY, ONE):
        return tuple(entry for entry in entries if entry.by == person)
    return tuple(entries)


def check_resolution(reason: str) -> None:
    """Refuse to settle a difference without saying how."""
    if not reason.strip():
        raise Refusal("elections.reason_missing", field="reason")


def agreed_count(entries: Iterable[Entry]) -> Count | None:
    """The count that stands: the equal entries or the resolution; None while there is none."""
    found = tuple(entries)
    slots = {entry.slot: entry.count for entry in found}
    if entry_state(found) == RESOLVED:
        return slots[RESOLUTION]
    return slots[FIRST_ENTRY] if entry_state(found) == EQUAL else None
