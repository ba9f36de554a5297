"""Warnings accepted, results declared and shown, decisions of the congress, the counting record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from conventus.core.forms import attempt, with_version
from conventus.core.papers import Paper, sealed, to_docx, to_pdf
from conventus.core.rules import Refusal
from conventus.core.tables import answered
from conventus.core.views import me
from conventus.elections import actions, reads
from conventus.elections.forms import LotForm, OpenSeatsForm
from conventus.elections.models import Ballot, Contest, VoteCount
from conventus.elections.record import counting_record, load_record_form
from conventus.elections.tables import ResultTable, outcome_words
from conventus.elections.terms import majority_words
from conventus.elections.views.ballots import base_rows, finding_rows
from conventus.elections.views.contests import next_rows
from conventus.elections.views.page import answer, ballot_crumbs, ballot_title, contest_crumbs, may, posted, require

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KINDS: dict[str, tuple[str, Callable[[Paper], bytes]]] = {"docx": (DOCX, to_docx), "pdf": ("application/pdf", to_pdf)}
COUNTED = (Ballot.State.AGREED, Ballot.State.DECLARED)


@require_POST
def accept_warning(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept one warning on the agreed count, with the reason for it."""
    row = reads.ballot_for(me(request), pk)
    with_version(request, row)
    code, reason = request.POST.get("code", ""), request.POST.get("reason", "")
    actions.accept_warning(me(request), row, code=code, reason=reason)
    messages.success(request, _("The warning is accepted."))
    return redirect("elections:ballot", pk=row.pk)


@require_POST
def declare_result(request: HttpRequest, pk: int) -> HttpResponse:
    """Declare the result."""
    row = reads.ballot_for(me(request), pk)
    with_version(request, row)
    actions.declare_result(me(request), row)
    messages.success(request, _("The result is declared."))
    return redirect("elections:result", pk=row.pk)


@require_GET
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """The declared result: every name with its votes, the line to be reached, and what follows."""
    reader = me(request)
    row = reads.ballot_for(reader, pk)
    if row.state != Ballot.State.DECLARED:
        return redirect("elections:ballot", pk=row.pk)
    counts = list(row.vote_counts.select_related("candidate"))
    if file := answered(request, ResultTable(counts, base=row.base or 0), f"result-{row.pk}"):
        return file
    contest = row.contest
    latest = row == contest.ballots.last()
    context = {
        "ballot": row,
        "contest": contest,
        "title": ballot_title(row),
        "bars": bars(row, counts),
        "threshold": _percent(row.needed or 0, _whole(row, counts)) if row.majority != "relative" else "",
        "base": base_rows(row),
        "majority": majority_words(row),
        "majority_rule": contest.law.majority[row.kind].at(contest.day),
        "elected": [count for count in counts if count.elected],
        "tied": [count for count in counts if count.tied and not count.elected],
        "findings": finding_rows(row),
        "next_steps": next_rows(contest, [row]) if latest else [],
        "next_ballot": contest.ballots.filter(number=row.number + 1).first(),
        "may_prepare": may(reader, actions.decide, contest),
        "may_draw": may(reader, actions.draw_lot, contest),
        "may": {"record": may(reader, actions.set_record_details, row)},
        "breadcrumbs": ballot_crumbs(row, (_("Result"), "")),
    }
    return render(request, "elections/result.html", context)


def bars(row: Ballot, counts: list[VoteCount]) -> list[dict[str, Any]]:
    """The names in the order of votes, each with its bar as a share of the longest possible one."""
    whole = _whole(row, counts)
    return [
        {
            "count": count,
            "width": _percent(count.votes, whole),
            "share": 100 * count.votes / row.base if row.base else None,
            "outcome": outcome_words(count),
            "state": next((name for name in ("elected", "alternate", "tied") if getattr(count, name)), "out"),
        }
        for count in counts
    ]


def _whole(row: Ballot, counts: list[VoteCount]) -> int:
    return max([row.base or 0, row.needed or 0, *(count.votes for count in counts), 1])


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.3f}%"


# Decisions ----------------------------------------------------------------------------------------


def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Record what the congress decides about seats that are open: leave them, or ballot again."""
    reader = me(request)
    contest = reads.contest_for(reader, pk)
    require(reader, actions.decide, contest)
    last = contest.ballots.last()
    rows = next_rows(contest, [last]) if last else []
    left = rows[0]["step"].seats if rows else 0
    label, help_text = _("Decision of the congress"), _("In words, with the votes for it. It stands in the record.")
    initial = {"open_seats": left}
    form = OpenSeatsForm(posted(request), subject=contest, label=label, help_text=help_text, initial=initial)

    def keep() -> None:
        actions.decide(reader, contest, **form.values())

    if request.method == "POST" and attempt(form, keep, contest):
        messages.success(request, _("The decision is recorded; the election is decided."))
        return redirect("elections:contest", pk=contest.pk)
    context = {
        "contest": contest,
        "last": last,
        "rows": rows,
        "again": next((row for row in rows if row["step"].code in ("second_ballot", "congress_decides")), None),
        "breadcrumbs": contest_crumbs(contest, (_("Decision of the congress"), "")),
    }
    return answer(request, "elections/decide.html", context, form)


def draw_lot(request: HttpRequest, pk: int) -> HttpResponse:
    """Record whom the lot has drawn."""
    reader = me(request)
    contest = reads.contest_for(reader, pk)
    require(reader, actions.draw_lot, contest)
    row = _lot_of(contest)
    tied = contest.candidates.filter(pk__in=[int(key) for key in row["step"].candidates])
    label = _("How the lot was drawn")
    form = LotForm(posted(request), subject=contest, tied=tied, label=label)

    def keep() -> None:
        actions.draw_lot(reader, contest, **form.values())

    if request.method == "POST" and attempt(form, keep, contest):
        messages.success(request, _("The lot is recorded; the election is decided."))
        return redirect("elections:contest", pk=contest.pk)
    context = {"contest": contest, "row": row, "breadcrumbs": contest_crumbs(contest, (_("Draw lots"), ""))}
    return answer(request, "elections/draw_lot.html", context, form)


def _lot_of(contest: Contest) -> dict[str, Any]:
    """The step of the law that asks for a lot; refuses when there is none."""
    last = contest.ballots.last()
    rows = next_rows(contest, [last]) if last else []
    found = next((row for row in rows if row["step"].code == "lot"), None)
    if found is None:
        raise Refusal("elections.no_lot")
    return found


# The record ---------------------------------------------------------------------------------------


@require_GET
def record(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The counting record as DOCX or PDF; a draft, marked on every page, until the result is declared."""
    row = reads.ballot_for(me(request), pk)
    if kind not in KINDS or row.state not in COUNTED:
        raise Http404
    language, path = reads.record_language(row, (get_language() or "en").partition("-")[0])
    media_type, made = KINDS[kind]
    paper = sealed(counting_record(load_record_form(path), reads.record_facts(row, language)))
    name = f"counting-record-{row.contest.congress.unit.code}-{row.contest.body}-{row.number}.{kind}"
    response = HttpResponse(made(paper), content_type=media_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["Cache-Control"] = "private, no-store"
    return response
