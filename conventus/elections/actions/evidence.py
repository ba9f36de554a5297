"""The record's blanks filled; evidence sealed, opened and destroyed by the head of the counting board (ELE-35)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.views.decorators.debug import sensitive_variables

from conventus.core import clock
from conventus.core.door import action, note
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, raise_all, refusal_texts
from conventus.elections import evidence, reads, rules
from conventus.elections.models import Adjudication, Audit, AuditDraw, Ballot, Evidence, ScanBatch, Sheet
from conventus.elections.scans.folder import Folder

refusal_texts(
    "elections",
    {
        "not_declared": N_("Declare the result first."),
        "record_too_early": N_("There is no record yet: the count is not agreed."),
        "adopted_early": N_("The record cannot be adopted before the count is agreed. Check the time."),
        "evidence_sealed": N_("The evidence of this ballot is sealed already."),
        "evidence_missing": N_("The evidence of this ballot is not sealed yet."),
        "evidence_destroyed": N_("The evidence of this ballot was destroyed; there is nothing left to open."),
        "evidence_gone": N_("The sealed file is not where it was put. Bring it back from a copy before you go on."),
        "audit_open": N_("A sample audit is under way. Close it first: it needs the pictures of the ballots."),
        "stack_unread": N_("Stack %(stack)s is not read. Complete it or make it void first."),
        "recorded_meanwhile": N_("Something was recorded about this ballot while it was being sealed. Seal it again."),
        "no_lock": N_("Enter a passphrase, or at least one public key of age."),
        "recipient_wrong": N_("“%(key)s” is no public key of age; such a key begins with “age1”."),
        "passphrases_differ": N_("The two passphrases are not the same. Type both again."),
        "opening_reason": N_("Write down who decided that the evidence is opened, and why."),
        "destroying_reason": N_("Write down the committee's decision to destroy the ballots and their evidence."),
        "nothing_left": N_("No picture is left on the disk."),
        "picture_changed": N_("The picture “%(file)s” is missing or not as it was scanned. Nothing is sealed."),
        "not_sealed_whole": N_("The sealed file did not open as it was packed (%(fault)s). Nothing was removed."),
    },
)

KEEPING = ("session", "after")


@action("elections.record", phases=KEEPING)
def set_record_details(
    actor: User,
    ballot: Ballot,
    *,
    number: str = "",
    locality: str = "",
    adopted: datetime | None = None,
    presidium: Sequence[str] = (),
) -> Ballot:
    """Fill in what the counting record leaves blank: number, place, time of adoption, who signs for the presidium."""
    if ballot.state not in reads.AGREED:
        raise Refusal("elections.record_too_early")
    if adopted and ballot.issued_at and adopted < ballot.issued_at:
        raise Refusal("elections.adopted_early", field="adopted")
    ballot.record_number, ballot.locality, ballot.adopted_at = number.strip(), locality.strip(), adopted
    ballot.presidium = [name.strip() for name in presidium if name.strip()]
    ballot.save()
    note(presidium=len(ballot.presidium))
    return ballot


# Sealing ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sealing:
    """A bundle that was sealed and found whole: under which name it lies, and up to which line it tells the story."""

    name: str
    sealed: evidence.Sealed
    pictures: int
    last_line: int
    recipients: tuple[str, ...]
    passphrase: bool


def check_sealing(actor: User, ballot: Ballot) -> None:
    """Refuse to seal what is not declared, sealed already or still needed; only the head seals."""
    if ballot.state != Ballot.State.DECLARED:
        raise Refusal("elections.not_declared")
    reads.seat_for(actor, ballot, head=True)
    if reads.evidence_of(ballot):
        raise Refusal("elections.evidence_sealed")
    if Audit.objects.filter(ballot=ballot, state=Audit.State.OPEN).exists():
        raise Refusal("elections.audit_open")
    for batch in reads.batches_of(ballot):
        if batch.state in (ScanBatch.State.OPEN, ScanBatch.State.READING):
            raise Refusal("elections.stack_unread", stack=batch)


@sensitive_variables("passphrase", "again")
def check_lock(ballot: Ballot, passphrase: str, again: str, recipients: Sequence[str]) -> str:
    """The passphrase as it is used ("" = none); refuses a weak one, one typed differently, keys that are none."""
    contest = ballot.contest
    known = (contest.title, contest.congress.unit.name, *(one.name for one in ballot.names()))
    if not passphrase.strip() and not recipients:
        raise Refusal("elections.no_lock", field="passphrase")
    wrong = [one for one in recipients if evidence.wrong_recipient(one)]
    raise_all(Refusal("elections.recipient_wrong", field="recipients", key=one) for one in wrong)
    if not passphrase.strip():
        return ""
    if passphrase != again:
        raise Refusal("elections.passphrases_differ", field="again")
    return rules.check_passphrase(passphrase, known)


@action("elections.declare", phases=KEEPING)
def seal_evidence(actor: User, ballot: Ballot, *, sealing: Sealing) -> Evidence:
    """Put the sealed evidence on record by its hashes; pictures and what was said of single sheets are then removed.

    The job of the same name has packed, sealed and opened the bundle again before.
    """
    check_sealing(actor, ballot)
    if reads.last_line(ballot) != sealing.last_line:
        raise Refusal("elections.recorded_meanwhile")
    kept, folders = reads.kept_facts(ballot), [Folder(one.directory) for one in reads.batches_of(ballot)]
    made = Evidence.objects.create(
        ballot=ballot,
        file=sealing.name,
        sha256=sealing.sealed.sha256,
        manifest=sealing.sealed.manifest,
        size=sealing.sealed.size,
        sheets=reads.sheets_of(ballot).count(),
        pictures=sealing.pictures,
        passphrase=sealing.passphrase,
        recipients=list(sealing.recipients),
        kept=kept,
        by=actor,
        at=clock.now(),
    )
    _forget(ballot)
    for folder in folders:
        transaction.on_commit(folder.remove, robust=True)
    return made


def _forget(ballot: Ballot) -> None:
    """Remove what was read and said of single papers; counts and their seals stay."""
    _overwrite_what_goes()
    sheets = reads.sheets_of(ballot)
    Adjudication.objects.filter(sheet__in=sheets).delete()
    Sheet.objects.filter(pk__in=list(sheets.values_list("pk", flat=True))).delete()
    AuditDraw.objects.filter(audit__ballot=ballot).update(chosen=[], salt="")


def _overwrite_what_goes() -> None:
    """Let SQLite write zeros over deleted rows, in the file and in its log; PostgreSQL does so when it vacuums."""
    if connection.vendor == "sqlite":
        _pragma("secure_delete = ON")
        transaction.on_commit(lambda: _pragma("wal_checkpoint(TRUNCATE)"), robust=True)


def _pragma(words: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {words}")


@action("elections.declare", phases=KEEPING)
def remove_pictures(actor: User, ballot: Ballot) -> Ballot:
    """Remove pictures that an interruption has left on the disk after the evidence was sealed."""
    reads.seat_for(actor, ballot, head=True)
    if not reads.evidence_of(ballot):
        raise Refusal("elections.evidence_missing")
    left = reads.pictures_left(ballot)
    if not left:
        raise Refusal("elections.nothing_left")
    for batch in left:
        transaction.on_commit(Folder(batch.directory).remove, robust=True)
    note(stacks=[batch.pk for batch in left])
    return ballot


# Opening and destroying ---------------------------------------------------------------------------


@action("elections.declare", phases=KEEPING)
def open_evidence(actor: User, ballot: Ballot, *, decision: str) -> Ballot:
    """Take the sealed file out, upon a decision that stands in the minute book; its hash is compared before."""
    found = _there(actor, ballot)
    if not decision.strip():
        raise Refusal("elections.opening_reason", field="decision")
    if not found.path.is_file():
        raise Refusal("elections.evidence_gone")
    note(evidence=found.pk, decision=decision.strip(), sha256=evidence.file_hash(found.path))
    return ballot


@action("elections.declare", phases=KEEPING)
def destroy_evidence(actor: User, ballot: Ballot, *, decision: str) -> Ballot:
    """Destroy the sealed evidence when its time is over and the committee has decided so (ELE-35); its hashes stay."""
    found = _there(actor, ballot)
    contest = ballot.contest
    until = reads.kept_until(ballot)
    assert until
    rules.check_kept(until, clock.today(), contest.law.keep_ballots_months.at(contest.day).cite)
    if not decision.strip():
        raise Refusal("elections.destroying_reason", field="decision")
    found.state, found.decision = Evidence.State.DESTROYED, decision.strip()
    found.destroyed_by, found.destroyed_at = actor, clock.now()
    found.version += 1
    found.save()
    for path in (found.path, found.key_path):
        transaction.on_commit(lambda path=path: path.unlink(missing_ok=True), robust=True)  # type: ignore[misc]
    note(evidence=found.pk, decision=found.decision, sha256=found.sha256)
    return ballot


def _there(actor: User, ballot: Ballot) -> Evidence:
    """The evidence of the ballot, for the head, as long as it exists."""
    reads.seat_for(actor, ballot, head=True)
    found = reads.evidence_of(ballot)
    if found is None:
        raise Refusal("elections.evidence_missing")
    if found.state == Evidence.State.DESTROYED:
        raise Refusal("elections.evidence_destroyed")
    return found
