"""Counts made apart (two blind entries, a scan) must be equal; another member settles what differs. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from conventus.core.rules import Refusal
from conventus.elections.rules.count import Count, compare_entries
from conventus.elections.rules.law import Law

EMPTY, PARTIAL, EQUAL, DIFFERING, RESOLVED = "empty", "partial", "equal", "differing", "resolved"
FIRST_ENTRY, SECOND_ENTRY, SCAN, RESOLUTION = "first", "second", "scan", "resolution"
PATHS = (SCAN, FIRST_ENTRY, SECOND_ENTRY)
"""The ways to a count, in the order in which they are shown."""
KEYED = (FIRST_ENTRY, SECOND_ENTRY)
BLIND = (FIRST_ENTRY, SECOND_ENTRY)
"""The paths of a count without a scan."""


@dataclass(frozen=True)
class Entry:
    """A count by one path: `slot` is `first`, `second`, `scan` or `resolution`; `by` any key of the person."""

    slot: str
    by: str
    count: Count


def check_paths(law: Law, chosen: Collection[str], on: date) -> tuple[str, ...]:
    """The paths of a ballot in their order; refuses an unknown one, none, a required one left out."""
    required = law.paths.at(on)
    for path in chosen:
        if path not in PATHS:
            raise Refusal("elections.path_unknown", field="paths", path=path, known=", ".join(PATHS))
    left_out = [path for path in required.value if path not in chosen]
    if left_out:
        raise Refusal("elections.path_missing", article=required.cite, field="paths", path=left_out[0])
    if not chosen:
        raise Refusal("elections.path_none", field="paths")
    return tuple(path for path in PATHS if path in chosen)


def entry_state(entries: Iterable[Entry], paths: Sequence[str] = BLIND) -> str:
    """`empty`, `partial`, `equal`, `differing` or `resolved`: nothing is compared before every path is there."""
    slots = {entry.slot: entry.count for entry in entries}
    if RESOLUTION in slots:
        return RESOLVED
    if not all(path in slots for path in paths):
        return PARTIAL if slots else EMPTY
    return DIFFERING if compare_entries({path: slots[path] for path in paths}) else EQUAL


def next_slot(entries: Iterable[Entry], paths: Sequence[str] = BLIND) -> str | None:
    """The slot that the next entry by a person fills; None when there is none, or only the scan is awaited."""
    found = tuple(entries)
    if entry_state(found, paths) == DIFFERING:
        return RESOLUTION
    taken = {entry.slot for entry in found}
    if RESOLUTION in taken:
        return None
    return next((path for path in paths if path in KEYED and path not in taken), None)


def slot_for(
    person: str,
    entries: Sequence[Entry],
    board: Collection[str],
    candidates: Collection[str],
    paths: Sequence[str] = BLIND,
) -> str:
    """The slot that `person` may fill now.

    Refuses whoever is not on the board, stands in the contest, or has keyed in this count already; so a difference is
    always settled by another person. Refuses everybody once the count is complete.
    """
    slot = next_slot(entries, paths)
    if slot is None:
        waiting = entry_state(entries, paths) in (EMPTY, PARTIAL)
        raise Refusal("elections.scan_awaited" if waiting else "elections.count_complete")
    if person not in board:
        raise Refusal("elections.not_on_board")
    if person in candidates:
        raise Refusal("elections.counter_is_candidate")
    if any(entry.by == person and entry.slot != SCAN for entry in entries):
        raise Refusal("elections.entered_already")
    return slot


def entries_shown_to(person: str, entries: Sequence[Entry], paths: Sequence[str] = BLIND) -> tuple[Entry, ...]:
    """The entries that a member of the board may look at: the own keyed one only, all of them once all are in."""
    if entry_state(entries, paths) in (EMPTY, PARTIAL):
        return tuple(entry for entry in entries if entry.by == person and entry.slot != SCAN)
    return tuple(entries)


def check_resolution(reason: str) -> None:
    """Refuse to settle a difference without saying how."""
    if not reason.strip():
        raise Refusal("elections.reason_missing", field="reason")


def agreed_count(entries: Iterable[Entry], paths: Sequence[str] = BLIND) -> Count | None:
    """The count that stands: the equal entries or the resolution; None while there is none."""
    found = tuple(entries)
    slots = {entry.slot: entry.count for entry in found}
    if RESOLUTION in slots:
        return slots[RESOLUTION]
    return slots[paths[0]] if entry_state(found, paths) == EQUAL else None
