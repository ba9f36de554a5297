"""Where the sample's pages are, for screenshots; and its fifth pilot brought to the count."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.urls import reverse

from conventus.core.models import User
from conventus.cycle.models import Congress
from conventus.directives.models import Document
from conventus.elections.models import Ballot
from conventus.org.models import Unit
from conventus.portal.sample.city import OPENING, TODAY
from conventus.portal.sample.clock import living
from conventus.portal.sample.walk import Staff, Turnout, hand_out, open_session


def open_count() -> None:
    """Open the congress of Đông Sơn ward today, close its list and hand out the ballot papers."""
    users = {user.username: user for user in User.objects.filter(is_system=False)}
    board = (users["dongson.head"], users["dongson.counter1"], users["dongson.counter2"])
    staff = Staff(users["dongson.organiser"], users["city.appraiser"], users["city.admin"], board)
    rows = Congress.objects.select_related("unit__organisation", "unit__parent__organisation", "cycle")
    turnout = Turnout(summoned=142, present=140)
    with living(TODAY):
        contest = open_session(rows.get(unit__code=OPENING), staff, turnout, seats=15, names=17)
        hand_out(contest, staff, board, turnout)


def paths_of(wanted: Iterable[str]) -> dict[str, str]:
    """The address of each page: itself, or for `kind:code` the page of the kind for that unit or document."""
    return {
        word: word if word.startswith("/") else FINDERS[word.partition(":")[0]](word.partition(":")[2])
        for word in wanted
    }


def _congress(code: str) -> str:
    return reverse("cycle:congress", args=[Congress.objects.get(unit__code=code).pk])


def _progress(code: str) -> str:
    unit, congress = Unit.objects.get(code=code), Congress.objects.get(unit__code=code)
    return f"{reverse('cycle:cycle', args=[congress.cycle_id])}?unit={unit.pk}"


def _ballot(code: str) -> Ballot:
    return Ballot.objects.filter(contest__congress__unit__code=code).latest("pk")


FINDERS: dict[str, Callable[[str], str]] = {
    "unit": lambda code: reverse("org:unit", args=[Unit.objects.get(code=code).pk]),
    "congress": _congress,
    "progress": _progress,
    "document": lambda symbol: reverse("directives:document", args=[Document.objects.get(symbol=symbol).pk]),
    "count": lambda code: reverse("elections:enter_count", args=[_ballot(code).pk]),
    "record": lambda code: reverse("elections:record", args=[_ballot(code).pk, "pdf"]),
}
