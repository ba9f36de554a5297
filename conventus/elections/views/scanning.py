"""The stacks of a ballot: opened, listed, made void, their count closed; and the pictures of ballots."""

from __future__ import annotations

import hashlib
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from conventus.core.forms import attempt, with_version
from conventus.core.models import User
from conventus.core.views import me
from conventus.elections import actions, jobs, reads, rules
from conventus.elections.forms.fields import ReasonForm
from conventus.elections.forms.scanning import StackForm
from conventus.elections.models import Ballot, PaperForm, ScanBatch, Sheet
from conventus.elections.scans.folder import Folder
from conventus.elections.views.page import answer, ballot_crumbs, ballot_title, may, posted
from conventus.elections.views.stacks import crumbs_of, home_of, stack_row, stack_title

COUNTING = (Ballot.State.ISSUED, Ballot.State.COUNTING)


@require_GET
def scan(request: HttpRequest, pk: int) -> HttpResponse:
    """The stacks of a ballot: what was scanned, what waits for people, what is still to be done."""
    reader = me(request)
    ballot = reads.board_ballot_for(reader, pk)
    if reads.evidence_of(ballot):
        return redirect("elections:evidence", pk=ballot.pk)
    rows = [stack_row(batch) for batch in reads.stacks_of(ballot, void=True)]
    counted = [row for row in rows if row["batch"].state != ScanBatch.State.VOID]
    context = {
        "ballot": ballot,
        "title": ballot_title(ballot),
        "rows": rows,
        "papers": sum(row["papers"] for row in counted),
        "reading": any(row["live"] for row in rows),
        "forms": reads.forms_to_scan(ballot),
        "open": _scanning(ballot),
        "progress": reads.progress_of(ballot) if counted else None,
        "closed": ballot.entries.filter(attempt=ballot.attempt, slot=rules.SCAN).select_related("by").first(),
        "may_close": may(reader, actions.close_scan, ballot),
        "breadcrumbs": ballot_crumbs(ballot, (_("Scan"), "")),
    }
    template = "elections/scan_table.html" if request.headers.get("HX-Request") else "elections/scan_list.html"
    return render(request, template, context)


def _scanning(ballot: Ballot) -> bool:
    """Whether stacks can be opened and the count by scan be closed."""
    done = ballot.entries.filter(attempt=ballot.attempt, slot=rules.SCAN).exists()
    return ballot.state in COUNTING and rules.SCAN in ballot.ways and not done


@require_POST
def close_scan(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the count by scan."""
    reader = me(request)
    ballot = reads.board_ballot_for(reader, pk)
    with_version(request, ballot)
    actions.close_scan(reader, ballot)
    messages.success(request, _("The count by scan is closed. Its figures stay sealed until all counts are in."))
    return redirect("elections:ballot", pk=ballot.pk)


# Opening and making void --------------------------------------------------------------------------


def open_stack(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a stack of a paper, of the count or of a trial, and begin to read it."""
    reader = me(request)
    paper = reads.form_to_scan(reader, pk)
    form = StackForm(posted(request), subject=paper, sources=[path.name for path in jobs.scanner_folders()])
    made: list[ScanBatch] = []

    def begin() -> None:
        made.append(_opened(reader, paper, form.values()))
        jobs.ask_to_read(reader, made[0], form.cleaned_data.get("source", ""))

    if request.method == "POST" and attempt(form, begin, paper):
        return redirect("elections:stack", pk=made[0].pk)
    context = {"paper": paper, "cancel": home_of(paper), "breadcrumbs": crumbs_of(paper, (_("New stack"), ""))}
    return answer(request, "elections/scan_open.html", context, form)


def _opened(reader: User, paper: PaperForm, values: dict[str, Any]) -> ScanBatch:
    if paper.ballot_id:
        return actions.open_batch(reader, paper, **values)
    return actions.open_trial(reader, paper, **values)


def void_stack(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a stack out of the count, with the reason."""
    reader = me(request)
    batch = reads.batch_for(reader, pk)
    form = ReasonForm(posted(request), subject=batch, label=_("Why this stack does not count"))

    def make_void() -> None:
        jobs.VOID[batch.purpose](reader, batch, reason=form.cleaned_data["reason"])

    if request.method == "POST" and attempt(form, make_void, batch):
        messages.success(request, _("The stack is void. Its ballots can be scanned again into a new one."))
        return redirect(home_of(batch.form))
    context = {
        "batch": batch,
        "row": stack_row(batch),
        "cancel": reverse("elections:stack", args=[batch.pk]),
        "breadcrumbs": crumbs_of(batch.form, (stack_title(batch), ""), (_("Make void"), "")),
    }
    return answer(request, "elections/scan_void.html", context, form)


# Pictures -----------------------------------------------------------------------------------------


@require_GET
def sheet_picture(request: HttpRequest, pk: int, page: int) -> HttpResponse:
    """A page of a ballot (from 0), for members of its board alone."""
    sheet = reads.sheet_for(me(request), pk)
    if page >= len(sheet.pages):
        raise Http404
    kept: dict[str, Any] = sheet.pages[page]
    return _picture(sheet, kept["picture"], kept["sha256"])


@require_GET
def sheet_crop(request: HttpRequest, pk: int, index: int) -> HttpResponse:
    """The place of a doubt (from 0, as in the sheet's doubts), for members of its board alone."""
    sheet = reads.sheet_for(me(request), pk)
    if index >= len(sheet.doubts) or not sheet.doubts[index]["crop"]:
        raise Http404
    return _picture(sheet, sheet.doubts[index]["crop"])


def _picture(sheet: Sheet, relative: str, digest: str = "") -> HttpResponse:
    """A picture by the path in its row; one that is gone or was changed on disk is not shown."""
    try:
        content = Folder(sheet.batch.directory).picture(relative)
    except OSError as fault:
        raise Http404 from fault
    if digest and hashlib.sha256(content).hexdigest() != digest:
        raise Http404
    kind = "image/png" if relative.endswith(".png") else "image/jpeg"
    headers = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=kind, headers=headers)
