"""The entry log, the record's blanks, the evidence: sealed, taken out, destroyed by the head of the board."""

from __future__ import annotations

import tempfile
import zipfile
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from conventus.core import clock
from conventus.core.forms import attempt, with_version
from conventus.core.models import Job
from conventus.core.tables import answered
from conventus.core.views import me
from conventus.elections import actions, jobs, reads
from conventus.elections.forms import DecisionForm, RecordDetailsForm, SealForm
from conventus.elections.models import Ballot, Evidence
from conventus.elections.tables import LogTable
from conventus.elections.views.page import answer, ballot_crumbs, ballot_title, may, posted, require


@require_GET
def entry_log(request: HttpRequest, pk: int) -> HttpResponse:
    """Who keyed in what and when, with seals and the chain's hashes; as a page to print, XLSX or CSV."""
    row = reads.ballot_for(me(request), pk)
    lines = reads.entry_log(row)
    table = LogTable(lines)
    if file := answered(request, table, f"entry-log-{row.pk}"):
        return file
    context = {
        "ballot": row,
        "contest": row.contest,
        "title": ballot_title(row),
        "table": table,
        "lines": len(lines),
        "broken": [one.seq for one in lines if not one.holds],
        "breadcrumbs": ballot_crumbs(row, (_("Entry log"), "")),
    }
    return render(request, "elections/entry_log.html", context)


def record_details(request: HttpRequest, pk: int) -> HttpResponse:
    """Fill in number, place, time of adoption and presidium, before the record is made out."""
    reader = me(request)
    row = reads.ballot_for(reader, pk)
    require(reader, actions.set_record_details, row)
    form = RecordDetailsForm(posted(request), subject=row, initial=_known_details(row))

    def keep() -> None:
        actions.set_record_details(reader, row, **form.values())

    if request.method == "POST" and attempt(form, keep, row):
        messages.success(request, _("The record is filled in."))
        return redirect("elections:ballot", pk=row.pk)
    context = {
        "ballot": row,
        "contest": row.contest,
        "cancel": reverse("elections:ballot", args=[row.pk]),
        "breadcrumbs": ballot_crumbs(row, (_("Fill in the record"), "")),
    }
    return answer(request, "elections/record_details.html", context, form)


def _known_details(row: Ballot) -> dict[str, Any]:
    """What is entered, else what the last record of this congress said of the presidium and the place."""
    known = row
    if not (row.presidium or row.locality or row.record_number):
        others = Ballot.objects.filter(contest__congress=row.contest.congress).exclude(presidium=[])
        known = others.order_by("-pk").first() or row
    return {
        "number": row.record_number,
        "locality": known.locality,
        "adopted": timezone.localtime(row.adopted_at) if row.adopted_at else None,
        "presidium": "\n".join(known.presidium),
    }


# Evidence -----------------------------------------------------------------------------------------


@require_GET
def evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Where the evidence stands: not sealed yet, sealed under which hashes, destroyed; and what the head may do."""
    reader = me(request)
    row = reads.ballot_for(reader, pk)
    head = reads.may_open(reader, row) and may(reader, actions.seal_evidence, row)
    found, until = reads.evidence_of(row), reads.kept_until(row)
    context = {
        "ballot": row,
        "contest": row.contest,
        "title": ballot_title(row),
        "evidence": found,
        "job": Job.objects.filter(kind=jobs.SEALING, lock=f"evidence:{row.pk}", user=reader).first(),
        "head": head,
        "declared": row.state == Ballot.State.DECLARED,
        "until": until,
        "until_rule": row.contest.law.keep_ballots_months.at(row.contest.day),
        "may_destroy": until is not None and until <= clock.today(),
        "left": reads.pictures_left(row) if head and found else [],
        "missing": found is not None and found.state == Evidence.State.SEALED and not found.path.is_file(),
        "breadcrumbs": ballot_crumbs(row, (_("Evidence"), "")),
    }
    return render(request, "elections/evidence.html", context)


@sensitive_post_parameters("passphrase", "again")
def seal(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter the passphrase or the keys, and start the sealing."""
    reader = me(request)
    row = reads.ballot_for(reader, pk)
    require(reader, actions.seal_evidence, row)
    actions.check_sealing(reader, row)
    form = SealForm(posted(request), subject=row)
    started: list[Job] = []

    def start() -> None:
        started.append(jobs.ask_to_seal(reader, row, **form.values()))

    if request.method == "POST" and attempt(form, start, row):
        return redirect("core:job", pk=started[0].pk)
    context = {
        "ballot": row,
        "contest": row.contest,
        "sheets": reads.sheets_of(row).count(),
        "cancel": reverse("elections:evidence", args=[row.pk]),
        "breadcrumbs": ballot_crumbs(row, (_("Seal the evidence"), "")),
    }
    return answer(request, "elections/evidence_seal.html", context, form)


def open_evidence(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take the sealed file out upon a decision, with the key beside it where a passphrase locks one."""
    reader = me(request)
    row = reads.ballot_for(reader, pk)
    require(reader, actions.open_evidence, row)
    form = DecisionForm(posted(request), subject=row)

    def take() -> None:
        actions.open_evidence(reader, row, **form.values())

    if request.method == "POST" and attempt(form, take, row):
        return _file(row)
    context = {
        "ballot": row,
        "evidence": reads.evidence_of(row),
        "until": reads.kept_until(row),
        "verb": "open",
        "cancel": reverse("elections:evidence", args=[row.pk]),
        "breadcrumbs": ballot_crumbs(row, (_("Take the evidence out"), "")),
    }
    return answer(request, "elections/evidence_decide.html", context, form)


def _file(row: Ballot) -> FileResponse:
    """The sealed file; with its key as one ZIP of two files, neither of which opens without the passphrase."""
    found = reads.evidence_of(row)
    assert found
    name = f"evidence-{row.contest.congress.unit.code}-{row.contest.body}-{row.number}"
    if not found.passphrase:
        response = FileResponse(found.path.open("rb"), as_attachment=True, filename=f"{name}.age")
    else:
        both = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it when it was sent
        with zipfile.ZipFile(both, "w", zipfile.ZIP_STORED) as out:
            out.write(found.path, f"{name}.age")
            out.write(found.key_path, f"{name}.key.age")
        both.seek(0)
        response = FileResponse(both, as_attachment=True, filename=f"{name}.zip")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def destroy_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Destroy the evidence upon the committee's decision, when its time is over."""
    reader = me(request)
    row = reads.ballot_for(reader, pk)
    require(reader, actions.destroy_evidence, row)
    form = DecisionForm(posted(request), subject=row)

    def destroy() -> None:
        actions.destroy_evidence(reader, row, **form.values())

    if request.method == "POST" and attempt(form, destroy, row):
        messages.success(request, _("The evidence is destroyed; its hashes stay in the minute book."))
        return redirect("elections:evidence", pk=row.pk)
    context = {
        "ballot": row,
        "evidence": reads.evidence_of(row),
        "until": reads.kept_until(row),
        "verb": "destroy",
        "cancel": reverse("elections:evidence", args=[row.pk]),
        "breadcrumbs": ballot_crumbs(row, (_("Destroy the evidence"), "")),
    }
    return answer(request, "elections/evidence_decide.html", context, form)


@require_POST
def remove_pictures(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove pictures that an interruption has left."""
    reader = me(request)
    row = reads.ballot_for(reader, pk)
    with_version(request, row)
    actions.remove_pictures(reader, row)
    messages.success(request, _("The pictures are removed."))
    return redirect("elections:evidence", pk=row.pk)
