"""What rooms below ask of the elections (may a congress be filed, whom it elected); the long work of a count."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse

from conventus.core import jobs
from conventus.core.jobs import Cancelled, Progress, job
from conventus.core.models import Job, User
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.cycle.hooks import ELECTED, READY_CHECKS
from conventus.cycle.models import Congress
from conventus.cycle.papers import Body, Person
from conventus.elections import actions, reads
from conventus.elections.models import Contest, ScanBatch
from conventus.elections.scans import devices
from conventus.elections.scans.engine import EngineFault, Tally
from conventus.elections.scans.folder import Folder
from conventus.elections.scans.reading import Busy, Ends, Paused, Watched, read_stack

refusal_texts(
    "elections",
    {
        "undecided": N_("The election “%(contest)s” is open. Declare its result or record what was decided."),
        "disk_full": N_("Nothing more can be written: %(fault)s. Free the disk, then go on; no page that was read is lost."),
        "engine_failed": N_("The reading had to stop: %(fault)s. Go on; no page that was read is lost."),
        "stack_is_read": N_("Stack %(stack)s is being read by somebody else. Look at its page."),
        "scanner_failed": N_("The scanner stopped: %(fault)s. See to it; ballots that came out are in the stack."),
        "scanner_gone": N_("The scanner “%(device)s” does not answer. Switch it on and look for scanners again."),
    },
)


def undecided(congress: Congress) -> Iterator[Refusal]:
    """The contests that stand in the way of filing a result."""
    for contest in congress.contests.exclude(state=Contest.State.DECIDED):
        yield Refusal("elections.undecided", contest=contest.title)


def bodies(congress: Congress) -> Iterator[Body]:
    """The decided contests with those elected, for the decision on the result."""
    for contest in congress.contests.filter(state=Contest.State.DECIDED):
        people = tuple(Person(count.candidate.name) for count in reads.elected_of(contest))
        yield Body(contest.title, people, contest.seats)


READY_CHECKS.append(undecided)
ELECTED.append(bodies)


# Reading stacks of scans --------------------------------------------------------------------------

READING, FEEDING = "elections.read_batch", "elections.feed"
START = {"count": actions.start_reading, "trial": actions.start_trial}
TAKE_IN = {"count": actions.take_in, "trial": actions.take_in_trial}
VOID = {"count": actions.void_batch, "trial": actions.void_trial}
"""The verbs for a stack, by its purpose."""
jobs.RESULTS |= {"pages": N_("pages read"), "ballots": N_("ballots"), "refused": N_("files refused")}


def scanner_folders() -> list[Path]:
    """Folders that scanners are set to fill, one for each, whatever stack is being scanned."""
    base = Path(settings.SCANNERS)
    return sorted(path for path in base.iterdir() if path.is_dir()) if base.is_dir() else []


def ask_to_read(actor: User, batch: ScanBatch, source: str = "") -> Job:
    """Start the reading of a stack, or go on; `source` is the name of a folder that a scanner fills."""
    jobs.settle_interrupted()
    START[batch.purpose](actor, batch)
    return jobs.ask(actor, READING, batch.place, lock=f"scan:{batch.pk}", batch=batch.pk, source=source)


@job(READING, N_("Reading a stack of ballots"), apart=True)
def read_batch(actor: User, progress: Progress, *, batch: int, source: str = "") -> dict[str, Any]:
    """Read a stack until it is complete, then take it in for the member who started the reading."""
    row = ScanBatch.objects.select_related("form__ballot").get(pk=batch)
    read_whole(actor, row, progress, [path for path in scanner_folders() if path.name == source])
    counts = {"pages": row.pages, "ballots": row.sheets.count(), "refused": len(row.refused)}
    return counts | {"next": reverse("elections:stack", args=[row.pk])}


def read_whole(
    actor: User, row: ScanBatch, progress: Progress, sources: list[Path], idle: float | None = None
) -> None:
    """Read and take in, outside of any transaction but the last; what stops it is said in words."""
    expected = (row.expected or 0) * row.form.pages
    watched = Watched(Folder(row.directory), sources, Ends(expected or None, idle))

    def report(tally: Tally) -> None:
        progress(min(tally.sides, expected), expected, str(tally.pages))

    try:
        read_stack(watched, report, lambda: _take_in(actor, row))
    except Busy as fault:
        raise Refusal("elections.stack_is_read", stack=row) from fault
    except Paused as fault:
        raise Cancelled from fault
    except EngineFault as fault:
        raise Refusal(f"elections.{'disk_full' if fault.disk else 'engine_failed'}", fault=fault) from fault
    except OSError as fault:
        raise Refusal("elections.disk_full", fault=fault.strerror) from fault


def _take_in(actor: User, row: ScanBatch) -> None:
    row.refresh_from_db()
    TAKE_IN[row.purpose](actor, row)


def ask_to_feed(actor: User, batch: ScanBatch, device: str, *, both_sides: bool) -> Job:
    """Let a scanner empty its feeder into a stack."""
    jobs.settle_interrupted()
    arguments = {"batch": batch.pk, "device": device, "both_sides": both_sides}
    return jobs.ask(actor, FEEDING, batch.place, lock=f"feed:{device}"[:80], **arguments)


@job(FEEDING, N_("Scanning from the feeder"), apart=True)
def feed_batch(actor: User, progress: Progress, *, batch: int, device: str, both_sides: bool) -> dict[str, Any]:
    """Scan until the feeder is empty; the stack goes on waiting for more."""
    row = ScanBatch.objects.select_related("form").get(pk=batch)
    if device not in {one.name for one in devices.devices()}:
        raise Refusal("elections.scanner_gone", device=device)

    def report(pages: int) -> None:
        progress(pages, 0, str(pages))

    try:
        pages = devices.feed(device, Folder(row.directory).inbox, report, both_sides=both_sides)
    except devices.DeviceFault as fault:
        raise Refusal("elections.scanner_failed", fault=fault) from fault
    return {"pages": pages, "next": reverse("elections:stack", args=[row.pk])}
