"""Stacks of scanned ballots: opened, read, taken in, made void; the count by scan closed (ELE-18 to ELE-22)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db import transaction

from conventus.core.door import action, note
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, raise_all, refusal_texts
from conventus.elections import reads, rules
from conventus.elections.actions.count import check_figures, move_on, write_entry
from conventus.elections.models import Ballot, CountEntry, PaperForm, ScanBatch, Sheet
from conventus.elections.scans.folder import Folder
from conventus.elections.scans.reading import end_reading
from conventus.elections.scans.results import REVIEW, TWICE, Taken, taken

refusal_texts(
    "elections",
    {
        "scan_not_now": N_("Ballots are scanned after they were issued and before the count is agreed."),
        "scan_not_chosen": N_("This ballot is counted without a scan. The head chooses the ways of the count first."),
        "scan_closed": N_("The count by scan is closed. To scan again, the head has the count repeated."),
        "form_for_trial": N_("This paper is for a trial. Use the paper that was designed for the ballot."),
        "form_withdrawn": N_("This paper was withdrawn. Use the one that was printed for the ballot."),
        "expected_negative": N_("A stack cannot hold %(number)s ballots. Count them, or leave the field empty."),
        "stack_taken_in": N_("Stack %(stack)s is read and taken in already. Open another stack for more ballots."),
        "stack_void": N_("Stack %(stack)s is void. Open another one."),
        "stack_of_earlier_count": N_("Stack %(stack)s belongs to count no. %(attempt)s, which is being repeated."),
        "stack_not_read": N_("Nothing was read of stack %(stack)s yet. Start the reading first."),
        "stack_empty": N_("No ballot was scanned into stack %(stack)s. Scan it, or make the stack void."),
        "stack_of_trial": N_("Stack %(stack)s belongs to a trial, not to the count."),
        "stack_of_count": N_("Stack %(stack)s belongs to the count, not to a trial."),
        "void_reason": N_("Say why the stack does not count; the reason stands in the record."),
        "void_only_head": N_("The ballots of this stack are taken in. Only the head makes it void."),
        "no_stacks": N_("No stack was scanned yet, so there is nothing to count."),
        "stacks_open": N_("Not all stacks are read: %(stacks)s. Complete them or make them void."),
        "sheets_wait": N_("%(number)s ballots wait for the board. Two members judge each before the scan is closed."),
        "sheets_disputed": N_("Members disagree about %(number)s ballots. They settle them before the scan is closed."),
        "late_files": N_("%(number)s files came after stack %(stack)s was complete. Put them into another stack."),
        "order_kept": N_("The order of stack %(stack)s cannot be removed from the disk: %(fault)s. Free the disk."),
    },
)

COUNT, TRIAL = ScanBatch.Purpose.COUNT, ScanBatch.Purpose.TRIAL
OPEN, READING, READ, VOID = ScanBatch.State.OPEN, ScanBatch.State.READING, ScanBatch.State.READ, ScanBatch.State.VOID
PREPARING = ("preparation", "session")


# Opening ------------------------------------------------------------------------------------------


@action("elections.count", phases=("session",))
def open_batch(
    actor: User, form: PaperForm, *, label: str = "", expected: int | None = None, purpose: str = COUNT
) -> ScanBatch:
    """Open a stack: ballots that are scanned in one go, counted by hand before (`expected`) where the board did so."""
    if purpose == TRIAL:
        return _opened(form, label, expected, TRIAL)
    if form.ballot is None:
        raise Refusal("elections.form_for_trial")
    ballot = _held(form.ballot)
    reads.seat_for(actor, ballot)
    check_scanning(ballot)
    return _opened(form, label, expected, COUNT, ballot.attempt)


@action("elections.prepare", phases=PREPARING)
def open_trial(actor: User, form: PaperForm, *, label: str = "", expected: int | None = None) -> ScanBatch:
    """Open a stack of a test deck, before the congress or during it; it never gets into a count."""
    return _opened(form, label, expected, TRIAL)


def _held(ballot: Ballot) -> Ballot:
    """The ballot as it is now, locked: what happens to its stacks happens one after the other."""
    return Ballot.objects.select_for_update().get(pk=ballot.pk)


def check_scanning(ballot: Ballot) -> None:
    """Refuse what would still change the count by scan when it must not change any more."""
    if ballot.state not in (Ballot.State.ISSUED, Ballot.State.COUNTING):
        raise Refusal("elections.scan_not_now")
    if rules.SCAN not in ballot.ways:
        raise Refusal("elections.scan_not_chosen")
    if ballot.entries.filter(attempt=ballot.attempt, slot=rules.SCAN).exists():
        raise Refusal("elections.scan_closed")


def _opened(form: PaperForm, label: str, expected: int | None, purpose: str, attempt: int = 1) -> ScanBatch:
    if form.withdrawn:
        raise Refusal("elections.form_withdrawn")
    if expected is not None and expected < 1:
        raise Refusal("elections.expected_negative", field="expected", number=expected)
    others = ScanBatch.objects.filter(purpose=purpose, attempt=attempt)
    family = others.filter(form__ballot=form.ballot) if form.ballot_id else others.filter(form__contest=form.contest)
    last = family.order_by("-number").values_list("number", flat=True).first() or 0
    return ScanBatch.objects.create(
        form=form, attempt=attempt, number=last + 1, label=label.strip(), purpose=purpose, expected=expected
    )


# Reading ------------------------------------------------------------------------------------------


@action("elections.count", phases=("session",))
def start_reading(actor: User, batch: ScanBatch) -> ScanBatch:
    """Begin to read a stack, or go on after an interruption: the job of the same name does the work."""
    _require_count(actor, batch)
    return _reading(batch)


@action("elections.prepare", phases=PREPARING)
def start_trial(actor: User, batch: ScanBatch) -> ScanBatch:
    """Begin to read a stack of a trial, or go on after an interruption."""
    _require_trial(batch)
    return _reading(batch)


def _reading(batch: ScanBatch) -> ScanBatch:
    _require_open(batch)
    batch.state = READING
    batch.save()
    Folder(batch.directory).prepare(batch.form.layout)
    return batch


def _require_count(actor: User, batch: ScanBatch) -> Ballot:
    """The ballot of a stack that is counted; refuses a trial, a former count, whoever does not sit on the board."""
    ballot = batch.form.ballot
    if batch.purpose != COUNT or ballot is None:
        raise Refusal("elections.stack_of_trial", stack=batch)
    ballot = _held(ballot)
    reads.seat_for(actor, ballot)
    if batch.attempt != ballot.attempt:
        raise Refusal("elections.stack_of_earlier_count", stack=batch, attempt=batch.attempt)
    check_scanning(ballot)
    return ballot


def _require_trial(batch: ScanBatch) -> None:
    if batch.purpose != TRIAL:
        raise Refusal("elections.stack_of_count", stack=batch)


def _require_open(batch: ScanBatch) -> None:
    if batch.state == READ:
        raise Refusal("elections.stack_taken_in", stack=batch)
    if batch.state == VOID:
        raise Refusal("elections.stack_void", stack=batch)


@action("elections.count", phases=("session",))
def take_in(actor: User, batch: ScanBatch) -> ScanBatch:
    """Take the ballots of a stack that is read into the count, all or none, and forget their order."""
    ballot = _require_count(actor, batch)
    return _taken_in(batch, reads.sheets_counted(ballot).exclude(batch=batch).values_list("pages", flat=True))


@action("elections.prepare", phases=PREPARING)
def take_in_trial(actor: User, batch: ScanBatch) -> ScanBatch:
    """Take the sheets of a test deck in, all or none."""
    _require_trial(batch)
    return _taken_in(batch, [])


def _taken_in(batch: ScanBatch, others: Any) -> ScanBatch:
    """Sheets lie in the order of their content, under keys drawn by chance; the book learns how many, never which."""
    _require_open(batch)
    found = _results(batch)
    known = {page["key"] for pages in others for page in pages}
    Sheet.objects.bulk_create(_sheets(batch, found, known))
    batch.state, batch.pages, batch.states = READ, found.pages, dict(found.states)
    batch.refused = [list(one) for one in found.refused]
    batch.save()
    folder = Folder(batch.directory)
    transaction.on_commit(folder.forget, robust=True)
    return batch


def _results(batch: ScanBatch) -> Taken:
    try:
        found = taken(Folder(batch.directory))
    except (OSError, ValueError) as fault:
        raise Refusal("elections.stack_not_read", stack=batch) from fault
    if not found.ballots:
        raise Refusal("elections.stack_empty", stack=batch)
    return found


def _sheets(batch: ScanBatch, found: Taken, known: set[str]) -> Iterator[Sheet]:
    """Rows of a stack; a picture that is in another stack already goes to people, since no two ballots scan alike."""
    for one in found.ballots:
        twice = any(page["key"] in known for page in one.pages)
        state = REVIEW if twice and one.state == "read" else one.state
        doubts = [*one.doubts, *([{"candidate": None, "reason": TWICE, "crop": None}] if twice else [])]
        yield Sheet(batch=batch, key=one.key, state=state, marks=dict(one.marks), doubts=doubts, pages=list(one.pages))


# Void ---------------------------------------------------------------------------------------------


@action("elections.count", phases=("session",))
def void_batch(actor: User, batch: ScanBatch, *, reason: str) -> ScanBatch:
    """Take a stack out of the count: any member before it is taken in, the head afterwards.

    Pictures of what was taken in are kept until the evidence is sealed; scans of a stack that was not are removed.
    """
    ballot = _require_count(actor, batch)
    if batch.state == READ and not reads.seat_for(actor, ballot).head:
        raise Refusal("elections.void_only_head")
    return _voided(batch, reason)


@action("elections.prepare", phases=PREPARING)
def void_trial(actor: User, batch: ScanBatch, *, reason: str) -> ScanBatch:
    """Take a stack of a test deck out of the trial."""
    _require_trial(batch)
    return _voided(batch, reason)


def _voided(batch: ScanBatch, reason: str) -> ScanBatch:
    if batch.state == VOID:
        raise Refusal("elections.stack_void", stack=batch)
    if not reason.strip():
        raise Refusal("elections.void_reason", field="reason")
    transaction.on_commit(partial(_clear_away, Folder(batch.directory), keep=batch.state == READ), robust=True)
    batch.state, batch.void = VOID, reason.strip()
    batch.save()
    return batch


def _clear_away(folder: Folder, *, keep: bool) -> None:
    end_reading(folder)
    if keep:
        folder.forget()
    else:
        folder.remove()


# Closing ------------------------------------------------------------------------------------------


@action("elections.count", phases=("session",))
def close_scan(actor: User, ballot: Ballot) -> Ballot:
    """Close the count by scan: every stack is read, every doubtful ballot is ruled on; the sum is sealed.

    Nobody sees it before the other ways of the count are in.
    """
    reads.seat_for(actor, ballot)
    check_scanning(ballot)
    verdicts = _verdicts(ballot)
    count = rules.sum_of(ballot.facts(), verdicts)
    check_figures(ballot, count)
    entry = write_entry(ballot, actor, rules.SCAN, count, method=CountEntry.Method.SCAN)
    note(slot=rules.SCAN, seal=entry.seal, sheets=len(verdicts))
    move_on(ballot)
    return ballot


def _verdicts(ballot: Ballot) -> list[rules.Verdict]:
    """What every sheet counts for; refuses while a stack is open or a sheet waits."""
    stacks = reads.stacks_of(ballot)
    if not stacks:
        raise Refusal("elections.no_stacks")
    if unread := [str(one) for one in stacks if one.state in (OPEN, READING)]:
        raise Refusal("elections.stacks_open", stacks=", ".join(unread))
    raise_all(_untidy(stacks))
    judged = reads.judged_sheets(ballot)
    raise_all(_waiting(judged))
    return [one.standing for one in judged if one.standing is not None]


def _untidy(stacks: list[ScanBatch]) -> Iterator[Refusal]:
    """Files that nobody counted, and an order that a kill has kept from being forgotten."""
    for batch in stacks:
        folder = Folder(batch.directory)
        try:
            if not folder.forgotten:
                folder.forget()
        except (OSError, ValueError) as fault:
            yield Refusal("elections.order_kept", stack=batch, fault=fault)
        if batch.state == READ and (late := folder.late()):
            yield Refusal("elections.late_files", stack=batch, number=len(late))


def _waiting(judged: list[reads.Judged]) -> Iterator[Refusal]:
    states = [one.state for one in judged]
    if waiting := states.count(rules.WAITING):
        yield Refusal("elections.sheets_wait", number=waiting)
    if disputed := states.count(rules.DISPUTED):
        yield Refusal("elections.sheets_disputed", number=disputed)
