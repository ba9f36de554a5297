"""A ballot on its way: prepared, its electorate, handed out, counted."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from conventus.core.forms import attempt
from conventus.core.models import User
from conventus.core.rules import Refusal
from conventus.core.views import me
from conventus.core.words import refusal_words
from conventus.elections import actions, reads, rules
from conventus.elections.forms import ElectorateForm, IssueForm, PathsForm, ReasonForm
from conventus.elections.models import Ballot
from conventus.elections.terms import as_rows, majority_words, path_words, term
from conventus.elections.views.page import answer, ballot_crumbs, ballot_title, contest_crumbs, may, posted, require
from conventus.elections.views.recount import checking_card
from conventus.elections.views.sheets import counting_card

BEFORE_COUNT = (Ballot.State.PREPARED, Ballot.State.ISSUED)
WAY = {"prepared": "ballot", "issued": "send", "counting": "compare", "agreed": "check", "declared": "seal"}
"""The states of a ballot in their order, with their icons."""
COUNTING = (Ballot.State.ISSUED, Ballot.State.COUNTING)


def prepare_ballot(request: HttpRequest, pk: int) -> HttpResponse:
    """Prepare the next ballot; a further one asks what the congress decided, where the law leaves it to it."""
    reader = me(request)
    contest = reads.contest_for(reader, pk)
    require(reader, actions.prepare_ballot, contest)
    form = ReasonForm(posted(request), subject=contest, label=_("Decision of the congress"))
    form.fields["reason"].required = False
    made: list[Ballot] = []

    def prepare() -> None:
        made.append(actions.prepare_ballot(reader, contest, decision=form.cleaned_data["reason"]))

    if request.method == "POST" and attempt(form, prepare, contest):
        messages.success(request, _("The ballot is prepared. Now enter who may vote."))
        return redirect("elections:electorate", pk=made[0].pk)
    last = contest.ballots.last()
    steps = [step for step in reads.next_steps(last) if step.code != "leave_open"] if last else []
    context = {
        "contest": contest,
        "last": last,
        "step": steps[0] if steps else None,
        "names": last.standing.filter(pk__in=[int(key) for key in steps[0].candidates]) if last and steps else None,
        "breadcrumbs": contest_crumbs(contest, (_("Prepare a ballot"), "")),
    }
    return answer(request, "elections/prepare_ballot.html", context, form)


@require_GET
def ballot(request: HttpRequest, pk: int) -> HttpResponse:
    """A ballot: where it stands, its base, who has keyed in the count, and what comes next."""
    reader = me(request)
    row = reads.ballot_for(reader, pk)
    findings = finding_rows(row) if row.state in (Ballot.State.AGREED, Ballot.State.DECLARED) else []
    context = {
        "ballot": row,
        "contest": row.contest,
        "title": ballot_title(row),
        "steps": ballot_steps(row),
        "base": base_rows(row),
        "majority": majority_words(row),
        "majority_rule": row.contest.law.majority[row.kind].at(row.contest.day),
        "names": row.names(),
        "made": [one for one in reads.entries_made(row) if one.attempt == row.attempt],
        "ways": [path_words(path) for path in row.ways],
        "former": [one for one in reads.entries_made(row) if one.attempt != row.attempt],
        "settled": reads.settled_by(row),
        "findings": findings,
        "open_warnings": any(not finding["accepted"] for finding in findings),
        "may": _may(reader, row),
        "sheets": counting_card(reader, row),
        "checks": checking_card(reader, row),
        "breadcrumbs": ballot_crumbs(row),
    }
    return render(request, "elections/ballot.html", context)


def _may(reader: User, row: Ballot) -> dict[str, Any]:
    """What the reader may do with the ballot now; `why_not_enter` says why somebody on the board may not key in."""
    seat = reads.board_seat(reader, row.contest.congress)
    head = seat is not None and seat.head
    counts = seat is not None and may(reader, actions.enter_count, row)
    why_not = _why_not_enter(reader, row) if counts and row.state in COUNTING else ""
    return {
        "electorate": row.state in BEFORE_COUNT and may(reader, actions.set_electorate, row),
        "issue": row.state in BEFORE_COUNT and counts,
        "design_paper": row.state in BEFORE_COUNT and may(reader, actions.design_form, row),
        "paths": row.state in BEFORE_COUNT and head and may(reader, actions.choose_paths, row),
        "enter": row.state in COUNTING and counts and not why_not,
        "why_not_enter": why_not,
        "scan": row.state in COUNTING and counts and rules.SCAN in row.ways,
        "compare": reads.may_compare(reader, row),
        "repeat": head and row.state in ("counting", "differing", "agreed") and may(reader, actions.repeat_count, row),
        "declare": head and row.state == Ballot.State.AGREED and may(reader, actions.declare_result, row),
        "record": may(reader, actions.set_record_details, row),
        "seal": head and row.state == Ballot.State.DECLARED and not reads.evidence_of(row),
    }


def _why_not_enter(reader: User, row: Ballot) -> str:
    try:
        reads.slot_for(reader, row)
    except Refusal as refusal:
        return refusal_words(refusal)
    return ""


def ballot_steps(row: Ballot) -> list[dict[str, Any]]:
    """The way of a ballot, with trouble where two entries differ."""
    states, way = dict(Ballot.State.choices), list(WAY.items())
    at = list(WAY).index("counting" if row.state == Ballot.State.DIFFERING else row.state)
    return [
        {
            "label": states[row.state] if index == at else states[key],
            "icon": icon,
            "status": _status(index, at, row.state),
            "is_current": index == at,
        }
        for index, (key, icon) in enumerate(way)
    ]


def _status(index: int, at: int, state: str) -> str:
    if index == at and state == Ballot.State.DIFFERING:
        return "trouble"
    if index < at or state == Ballot.State.DECLARED:
        return "done"
    return "current" if index == at else "todo"


def base_rows(row: Ballot) -> dict[str, Any]:
    """The base as a sum of named lines; `total` is None while a figure is missing."""
    contest = row.contest
    rule = contest.law.bases[contest.body_of_voters].at(contest.day)
    pack, known = contest.congress.rules, row.electorate
    signs = [(line.code, line.sign) for line in rule.value]
    lines = [{"words": term(pack, "base", code), "sign": sign, "number": known.get(code)} for code, sign in signs]
    total = row.base_now().total if row.has_electorate else None
    return {"lines": lines, "total": total, "needed": _needed(row, total), "cite": rule.cite, "rule": rule}


def _needed(row: Ballot, total: int | None) -> int | None:
    if row.state == Ballot.State.DECLARED:
        return None if row.majority == "relative" else row.needed
    return rules.needed_votes(row.majority, total) if total and row.majority == "over_half_of_base" else None


def finding_rows(row: Ballot) -> list[dict[str, Any]]:
    """The numbered checks of an agreed count, with who accepted them and why."""
    findings = reads.findings_of(row)
    people = {one.pk: str(one) for one in User.objects.filter(pk__in=[one["by"] for one in row.accepted])}
    kept = reads.accepted_of(row, findings)
    accepted = {code: {**one, "name": people[one["by"]]} for code, one in kept.items()}
    return as_rows([(finding, "") for finding in findings], accepted)


# Electorate and issue -----------------------------------------------------------------------------


def electorate(request: HttpRequest, pk: int) -> HttpResponse:
    """The lines of the base and the voters present."""
    reader = me(request)
    row = reads.ballot_for(reader, pk)
    require(reader, actions.set_electorate, row)
    form = ElectorateForm(posted(request), ballot=row, subject=row)

    def keep() -> None:
        actions.set_electorate(reader, row, **form.values())

    if request.method == "POST" and attempt(form, keep, row):
        messages.success(request, _("The electorate is recorded."))
        return redirect("elections:ballot", pk=row.pk)
    rule = row.contest.law.bases[row.contest.body_of_voters].at(row.contest.day)
    context = {
        "ballot": row,
        "rule": rule,
        "rows": [(form[line.code], line.sign) for line in form.lines],
        "breadcrumbs": ballot_crumbs(row, (_("Electorate"), "")),
    }
    return answer(request, "elections/electorate.html", context, form)


def choose_paths(request: HttpRequest, pk: int) -> HttpResponse:
    """In which ways the ballot is counted, apart from one another."""
    reader = me(request)
    row = reads.ballot_for(reader, pk)
    require(reader, actions.choose_paths, row)
    form = PathsForm(posted(request), subject=row, initial={"paths": list(row.ways)})

    def keep() -> None:
        actions.choose_paths(reader, row, **form.values())

    if request.method == "POST" and attempt(form, keep, row):
        messages.success(request, _("The ways of counting are chosen."))
        return redirect("elections:ballot", pk=row.pk)
    context = {
        "ballot": row,
        "rule": row.contest.law.paths.at(row.contest.day),
        "required": [path_words(path) for path in row.contest.law.paths.at(row.contest.day).value],
        "cancel": reverse("elections:ballot", args=[row.pk]),
        "breadcrumbs": ballot_crumbs(row, (_("Ways of counting"), "")),
    }
    return answer(request, "elections/choose_paths.html", context, form)


def issue(request: HttpRequest, pk: int) -> HttpResponse:
    """How many ballots the board handed out."""
    reader = me(request)
    row = reads.ballot_for(reader, pk)
    require(reader, actions.issue, row)
    form = IssueForm(posted(request), subject=row, initial={"issued": row.issued})

    def keep() -> None:
        actions.issue(reader, row, **form.values())

    if request.method == "POST" and attempt(form, keep, row):
        messages.success(request, _("The number of ballots issued is recorded."))
        return redirect("elections:ballot", pk=row.pk)
    context = {
        "ballot": row,
        "base": base_rows(row),
        "cancel": reverse("elections:ballot", args=[row.pk]),
        "breadcrumbs": ballot_crumbs(row, (_("Ballots issued"), "")),
    }
    return answer(request, "elections/issue.html", context, form)
