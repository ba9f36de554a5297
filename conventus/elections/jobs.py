"""What rooms below ask of the elections (may a congress be filed, whom it elected); the long work of a count."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables

from conventus.core import jobs
from conventus.core.jobs import Cancelled, Progress, job, turned_away
from conventus.core.models import Job, User
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.cycle.hooks import ELECTED, READY_CHECKS
from conventus.cycle.models import Congress
from conventus.cycle.papers import Body, Person
from conventus.elections import actions, evidence, reads
from conventus.elections.models import Ballot, Contest, ScanBatch, evidence_key_path, evidence_path
from conventus.elections.scans import devices
from conventus.elections.scans.engine import EngineFault, Tally
from conventus.elections.scans.folder import Folder
from conventus.elections.scans.reading import Busy, Ends, Paused, Watched, read_stack

refusal_texts(
    "elections",
    {
        "undecided": N_("The election “%(contest)s” is open. Declare its result or record what was decided."),
        "disk_full": N_(
            "Nothing more can be written: %(fault)s. Free the disk and go on; no page that was read is lost."
        ),
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
jobs.RESULTS |= {"pictures": N_("pictures")}


def scanner_folders() -> list[Path]:
    """Folders that scanners are set to fill, one for each, whatever stack is being scanned."""
    base = Path(settings.SCANNERS)
    return sorted(path for path in base.iterdir() if path.is_dir()) if base.is_dir() else []


def ask_to_read(actor: User, batch: ScanBatch, source: str = "") -> Job:
    """Start the reading of a stack, or go on; `source` is the name of a folder that a scanner fills."""
    jobs.settle_interrupted()
    START[batch.purpose](actor, batch)
    return jobs.ask(actor, READING, batch.place, lock=f"scan:{batch.pk}", batch=batch.pk, source=source)


LIVE = (Job.State.WAITING, Job.State.RUNNING)


def reading_of(batch: ScanBatch) -> Job | None:
    """The last reading of a stack that was asked for on a page, but for those that found another one at work."""
    return next((row for row in Job.objects.filter(lock=f"scan:{batch.pk}") if not turned_away(row)), None)


def feeding_of(batch: ScanBatch) -> Job | None:
    """The last time that a scanner was asked to empty its feeder into a stack."""
    return Job.objects.filter(kind=FEEDING, arguments__batch=batch.pk).first()


@job(READING, N_("Reading a stack of ballots"), apart=True)
def read_batch(actor: User, progress: Progress, *, batch: int, source: str = "") -> dict[str, Any]:
    """Read a stack until it is complete, then take it in for the member who started the reading."""
    row = ScanBatch.objects.select_related("form__ballot").get(pk=batch)
    read_whole(actor, row, progress, [path for path in scanner_folders() if path.name == source])
    counts = {"pages": row.pages, "ballots": row.sheets.count(), "refused": len(row.refused)}
    return counts | {"next": reverse("elections:stack", args=[row.pk])}


def read_whole(actor: User, row: ScanBatch, progress: Progress, sources: list[Path], idle: float | None = None) -> None:
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


# Sealing the evidence -----------------------------------------------------------------------------

SEALING = "elections.seal_evidence"


@sensitive_variables("passphrase", "again", "phrase")
def ask_to_seal(
    actor: User, ballot: Ballot, *, passphrase: str = "", again: str = "", recipients: Sequence[str] = ()
) -> Job:
    """Start the sealing. The passphrase goes no further than here: it locks a key whose public half the job knows."""
    jobs.settle_interrupted()
    actions.check_sealing(actor, ballot)
    phrase = actions.check_lock(ballot, passphrase, again, recipients)
    name, own = f"ballot-{ballot.pk}-{secrets.token_hex(12)}", ""
    if phrase:
        own, locked = evidence.new_key(phrase)
        evidence.keep_key(evidence_key_path(name), locked)
    given = {"ballot": ballot.pk, "name": name, "own": own, "recipients": list(recipients)}
    return jobs.ask(actor, SEALING, ballot.place, lock=f"evidence:{ballot.pk}", **given)


@job(SEALING, N_("Sealing the evidence"))
def seal_evidence(
    actor: User, progress: Progress, *, ballot: int, name: str, own: str, recipients: list[str]
) -> dict[str, Any]:
    """Pack, seal, open again and compare; only then the pictures go. If anything fails, they stay and the files go."""
    row = Ballot.objects.select_related("contest__congress__unit__organisation").get(pk=ballot)
    _sweep(row, but=name)
    try:
        actions.check_sealing(actor, row)
        made = actions.seal_evidence(actor, row, sealing=_sealed(row, progress, name, own, recipients))
    except BaseException:
        _sweep(row)
        raise
    return {"pictures": made.pictures, "ballots": made.sheets, "next": reverse("elections:evidence", args=[row.pk])}


def _sweep(row: Ballot, but: str = "") -> None:
    """Remove what a failed or killed sealing of this ballot has left: never the files of one that is on record."""
    found = reads.evidence_of(row)
    keep = {found.file} if found else {but}
    for path in evidence_path("x").parent.glob(f"ballot-{row.pk}-*"):
        if path.name.partition(".")[0] not in keep:
            path.unlink(missing_ok=True)


def _sealed(row: Ballot, progress: Progress, name: str, own: str, recipients: list[str]) -> actions.Sealing:
    last, target = reads.last_line(row), evidence_path(name)
    plain = target.with_suffix(".zip")
    try:
        packed = evidence.write_bundle(reads.evidence_facts(row), plain, progress)
        keys = [*([own] if own else []), *recipients]
        sealed = evidence.seal(plain, target, keys, packed.manifest)
    except evidence.BundleError as fault:
        raise Refusal("elections.picture_changed", file=fault) from fault
    except evidence.LockError as fault:
        raise Refusal("elections.not_sealed_whole", fault=fault) from fault
    except OSError as fault:
        raise Refusal("elections.disk_full", fault=fault.strerror) from fault
    finally:
        plain.unlink(missing_ok=True)
    return actions.Sealing(name, sealed, packed.pictures, last, tuple(recipients), bool(own))
