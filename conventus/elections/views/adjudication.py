"""Ballots one by one: those in doubt to rule on, all of them to key in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from conventus.core.forms import attempt, with_version
from conventus.core.models import User
from conventus.core.views import me
from conventus.elections import actions, reads, rules
from conventus.elections.forms.adjudication import SheetForm
from conventus.elections.models import Ballot, Sheet
from conventus.elections.terms import doubt_words
from conventus.elections.views.page import answer, ballot_crumbs, posted, require
from conventus.elections.views.sheets import sheet_page, voices_of

FEW = 6
"""So many names in doubt are shown with a picture each; of more the ballot as a whole is the question."""
PLACED = ("ink-elsewhere",)
"""Doubts about the ballot as a whole that the reader can point at."""

# In doubt -----------------------------------------------------------------------------------------


@require_GET
def adjudicate(request: HttpRequest, pk: int) -> HttpResponse:
    """The next ballot in doubt that waits for this member; when there is none, who has how many left."""
    reader = me(request)
    ballot = reads.board_ballot_for(reader, pk)
    reads.check_judge(reader, ballot)
    sheets = reads.judged_sheets(ballot)
    queue = [one for one in reads.queue_of(reader, sheets) if not one.of(reader)]
    if queue:
        return redirect("elections:sheet", pk=queue[0].sheet.pk)
    context = {
        "ballot": ballot,
        "progress": reads.progress_of(ballot, sheets),
        "disputed": [one.sheet for one in reads.queue_of(reader, sheets)],
        "before": reads.before(reader, ballot, None),
        "breadcrumbs": ballot_crumbs(ballot, (_("Ballots in doubt"), "")),
    }
    return render(request, "elections/adjudicate_done.html", context)


def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Rule on one ballot: its picture, what was read, each doubtful mark to decide, the verdict."""
    reader = me(request)
    row, ballot = reads.ballot_sheet_for(reader, pk)
    require(reader, actions.adjudicate, row)
    reads.check_judge(reader, ballot)
    reads.check_counted(row, ballot)
    sheets = reads.judged_sheets(ballot)
    judged = next(one for one in sheets if one.sheet == row)
    clear = {key: mark for key, mark in row.marks.items() if mark in rules.marks_of(ballot.style)}
    form = SheetForm(posted(request), ballot=ballot, marks=clear, said=judged.of(reader))
    queue = reads.queue_of(reader, sheets)
    if request.method == "POST" and _ruled(form, reader, row):
        return _on_to(ballot, [one.sheet.pk for one in queue if one.sheet != row and not one.of(reader)])
    voices = voices_of(judged, reader, form)
    doubtful = _doubtful(row, form, {key for key, _label, _marks in voices["lines"]})
    context = {
        **sheet_page(form, row, ballot, doubtful),
        "many": len(doubtful) > FEW,
        "settled": judged.state == rules.RULED,
        "why": [doubt_words(one) for one in dict.fromkeys(_reasons_of_the_whole(judged))],
        "whole": _crops(row),
        "voices": voices,
        "progress": reads.progress_of(ballot, sheets),
        "mine": queue,
        "later": _after([one.sheet.pk for one in queue], row.pk),
        "before": reads.before(reader, ballot, row),
        "breadcrumbs": ballot_crumbs(ballot, (_("Ballots in doubt"), "")),
    }
    return answer(request, "elections/adjudicate.html", context, form)


def _on_to(ballot: Ballot, queue: list[int]) -> HttpResponse:
    """The next ballot that waits, or where the board stands."""
    return redirect("elections:sheet", pk=queue[0]) if queue else redirect("elections:adjudicate", pk=ballot.pk)


def _ruled(form: SheetForm, reader: User, row: Sheet) -> bool:
    def rule() -> None:
        actions.adjudicate(reader, row, **form.values())

    return attempt(form, rule)


def _after(queue: list[int], here: int) -> int | None:
    """The ballot after this one in the member's order, to come back to this one later."""
    others = [pk for pk in queue if pk != here]
    return next(iter(others[queue.index(here) :] or others), None) if here in queue else None


def _doubtful(row: Sheet, form: SheetForm, disputed: set[str]) -> dict[str, list[str]]:
    """The names that must be decided, by key, with the reader's reasons in words; also those in dispute."""
    named: dict[str, list[str]] = {}
    for doubt in row.doubts:
        if doubt["candidate"] is not None:
            named.setdefault(doubt["candidate"], []).append(str(doubt_words(doubt["reason"])))
    keys = [str(one.pk) for one in form.names]
    unread = {key for key in keys if row.marks.get(key) not in form.words}
    return {key: named.get(key, []) for key in keys if key in named or key in unread | disputed}


def _reasons_of_the_whole(judged: reads.Judged) -> Iterator[str]:
    """Why the ballot as a whole is looked at: doubts about no single name, or the rule that its clear marks raise."""
    doubts = judged.sheet.doubts
    whole = [doubt["reason"] for doubt in doubts if doubt["candidate"] is None]
    yield from whole or ([] if doubts else judged.why)


def _crops(row: Sheet) -> list[dict[str, Any]]:
    """Pictures of doubtful places that belong to no name."""
    return [
        {"url": reverse("elections:sheet_crop", args=[row.pk, number]), "words": doubt_words(doubt["reason"])}
        for number, doubt in enumerate(row.doubts)
        if doubt["candidate"] is None and doubt.get("crop") and doubt["reason"] in PLACED
    ]


# Every ballot -------------------------------------------------------------------------------------


def key_sheets(request: HttpRequest, pk: int) -> HttpResponse:
    """The next ballot to key in; when none is left, the count that one's own verdicts make, to hand in."""
    reader = me(request)
    ballot = reads.board_ballot_for(reader, pk)
    require(reader, actions.enter_by_sheets, ballot)
    slot = reads.slot_for(reader, ballot)
    keying = reads.keying_of(reader, ballot)
    if request.method == "POST":
        return _handed_in(request, reader, ballot)
    if keying.next:
        reads.check_judge(reader, ballot)
        return redirect("elections:key_sheet", pk=keying.next.sheet.pk)
    verdicts = reads.own_verdicts(reader, ballot)
    context = {
        "ballot": ballot,
        "slot": slot,
        "keying": keying,
        "count": rules.sum_of(ballot.facts(), verdicts),
        "open": reads.progress_of(ballot).open,
        "not_counted": sum(one.ruling == rules.NOT_COUNTED for one in verdicts),
        "before": reads.before(reader, ballot, None),
        "breadcrumbs": ballot_crumbs(ballot, (_("Key in every ballot"), "")),
    }
    return render(request, "elections/sheet_key_done.html", context)


def _handed_in(request: HttpRequest, reader: User, ballot: Ballot) -> HttpResponse:
    with_version(request, ballot)
    actions.enter_by_sheets(reader, ballot)
    messages.success(request, _("Your count is handed in: the sum of all ballots as you keyed them in."))
    return redirect("elections:ballot", pk=ballot.pk)


def key_sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """Key in one ballot from its picture, blind: nothing that was read or said of it is on the page."""
    reader = me(request)
    row, ballot = reads.ballot_sheet_for(reader, pk)
    require(reader, actions.adjudicate, row)
    reads.slot_for(reader, ballot)
    reads.check_judge(reader, ballot)
    reads.check_counted(row, ballot)
    said = reads.judged_sheet(row).of(reader)
    form = SheetForm(posted(request), ballot=ballot, marks=_unmarked(ballot), said=said, ruling=rules.VALID)
    if request.method == "POST" and _ruled(form, reader, row):
        return redirect("elections:key_sheets", pk=ballot.pk)
    context = {
        **sheet_page(form, row, ballot, {}),
        "keying": reads.keying_of(reader, ballot),
        "before": reads.before(reader, ballot, row),
        "breadcrumbs": ballot_crumbs(ballot, (_("Key in every ballot"), "")),
    }
    return answer(request, "elections/sheet_key.html", context, form)


def _unmarked(ballot: Ballot) -> dict[str, str]:
    """A paper on which nothing was struck out chooses everybody; boxes are all still to be looked at."""
    return {str(one.pk): rules.CHOSEN for one in ballot.names()} if ballot.style == rules.STRIKE else {}
