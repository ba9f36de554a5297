"""The contests of a congress, its counting board, one contest and its list of candidates."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from conventus.core.forms import attempt, with_version
from conventus.core.models import User
from conventus.core.rights import allowing
from conventus.core.tables import answered
from conventus.core.views import me
from conventus.core.words import shown
from conventus.cycle.models import Congress
from conventus.elections import actions, reads, rules
from conventus.elections.forms import BoardForm, CandidateForm, CloseForm, ContestForm
from conventus.elections.models import Ballot, Candidate, Contest
from conventus.elections.tables import CandidateTable
from conventus.elections.terms import as_rows, body_words, term
from conventus.elections.views.page import answer, congress_crumbs, contest_crumbs, may, posted, require
from conventus.org import reads as org
from conventus.org.models import Person
from conventus.org.names import fold

PEOPLE_SHOWN = 40
VOTERS_OFFERED = 2000

# The congress -------------------------------------------------------------------------------------


@require_GET
def contests_of(request: HttpRequest, pk: int) -> HttpResponse:
    """The elections of a congress; as a fragment for the page of the congress itself."""
    reader = me(request)
    congress = reads.congress_for(reader, pk)
    context = {
        "congress": congress,
        "contests": [_contest_row(contest) for contest in reads.contests_of(reader, congress)],
        "may_prepare": may(reader, actions.open_contest, congress),
        "bodies_left": bool(_bodies(congress)),
    }
    if request.headers.get("HX-Request"):
        return render(request, "elections/_contests.html", context)
    context |= {"board": _board_rows(congress), "breadcrumbs": congress_crumbs(congress)}
    return render(request, "elections/contests.html", context)


def _contest_row(contest: Contest) -> dict[str, Any]:
    names = [one for one in contest.candidates.all() if not one.withdrawn]
    ballots = list(contest.ballots.all())
    return {
        "contest": contest,
        "body": body_words(contest),
        "names": len(names),
        "elected": sum(one.elected for one in names),
        "ballot": ballots[-1] if ballots else None,
    }


def _board_rows(congress: Congress) -> list[dict[str, Any]]:
    """The board, with whether each account may count yet: the seat does not carry the right."""
    return [
        {
            "member": one,
            "may_count": one.user is not None
            and allowing(one.user, "elections.count", congress.unit, "session") is not None,
        }
        for one in reads.board_of(congress)
    ]


def board(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter the counting board that the congress has voted in."""
    reader = me(request)
    congress = reads.congress_for(reader, pk)
    require(reader, actions.appoint_board, congress)
    voters = _voters(reader, congress)
    form = BoardForm(posted(request), people=voters, subject=congress, initial=_present_board(congress))

    def appoint() -> None:
        actions.appoint_board(reader, congress, members=form.seats())

    if request.method == "POST" and attempt(form, appoint, congress):
        messages.success(request, _("The counting board is appointed."))
        return redirect("elections:contests_of", pk=congress.pk)
    context = {
        "congress": congress,
        "voters": voters[:VOTERS_OFFERED],
        "least": congress.rules.laws["elections"].board_least.at(congress.starts_on or congress.window_from),
        "breadcrumbs": congress_crumbs(congress, (_("Counting board"), "")),
    }
    return answer(request, "elections/board.html", context, form)


def _voters(reader: User, congress: Congress) -> QuerySet[Person]:
    return org.people_of(reader, congress.unit).select_related("user").order_by("folded")


def _present_board(congress: Congress) -> dict[str, str]:
    members = reads.board_of(congress)
    lines = {f"member_{number}": f"{one.person.name} · {one.person.code}" for number, one in enumerate(members, 1)}
    return lines | {"head": str(next((number for number, one in enumerate(members, 1) if one.head), 1))}


# One contest --------------------------------------------------------------------------------------


def _bodies(congress: Congress) -> list[tuple[str, str]]:
    """The kinds of election that the congress does not hold yet."""
    pack, taken = congress.rules, set(congress.contests.values_list("body", flat=True))
    return [(key, term(pack, "kind", key)) for key in pack.laws["elections"].kinds if key not in taken]


def open_contest(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin an election."""
    reader = me(request)
    congress = reads.congress_for(reader, pk)
    require(reader, actions.open_contest, congress)
    law: rules.Law = congress.rules.laws["elections"]
    form = ContestForm(posted(request), law=law, bodies=_bodies(congress), subject=congress)
    made: list[Contest] = []

    def begin() -> None:
        made.append(actions.open_contest(reader, congress, **form.values()))

    if request.method == "POST" and attempt(form, begin, congress):
        messages.success(request, _("The election is opened. Now add the names."))
        return redirect("elections:add_candidate", pk=made[0].pk)
    crumbs = congress_crumbs(congress, (_("New election"), ""))
    return answer(request, "elections/contest_form.html", {"congress": congress, "breadcrumbs": crumbs}, form)


def change_contest(request: HttpRequest, pk: int) -> HttpResponse:
    """Change title, seats or places for alternates."""
    reader = me(request)
    contest = reads.contest_for(reader, pk)
    require(reader, actions.change_contest, contest)
    facts = {"title": contest.title, "seats": contest.seats, "alternates": contest.alternates}
    only = [(contest.body, body_words(contest))]
    form = ContestForm(posted(request), law=contest.law, bodies=only, subject=contest, initial=facts)

    def change() -> None:
        actions.change_contest(reader, contest, **form.values())

    if request.method == "POST" and attempt(form, change, contest):
        messages.success(request, _("Saved."))
        return redirect("elections:contest", pk=contest.pk)
    crumbs = contest_crumbs(contest, (_("Change"), ""))
    context = {"congress": contest.congress, "contest": contest, "breadcrumbs": crumbs}
    return answer(request, "elections/contest_form.html", context, form)


@require_GET
def contest(request: HttpRequest, pk: int) -> HttpResponse:
    """A contest: its list, its ballots, and what comes next."""
    reader = me(request)
    row = reads.contest_for(reader, pk)
    table = _table(reader, row)
    if file := answered(request, table, f"candidates-{row.pk}"):
        return file
    ballots = list(row.ballots.all())
    context = {
        "contest": row,
        "congress": row.congress,
        "body": body_words(row),
        "steps": contest_steps(row, ballots),
        "table": table,
        "draft": row.state == Contest.State.DRAFT,
        "surplus": reads.surplus_of(row) if row.state == Contest.State.DRAFT else None,
        "ballots": ballots,
        "next_steps": next_rows(row, ballots),
        "elected": reads.elected_of(row),
        "may_prepare": may(reader, actions.add_candidate, row),
        "may_close": may(reader, actions.close_list, row),
        "may_ballot": may(reader, actions.prepare_ballot, row),
        "trials": row.forms.filter(ballot=None).exists() or may(reader, actions.design_form, row),
        "breadcrumbs": contest_crumbs(row),
    }
    return render(request, "elections/contest.html", context)


def _table(reader: User, contest: Contest) -> CandidateTable:
    names = contest.candidates.select_related("person").order_by("withdrawn", "order", "pk")
    drafting = contest.state == Contest.State.DRAFT and may(reader, actions.add_candidate, contest)
    return CandidateTable(list(names), exclude=() if drafting else ("actions",))


def contest_steps(contest: Contest, ballots: list[Ballot]) -> list[dict[str, Any]]:
    """The way of a contest: the list, its close, the ballots, the result."""
    at = {"draft": 0, "listed": 2 if ballots else 1, "decided": 3}[contest.state]
    labels = [
        (_("List in the making"), "edit"),
        (_("List closed"), "list"),
        (_ballots_words(len(ballots)), "ballot"),
        (_("Decided"), "seal"),
    ]
    dates = {1: contest.listed_on}
    return [_step(index, at, *label, dates.get(index)) for index, label in enumerate(labels)]


def _ballots_words(count: int) -> str:
    return ngettext("%(count)s ballot", "%(count)s ballots", count) % {"count": count} if count else _("Ballots")


def _step(index: int, at: int, label: str, icon: str, day: Any = None) -> dict[str, Any]:
    status = "done" if index < at or at == 3 else "current" if index == at else "todo"
    return {"label": label, "icon": icon, "status": status, "is_current": index == at, "date": day}


def next_rows(contest: Contest, ballots: list[Ballot]) -> list[dict[str, Any]]:
    """What the law lets follow the last ballot, in the pack's words."""
    steps = reads.next_steps(ballots[-1]) if ballots else ()
    names = dict(contest.candidates.values_list("pk", "name")) if steps else {}
    return [
        {
            "step": step,
            "words": term(contest.congress.rules, "step", step.code),
            "names": [names[int(key)] for key in step.candidates],
        }
        for step in steps
    ]


# Candidates ---------------------------------------------------------------------------------------


def add_candidate(request: HttpRequest, pk: int) -> HttpResponse:
    """Put names on the list: members found by a search, or somebody by name; the page stays for the next ones."""
    reader = me(request)
    contest = reads.contest_for(reader, pk)
    require(reader, actions.add_candidate, contest)
    people, words = _people(reader, contest), request.GET.get("q", "")
    form = CandidateForm(posted(request), people=people, initial={"source": Candidate.Source.PREPARED})
    if request.method == "POST" and attempt(form, lambda: _add_all(reader, contest, form.nominees())):
        count = len(form.nominees())
        messages.success(request, ngettext("%(count)s name added.", "%(count)s names added.", count) % {"count": count})
        return redirect("elections:add_candidate", pk=contest.pk)
    found = _found(reader, contest, words)
    context = {
        "contest": contest,
        "q": words,
        "found": found[:PEOPLE_SHOWN],
        "more": len(found) > PEOPLE_SHOWN,
        "ticked": set(request.POST.getlist("people")),
        "names": contest.candidates.filter(withdrawn=False).order_by("pk"),
        "surplus": reads.surplus_of(contest),
        "floor_percent": contest.law.floor_percent.at(contest.day),
        "breadcrumbs": contest_crumbs(contest, (_("Add names"), "")),
    }
    return answer(request, "elections/add_candidate.html", context, form)


def _people(reader: User, contest: Contest) -> QuerySet[Person]:
    return org.people_of(reader, contest.congress.unit).order_by("folded")


def _found(reader: User, contest: Contest, words: str) -> list[Person]:
    """Members who match every word and are neither on the list nor on the board; one more than is shown."""
    people = _people(reader, contest)
    taken = contest.candidates.filter(withdrawn=False, person__isnull=False).values("person")
    for word in fold(words).split():
        people = people.filter(folded__contains=word)
    board = contest.congress.board.values("person")
    return list(people.exclude(pk__in=taken).exclude(pk__in=board)[: PEOPLE_SHOWN + 1])


@transaction.atomic
def _add_all(reader: User, contest: Contest, nominees: list[dict[str, Any]]) -> None:
    """All of them or none; the refusal names who it is about."""
    for nominee in nominees:
        actions.add_candidate(reader, contest, **nominee)


@require_POST
def withdraw_candidate(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a name off the list."""
    candidate = reads.candidate_for(me(request), pk)
    with_version(request, candidate)
    actions.withdraw_candidate(me(request), candidate, reason=request.POST.get("reason", ""))
    messages.success(request, _("%(name)s is off the list.") % {"name": candidate.name})
    return redirect("elections:contest", pk=candidate.contest_id)


def close_list(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at the list as it will stand on the ballot paper, and close it as the congress voted."""
    reader = me(request)
    contest = reads.contest_for(reader, pk)
    require(reader, actions.close_list, contest)
    form = CloseForm(posted(request), subject=contest)

    def close() -> None:
        actions.close_list(reader, contest, **form.values())

    if request.method == "POST" and attempt(form, close, contest):
        messages.success(request, _("The list is closed. From now on it stays as it is."))
        return redirect("elections:contest", pk=contest.pk)
    return answer(request, "elections/close_list.html", _closing(contest), form)


def _closing(contest: Contest) -> dict[str, Any]:
    refusals, findings = reads.list_findings(contest)
    return {
        "contest": contest,
        "names": reads.in_order(contest),
        "style": dict(Contest.Style.choices)[reads.style_of(contest)] if not refusals else "",
        "surplus": reads.surplus_of(contest),
        "problems": [one for refusal in refusals for one in shown(refusal)],
        "findings": as_rows([(finding, "id_decision") for finding in findings]),
        "breadcrumbs": contest_crumbs(contest, (_("Close the list"), "")),
    }


@require_GET
def poster(request: HttpRequest, pk: int) -> HttpResponse:
    """The list of candidates to print and hang up in the hall."""
    contest = reads.contest_for(me(request), pk)
    context = {
        "contest": contest,
        "names": reads.in_order(contest),
        "listed": contest.state != Contest.State.DRAFT,
        "described": contest.candidates.exclude(description="").exists(),
        "breadcrumbs": contest_crumbs(contest, (_("List to print"), "")),
    }
    return render(request, "elections/poster.html", context)
