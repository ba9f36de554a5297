"""The page of one congress, and what can be done there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from conventus.core import clock, files
from conventus.core.forms import LawForm, attempt, with_version
from conventus.core.models import Row
from conventus.core.rights import scopes
from conventus.core.rules import Finding
from conventus.core.tables import answered
from conventus.core.views import me
from conventus.core.words import refusal_words
from conventus.cycle import actions, decisions, reads
from conventus.cycle.forms import DateForm, DecisionForm, FindingsForm, OpeningForm, PaperForm, ReportForm
from conventus.cycle.models import Congress, Paper
from conventus.cycle.tables import DecisionTable
from conventus.cycle.views.congress_page import context_of
from conventus.cycle.views.crumbs import crumb, to_cycles


@require_GET
def congress(request: HttpRequest, pk: int) -> HttpResponse:
    """One congress: where it stands, what is next, its date, steps, papers and decisions."""
    return _page(request, reads.congress_for(me(request), pk))


def _page(request: HttpRequest, row: Congress, status: int = 200, **forms: Form) -> HttpResponse:
    return render(request, "cycle/congress.html", context_of(me(request), row, forms), status=status)


def _do(
    request: HttpRequest, row: Congress, name: str, form: LawForm, do: Callable[[], object], said: str
) -> HttpResponse:
    """Try an action with its form: on to the page when it is done, the page again with the reasons when not."""
    if attempt(form, do, row):
        messages.success(request, said)
        return redirect("cycle:congress", pk=row.pk)
    return _page(request, reads.congress_for(me(request), row.pk), 422, **{name: form})


def _press(request: HttpRequest, row: Row, do: Callable[[], object], said: str, congress_pk: int) -> HttpResponse:
    """A single button: a refusal is shown as a page of its own."""
    with_version(request, row)
    do()
    messages.success(request, said)
    return redirect("cycle:congress", pk=congress_pk)


# Dates --------------------------------------------------------------------------------------------


@require_POST
def set_date(request: HttpRequest, pk: int) -> HttpResponse:
    """Set or move the day."""
    reader, row = me(request), reads.congress_for(me(request), pk)
    form = DateForm(request.POST, congress=row, level=row.law.levels.get(row.unit.level))
    return _do(
        request,
        row,
        "date_form",
        form,
        lambda: _warn(request, actions.set_date(reader, row, **form.values())),
        _("The date is set."),
    )


def _warn(request: HttpRequest, findings: tuple[Finding, ...]) -> None:
    for finding in findings:
        cite = f" [{finding.article}]" if finding.article else ""
        messages.warning(request, f"{refusal_words(finding.refusal())}{cite}")


@require_POST
def withdraw_date(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the day back."""
    reader, row = me(request), reads.congress_for(me(request), pk)
    return _press(request, row, lambda: actions.withdraw_date(reader, row), _("The date has been withdrawn."), row.pk)


# Preparation --------------------------------------------------------------------------------------


@require_POST
def report_milestone(request: HttpRequest, pk: int) -> HttpResponse:
    """Report a step done."""
    reader, row = me(request), reads.milestone_for(me(request), pk)
    form = ReportForm(request.POST)
    note = form.cleaned_data["note"] if form.is_valid() else ""
    return _press(
        request, row, lambda: actions.report_milestone(reader, row, note=note), _("Reported."), row.congress_id
    )


@require_POST
def undo_report(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a report back."""
    reader, row = me(request), reads.milestone_for(me(request), pk)
    return _press(
        request, row, lambda: actions.undo_report(reader, row), _("The report has been taken back."), row.congress_id
    )


@require_POST
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the preparation in."""
    reader, row = me(request), reads.congress_for(me(request), pk)
    return _press(request, row, lambda: actions.submit(reader, row), _("The preparation is with the superior."), row.pk)


@require_POST
def return_with_findings(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the preparation back."""
    return _decide(
        request, pk, "return_form", FindingsForm, actions.return_with_findings, _("Returned with the findings.")
    )


@require_POST
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve the preparation."""
    return _decide(request, pk, "approve_form", DecisionForm, actions.approve, _("The preparation is approved."))


def _decide(
    request: HttpRequest, pk: int, name: str, form_of: type[LawForm], verb: Callable[..., object], said: str
) -> HttpResponse:
    reader, row = me(request), reads.congress_for(me(request), pk)
    form = form_of(request.POST, subject=row, prefix=name)
    return _do(request, row, name, form, lambda: verb(reader, row, **form.values()), said)


# Session and result -------------------------------------------------------------------------------


@require_POST
def open_congress(request: HttpRequest, pk: int) -> HttpResponse:
    """Open the session."""
    reader, row = me(request), reads.congress_for(me(request), pk)
    form = OpeningForm(request.POST, subject=row, prefix="opening_form")
    do = lambda: _warn(request, actions.open_congress(reader, row, **form.values()))  # noqa: E731
    return _do(request, row, "opening_form", form, do, _("The congress is in session."))


@require_POST
def close_congress(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the session."""
    reader, row = me(request), reads.congress_for(me(request), pk)
    return _press(request, row, lambda: actions.close_congress(reader, row), _("The congress is closed."), row.pk)


@require_POST
def file_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand the result in."""
    reader, row = me(request), reads.congress_for(me(request), pk)
    return _press(request, row, lambda: actions.file_result(reader, row), _("The result has been filed."), row.pk)


@require_POST
def recognise(request: HttpRequest, pk: int) -> HttpResponse:
    """Recognise the result."""
    return _decide(request, pk, "recognise_form", DecisionForm, actions.recognise, _("The result is recognised."))


@require_POST
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the result back."""
    return _decide(request, pk, "send_back_form", FindingsForm, actions.send_back, _("Sent back with the findings."))


# Papers -------------------------------------------------------------------------------------------


@require_POST
def add_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """File a paper: of the preparation or of the result, as the phase has it."""
    reader, row = me(request), reads.congress_for(me(request), pk)
    verb = actions.file_paper if row.phase == "after" else actions.add_paper
    form = PaperForm(request.POST, request.FILES, congress=row)
    return _do(
        request, row, "paper_form", form, lambda: verb(reader, row, **form.values()), _("The paper has been filed.")
    )


@require_GET
def paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Download a paper."""
    return files.serve(reads.paper_for(me(request), pk).file)


@require_POST
def withdraw_paper(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a paper."""
    reader, row = me(request), reads.paper_for(me(request), pk)
    verb = actions.withdraw_filed_paper if row.stage == Paper.Stage.AFTER else actions.withdraw_paper
    return _press(request, row, lambda: verb(reader, row), _("The paper has been withdrawn."), row.congress_id)


MEDIA = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@require_GET
def review_paper(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The notice of an appraisal or the decision on a result, as DOCX or PDF."""
    from conventus.core.papers import to_docx, to_pdf

    review = reads.review_for(me(request), pk)
    known = decisions.languages_of(review)
    language = request.GET.get("language", review.congress.unit.organisation.language)
    if kind not in MEDIA or language not in known:
        raise Http404
    printed = decisions.paper_of(review, language)
    content = to_pdf(printed) if kind == "pdf" else to_docx(printed)
    response = HttpResponse(content, content_type=MEDIA[kind])
    name = f"{review.stage}-{review.congress.unit.code}-{review.decided_on}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


# The desk of the superior -------------------------------------------------------------------------


@require_GET
def appraisals(request: HttpRequest) -> HttpResponse:
    """What waits for the reader's decision: preparations to appraise, results to recognise."""
    reader = me(request)
    queues = {"preparations": reads.to_appraise(reader), "results": reads.to_recognise(reader)}
    if not (scopes(reader, "cycle.appraise") or scopes(reader, "cycle.recognise")):
        raise Http404
    which = "results" if request.GET.get("show") == "results" else "preparations"
    table = DecisionTable(queues[which])
    if answer := answered(request, table, which):
        return answer
    context = {
        "table": table,
        "which": which,
        "tabs": _queue_tabs(queues, which),
        "today": clock.today(),
        "breadcrumbs": [*to_cycles(), crumb(_("Decisions"))],
    }
    return render(request, "cycle/appraisals.html", context)


def _queue_tabs(queues: dict[str, QuerySet[Congress]], which: str) -> list[dict[str, Any]]:
    labels = {"preparations": _("Preparations to appraise"), "results": _("Results to recognise")}
    return [
        {"label": labels[name], "url": f"?show={name}", "current": name == which, "count": rows.count()}
        for name, rows in queues.items()
    ]
