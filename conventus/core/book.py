"""The minute book: written by the action door, one line an action, each line sealed with the hash of the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from conventus.core import clock
from conventus.core.models import BookHead, Entry

HEAD = 1
"""The key of the head's only row."""


@dataclass(frozen=True)
class Line:
    """What is to be written: everything of an entry but its number, time and hashes."""

    actor_id: int
    office: str
    action: str
    subject_type: str
    subject_id: int | None
    unit_id: int | None
    before: dict[str, Any]
    after: dict[str, Any]
    pack: str = ""


@dataclass(frozen=True)
class Fault:
    """The first place where the book does not hold: the line's number and what is wrong with it."""

    seq: int
    what: str


def sealed(entry: Entry) -> str:
    """SHA-256 over the entry's canonical JSON and the previous line's hash, in hexadecimal."""
    text = json.dumps(body_of(entry), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def body_of(entry: Entry) -> dict[str, Any]:
    """Everything of a line but its own hash, as its hash covers it."""
    return {
        "seq": entry.seq,
        "at": _utc(entry.at),
        "actor": entry.actor_id,
        "office": entry.office,
        "action": entry.action,
        "subject": [entry.subject_type, entry.subject_id],
        "unit": entry.unit_id,
        "before": entry.before,
        "after": entry.after,
        "pack": entry.pack,
        "prev": entry.prev_hash,
    }


def write(lines: Iterable[Line]) -> list[Entry]:
    """Append `lines` in order and move the head. Must run inside the transaction of the change that they record."""
    assert connection.in_atomic_block
    head = _locked_head()
    at = clock.now()
    entries = []
    for line in lines:
        entry = Entry(seq=head.seq + 1, at=at, prev_hash=head.hash, **line.__dict__)
        entry.hash = sealed(entry)
        head.seq, head.hash = entry.seq, entry.hash
        entries.append(entry)
    Entry.objects.bulk_create(entries, batch_size=500)
    head.save(update_fields=["seq", "hash"])
    return entries


def verify() -> Iterator[int | Fault]:
    """Walk the whole book: yields each good line's number, and last the first `Fault`, if there is one."""
    seq, prev = 0, ""
    for entry in Entry.objects.order_by("seq").iterator(chunk_size=2000):
        if fault := _fault(entry, seq, prev):
            yield fault
            return
        seq, prev = entry.seq, entry.hash
        yield seq
    head = BookHead.objects.filter(pk=HEAD).first() or BookHead()
    if head.seq != seq:
        yield Fault(min(seq, head.seq) + 1, f"the book's head names line {head.seq}, but the last line here is {seq}")
    elif head.hash != prev:
        yield Fault(seq, "the book's head names another hash for it")


def _fault(entry: Entry, seq: int, prev: str) -> Fault | None:
    if entry.seq != seq + 1:
        return Fault(seq + 1, f"line {seq + 1} is missing; line {entry.seq} follows")
    if entry.prev_hash != prev:
        return Fault(entry.seq, "it does not carry the hash of the line before")
    if sealed(entry) != entry.hash:
        return Fault(entry.seq, "its content was changed after it was written")
    return None


def _locked_head() -> BookHead:
    head, _ = BookHead.objects.select_for_update().get_or_create(pk=HEAD)
    return head


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
