"""Stacks of scans and their sheets: for members of the board alone, and never in the order of the box."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from conventus.core.models import User
from conventus.core.rights import allowing, visible
from conventus.elections.models import Ballot, PaperForm, ScanBatch, Sheet
from conventus.elections.reads.contests import VIEW, board_seat
from conventus.elections.scans.folder import Folder

COUNT, TRIAL = ScanBatch.Purpose.COUNT, ScanBatch.Purpose.TRIAL


def forms_to_scan(ballot: Ballot) -> list[PaperForm]:
    """The papers that ballots of this ballot may be printed on."""
    return list(PaperForm.objects.filter(ballot=ballot, withdrawn=""))


def stacks_of(ballot: Ballot, *, attempt: int | None = None, void: bool = False) -> list[ScanBatch]:
    """The stacks of a count of a ballot (the present one), without those made void unless asked for."""
    stacks = ScanBatch.objects.filter(form__ballot=ballot, purpose=COUNT, attempt=attempt or ballot.attempt)
    found = stacks if void else stacks.exclude(state=ScanBatch.State.VOID)
    return list(found.select_related("form__ballot").order_by("number", "pk"))


def sheets_counted(ballot: Ballot) -> QuerySet[Sheet]:
    """The sheets of the present count: of all stacks that were taken in and are not void."""
    live = {"batch__form__ballot": ballot, "batch__attempt": ballot.attempt, "batch__state": ScanBatch.State.READ}
    return Sheet.objects.filter(**live, batch__purpose=COUNT).order_by("pk")


@dataclass(frozen=True)
class Stack:
    """A stack for its page: how many papers were found in it, how many of them go to people, what arrived too late."""

    batch: ScanBatch
    papers: int
    for_people: int
    foreign: int
    late: int

    @property
    def missing(self) -> int | None:
        """Ballots counted by hand less papers found; None as long as one of them is not known."""
        taken = self.batch.state == ScanBatch.State.READ
        return self.batch.expected - self.papers if taken and self.batch.expected is not None else None


def stack_of(batch: ScanBatch) -> Stack:
    """A stack with its figures; the papers found are all that was scanned but blank backs."""
    states = Counter(batch.sheets.values_list("state", flat=True))
    people = states["review"] + states["unreadable"]
    late = len(Folder(batch.directory).late()) if batch.state == ScanBatch.State.READ else 0
    return Stack(batch, states.total(), people, states["foreign"], late)


# For one reader -----------------------------------------------------------------------------------


def form_to_scan(reader: User, pk: int) -> PaperForm:
    """A paper whose scans `reader` may handle; 404 otherwise."""
    forms = PaperForm.objects.filter(visible(reader, VIEW, "contest__congress__unit__path"))
    related = "contest__congress__unit__organisation", "ballot__contest__congress__unit__organisation"
    form = get_object_or_404(forms.select_related(*related), pk=pk)
    if not may_handle(reader, ScanBatch(form=form, purpose=COUNT if form.ballot_id else TRIAL)):
        raise Http404
    return form


def batch_for(reader: User, pk: int) -> ScanBatch:
    """A stack that `reader` works on: on the board of its ballot, or, of a trial, preparing it; 404 otherwise."""
    batches = ScanBatch.objects.filter(visible(reader, VIEW, "form__contest__congress__unit__path"))
    related = "form__contest__congress__unit__organisation", "form__ballot__contest__congress__unit__organisation"
    batch = get_object_or_404(batches.select_related(*related), pk=pk)
    if not may_handle(reader, batch):
        raise Http404
    return batch


def may_handle(reader: User, batch: ScanBatch) -> bool:
    """Whether `reader` may see scans of this stack: a member of the board who counts there, or who prepares a trial."""
    place, phase = batch.place, batch.phase
    if batch.purpose == TRIAL and allowing(reader, "elections.prepare", place, phase):
        return True
    counts = allowing(reader, "elections.count", place, phase) is not None
    return counts and board_seat(reader, batch.form.contest.congress) is not None


def sheet_for(reader: User, pk: int) -> Sheet:
    """A sheet whose pictures `reader` may see; 404 otherwise."""
    related = "batch__form__contest__congress__unit__organisation", "batch__form__ballot"
    sheets = Sheet.objects.filter(visible(reader, VIEW, "batch__form__contest__congress__unit__path"))
    sheet = get_object_or_404(sheets.select_related(*related), pk=pk)
    if not may_handle(reader, sheet.batch):
        raise Http404
    return sheet
