"""Stacks of scans and their sheets: for members of the board alone, and never in the order of the box."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from conventus.core.models import User
from conventus.core.rights import allowing, visible
from conventus.elections import rules
from conventus.elections.models import Ballot, PaperForm, ScanBatch, Sheet
from conventus.elections.reads.contests import VIEW, board_seat

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
class Standing:
    """Where a sheet stands: `clear`, `waiting`, `disputed` or `ruled`, and what it counts for as far as that is known."""

    sheet: Sheet
    state: str
    verdict: rules.Verdict | None


def standings_of(ballot: Ballot) -> list[Standing]:
    """Where every sheet of the present count stands."""
    contest, facts = ballot.contest, ballot.facts()
    law, day = contest.law, contest.day
    least = law.adjudicators.at(day).value
    sheets = sheets_counted(ballot).prefetch_related("adjudications")
    return [_standing(law, facts, sheet, day, least) for sheet in sheets]


def _standing(law: rules.Law, facts: rules.BallotFacts, sheet: Sheet, day: date, least: int) -> Standing:
    clear = rules.unseen(law, facts, sheet.facts(), day)
    said = [one.facts() for one in sheet.adjudications.all()]
    state = rules.sheet_state(clear is not None, said, least)
    return Standing(sheet, state, rules.standing_verdict(clear, said, least))


# For one reader -----------------------------------------------------------------------------------


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
