"""What the pages of the elections share: the way back, and who may do what here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from conventus.core.door import can
from conventus.core.models import Row, User
from conventus.core.words import refusal_words
from conventus.cycle.models import Congress
from conventus.elections.models import Ballot, Contest

Crumbs = list[dict[str, Any]]


def congress_crumbs(congress: Congress, *steps: tuple[Any, str]) -> Crumbs:
    """The way to the elections of a congress and below; the last step is the page itself."""
    way = [
        (_("Congresses"), reverse("cycle:cycles")),
        (congress.unit.name, reverse("cycle:congress", args=[congress.pk])),
        (_("Elections"), reverse("elections:contests_of", args=[congress.pk])),
        *steps,
    ]
    return [{"label": label, "url": url} for label, url in way]


def contest_crumbs(contest: Contest, *steps: tuple[Any, str]) -> Crumbs:
    """The way to a contest and below."""
    here = (contest.title, reverse("elections:contest", args=[contest.pk]))
    return congress_crumbs(contest.congress, here, *steps)


def ballot_crumbs(ballot: Ballot, *steps: tuple[Any, str]) -> Crumbs:
    """The way to a ballot and below."""
    here = (ballot_title(ballot), reverse("elections:ballot", args=[ballot.pk]))
    return contest_crumbs(ballot.contest, here, *steps)


def ballot_title(ballot: Ballot) -> str:
    """“Ballot 2: ballot among the tied”."""
    return _("Ballot %(number)s: %(kind)s") % {"number": ballot.number, "kind": ballot.get_kind_display()}


def may(reader: User, verb: Callable[..., Any], row: Row) -> bool:
    """Whether the button for `verb` is shown at all."""
    return bool(can(reader, verb, row))


def why_not(reader: User, verb: Callable[..., Any], row: Row) -> str:
    """Why `verb` cannot be done now, "" when it can."""
    refusal = can(reader, verb, row).refusal
    return refusal_words(refusal) if refusal else ""


def require(reader: User, verb: Callable[..., Any], row: Row) -> None:
    """Raise the refusal of a page whose form could not be sent; a form that nobody can use is not shown."""
    refusal = can(reader, verb, row).refusal
    if refusal:
        raise refusal


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, also when it is nothing; None for a page that is only looked at."""
    return request.POST if request.method == "POST" else None


def answer(request: HttpRequest, template: str, context: Mapping[str, Any], form: Any = None) -> HttpResponse:
    """The page; one whose form was refused says so in its status."""
    refused = request.method == "POST" and form is not None and (form.errors or form.refusals)
    return render(request, template, {**context, "form": form}, status=422 if refused else 200)
