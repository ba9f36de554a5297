"""Sample audits: prepared, opened with dice, papers entered, the risk measured, closed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from conventus.core.forms import attempt, with_version
from conventus.core.models import User
from conventus.core.rules import Refusal
from conventus.core.views import me
from conventus.core.words import refusal_words
from conventus.elections import actions, reads, rules
from conventus.elections.forms.audit import AuditForm, DrawForm
from conventus.elections.forms.fields import ReasonForm
from conventus.elections.models import Audit, Ballot, labels_of
from conventus.elections.views.page import Crumbs, answer, ballot_crumbs, ballot_title, may, posted
from conventus.elections.views.recount import on_board


def audit(request: HttpRequest, pk: int) -> HttpResponse:
    """The audit of a ballot: how far it is, or how much it would take, with the form that opens it."""
    reader = me(request)
    ballot = reads.ballot_for(reader, pk)
    found = reads.audit_of(ballot)
    if found:
        return _progress(request, reader, found)
    if ballot.state != Ballot.State.AGREED:
        former = reads.former_audits(ballot)
        context = {"ballot": ballot, "title": ballot_title(ballot), "former": former, "breadcrumbs": _crumbs(ballot)}
        return render(request, "elections/audit_none.html", context)
    return _open(request, reader, ballot)


def _crumbs(ballot: Ballot, *steps: tuple[Any, str]) -> Crumbs:
    here = (_("Sample audit"), reverse("elections:audit", args=[ballot.pk]) if steps else "")
    return ballot_crumbs(ballot, here, *steps)


# Before it starts ---------------------------------------------------------------------------------


def _open(request: HttpRequest, reader: User, ballot: Ballot) -> HttpResponse:
    limit = ballot.contest.law.audit_risk_percent.at(ballot.contest.day)
    form = AuditForm(posted(request), subject=ballot, initial=_initial(ballot, limit.value))

    def begin() -> None:
        actions.open_audit(reader, ballot, **form.values())

    if request.method == "POST" and attempt(form, begin, ballot):
        messages.success(request, _("The audit is open. Pull the papers that are listed, and enter what they show."))
        return redirect("elections:audit", pk=ballot.pk)
    context = {
        "ballot": ballot,
        "title": ballot_title(ballot),
        "limit": limit,
        "former": reads.former_audits(ballot),
        "may_open": _is_head(reader, ballot) and may(reader, actions.open_audit, ballot),
        "breadcrumbs": _crumbs(ballot),
        **_forecasts(ballot, limit.value / 100),
    }
    return answer(request, "elections/audit_open.html", context, form)


def _initial(ballot: Ballot, percent: int) -> dict[str, Any]:
    stacks = [one.sheets for one in reads.stack_counts(ballot)]
    sizes = stacks if sum(stacks) == ballot.collected else [ballot.collected]
    words = " ".join(str(size) for size in sizes)
    return {"risk_percent": percent, "method": Audit.Method.POLLING, "stacks": words}


def _is_head(reader: User, ballot: Ballot) -> bool:
    seat = reads.board_seat(reader, ballot.contest.congress)
    return seat is not None and seat.head


def _forecasts(ballot: Ballot, risk: float) -> dict[str, Any]:
    """What an audit would take, or why there can be none."""
    try:
        papers = reads.papers_forecast(ballot, risk)
    except Refusal as refusal:
        return {"why_not": refusal_words(refusal)}
    names = _names(ballot)
    hardest = papers.hardest
    return {
        "papers": papers,
        "stacks": reads.stacks_forecast(ballot, risk),
        "hardest": statement_words(hardest, names, ballot) if hardest else "",
        "statements": [statement_words(one, names, ballot) for one in reads.statements_of(ballot)],
    }


def _names(ballot: Ballot) -> dict[str, str]:
    names = ballot.names()
    return {str(one.pk): label for one, label in zip(names, labels_of(names), strict=True)}


def statement_words(one: rules.audit.Assertion, names: dict[str, str], ballot: Ballot) -> str:
    """What is to be shown, in a sentence."""
    words = {
        rules.audit.REACHED: _("%(name)s has the votes needed"),
        rules.audit.NOT_REACHED: _("%(name)s has not the votes needed"),
        rules.audit.AHEAD: _("%(name)s has more votes than %(other)s"),
    }
    return words[one.code] % {"name": names.get(one.name, one.name), "other": names.get(one.other, one.other)}


# Under way ----------------------------------------------------------------------------------------


def _progress(request: HttpRequest, reader: User, row: Audit, form: ReasonForm | None = None) -> HttpResponse:
    ballot = row.ballot
    board = on_board(reader, ballot)
    context = {
        "ballot": ballot,
        "audit": row,
        "former": reads.former_audits(ballot),
        "title": ballot_title(ballot),
        "open": row.state == Audit.State.OPEN,
        "papers_drawn": reads.drawn_before(row),
        "rows": _risk_rows(row),
        "shown": sum(risk <= row.limit for risk in row.risks),
        "board": board,
        "may_close": _is_head(reader, ballot) and may(reader, actions.close_audit, row),
        "close_form": form or ReasonForm(subject=row, label=_("Why all papers are counted anew")),
        "breadcrumbs": _crumbs(ballot),
    }
    if context["open"] and board:
        context |= _due(row)
    refused = form is not None and bool(form.errors or form.refusals)
    return render(request, "elections/audit.html", context, status=422 if refused else 200)


def _risk_rows(row: Audit) -> list[dict[str, Any]]:
    """Every statement with its measured risk, the greatest first."""
    names = _names(row.ballot)
    rows = [
        {
            "words": statement_words(one, names, row.ballot),
            "percent": 100 * risk,
            "shown": risk <= row.limit,
            "refuted": risk >= 1 and bool(row.measured),
        }
        for one, risk in zip(row.assertions(), row.risks, strict=True)
    ]
    return sorted(rows, key=lambda one: -one["percent"])


def _due(row: Audit) -> dict[str, Any]:
    """What the board does next: papers to pull and enter, or a stack to count by hand."""
    if row.method == Audit.Method.STACKS:
        which, stack = reads.stack_due(row)
        counted = stack is not None and stack.agreed is not None
        return {"due_stack": stack, "due_label": row.stacks[which][0], "may_measure": counted}
    due = reads.due_papers(row)
    left = [one for one in due if one.draw is None]
    return {"due": due, "entered": len(due) - len(left), "left": left, "may_measure": bool(due) and not left}


def draw(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Enter what one drawn paper shows; nobody sees a scan or another paper while doing so."""
    reader = me(request)
    row = _board_audit(reader, pk)
    due = {one.number: one for one in reads.due_papers(row)} if row.method == Audit.Method.POLLING else {}
    if row.state != Audit.State.OPEN or number not in due:
        return redirect("elections:audit", pk=row.ballot_id)
    form = DrawForm(posted(request), ballot=row.ballot, before=due[number].draw)

    def keep() -> None:
        actions.record_draw(reader, row, number=number, **form.values())

    if request.method == "POST" and attempt(form, keep):
        return _next(row)
    context = {
        "ballot": row.ballot,
        "audit": row,
        "due": due[number],
        "left": sum(one.draw is None for one in due.values()),
        "breadcrumbs": _crumbs(row.ballot, (_("Drawn paper"), "")),
    }
    return answer(request, "elections/audit_paper.html", context, form)


def _board_audit(reader: User, pk: int) -> Audit:
    """An audit on whose board the reader sits; for anybody else there are no papers."""
    row = reads.audit_for(reader, pk)
    if not on_board(reader, row.ballot):
        raise Http404
    return row


def _next(row: Audit) -> HttpResponse:
    """The next paper in the stacks that is not entered, or the overview."""
    left = [one for one in reads.due_papers(row) if one.draw is None]
    if left:
        return redirect("elections:draw", pk=row.pk, number=left[0].number)
    return redirect("elections:audit", pk=row.ballot_id)


@require_POST
def measure(request: HttpRequest, pk: int) -> HttpResponse:
    """Measure the risk over what was drawn."""
    reader = me(request)
    row = _board_audit(reader, pk)
    with_version(request, row)
    actions.measure_audit(reader, row)
    if row.passed:
        messages.success(request, _("The outcome is confirmed at the risk limit. The head closes the audit."))
    else:
        messages.info(request, _("The risk is measured; more must be drawn."))
    return redirect("elections:audit", pk=row.ballot_id)


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the audit: confirmed, or everything is counted anew."""
    reader = me(request)
    row = _board_audit(reader, pk)
    form = ReasonForm(request.POST, subject=row, label=_("Why all papers are counted anew"))
    form.fields["reason"].required = False

    def finish() -> None:
        actions.close_audit(reader, row, reason=form.cleaned_data["reason"])

    if not attempt(form, finish, row):
        return _progress(request, reader, reads.audit_for(reader, pk), form)
    if row.state == Audit.State.CONFIRMED:
        messages.success(request, _("The audit is closed: the outcome is confirmed."))
        return redirect("elections:audit", pk=row.ballot_id)
    messages.success(request, _("The audit is closed. All papers are counted anew."))
    return redirect("elections:ballot", pk=row.ballot_id)
