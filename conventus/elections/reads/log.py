"""The entry log of a ballot, from the minute book: who did what and when, under which seal; no figure and no mark."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from conventus.core.book import sealed
from conventus.core.models import Entry
from conventus.elections.models import Ballot, CountEntry, ScanBatch
from conventus.elections.reads.evidence import lines_about

WHAT: dict[str, str | Promise] = {
    "accept_warning": lazy("Warning accepted"),
    "adjudicate": lazy("Ruled on a ballot"),
    "choose_paths": lazy("Ways of the count chosen"),
    "close_scan": lazy("Count by scan closed"),
    "declare_result": lazy("Result declared"),
    "design_form": lazy("Ballot paper designed"),
    "destroy_evidence": lazy("Evidence destroyed"),
    "enter_by_sheets": lazy("Count keyed in from the pictures"),
    "enter_count": lazy("Count keyed in"),
    "issue": lazy("Ballots issued"),
    "open_batch": lazy("Stack opened"),
    "open_evidence": lazy("Evidence taken out"),
    "prepare_ballot": lazy("Ballot prepared"),
    "record_print_run": lazy("Print run recorded"),
    "record_stock": lazy("Spoilt and left over papers recorded"),
    "remove_pictures": lazy("Pictures left over removed"),
    "repeat_count": lazy("Count to be repeated"),
    "resolve": lazy("Differences settled"),
    "seal_evidence": lazy("Evidence sealed"),
    "set_electorate": lazy("Electorate entered"),
    "set_printed": lazy("Printed papers entered"),
    "set_record_details": lazy("Record filled in"),
    "start_reading": lazy("Reading of a stack started"),
    "take_in": lazy("Stack taken into the count"),
    "void_batch": lazy("Stack made void"),
    "withdraw_form": lazy("Ballot paper withdrawn"),
    "withdraw_print_run": lazy("Print run withdrawn"),
}
"""What was done, by verb; a verb that is not here goes by its own name."""


@dataclass(frozen=True)
class LogLine:
    """A line of the entry log."""

    seq: int
    at: datetime
    by: str
    office: str
    what: str
    details: str
    seal: str
    hash: str
    prev: str
    holds: bool
    """Whether its hash still fits what it says."""


def entry_log(ballot: Ballot) -> list[LogLine]:
    """The lines about a ballot, in their order."""
    entries = lines_about(ballot)
    stacks = {one.pk: str(one) for one in ScanBatch.objects.filter(form__ballot=ballot)}
    return [_line(one, stacks) for one in entries]


def _line(entry: Entry, stacks: dict[int, str]) -> LogLine:
    verb = entry.action.rpartition(".")[2]
    return LogLine(
        seq=entry.seq,
        at=entry.at,
        by=str(entry.actor),
        office=entry.office,
        what=str(WHAT.get(verb, verb.replace("_", " "))),
        details="; ".join(_details(entry, stacks)),
        seal=str(entry.after.get("seal", "")),
        hash=entry.hash,
        prev=entry.prev_hash,
        holds=sealed(entry) == entry.hash,
    )


def _details(entry: Entry, stacks: dict[int, str]) -> Iterator[str]:
    """What may be told of a line: paths, attempts, reasons, numbers of papers; nothing of a single paper or a count."""
    after: dict[str, Any] = entry.after
    if slot := after.get("slot"):
        yield str(dict(CountEntry.Slot.choices).get(slot, slot))
    if attempt := after.get("attempt"):
        yield _("count no. %(number)s") % {"number": attempt}
    if entry.subject_type == ScanBatch._meta.label_lower and entry.subject_id in stacks:
        yield _("stack %(stack)s") % {"stack": stacks[entry.subject_id]}
    for key in ("printed", "issued", "spoilt", "unused", "copies"):
        if after.get(key) is not None:
            yield f"{PAPERS[key]}: {after[key]}"
    yield from _reasons(entry)


PAPERS: dict[str, str | Promise] = {
    "printed": lazy("printed"),
    "issued": lazy("issued"),
    "spoilt": lazy("spoilt"),
    "unused": lazy("left over"),
    "copies": lazy("copies"),
}


def _reasons(entry: Entry) -> Iterator[str]:
    after = entry.after
    for key in ("reason", "decision", "void", "withdrawn"):
        if isinstance(after.get(key), str) and after[key]:
            yield after[key]
    old = {one["code"] for one in entry.before.get("accepted", ())}
    for one in after.get("accepted", ()):
        if one["code"] not in old:
            yield f"{one['code'].rpartition('.')[2]}: {one['reason']}"
    for one in after.get("repeats", ())[len(entry.before.get("repeats", ())) :]:
        yield str(one["reason"])
