"""Pages about people: the members of a unit, one person, and what is done with a membership."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from conventus.core import clock
from conventus.core.door import can
from conventus.core.forms import LawForm
from conventus.core.models import Row, User
from conventus.core.tables import answered
from conventus.core.views import me
from conventus.org import actions, reads
from conventus.org.forms.people import (
    BackForm,
    EnrolForm,
    KindForm,
    PartForm,
    PeopleFilter,
    TransferForm,
    person_form,
)
from conventus.org.models import Membership, Person, Unit
from conventus.org.names import fold
from conventus.org.tables import PeopleTable
from conventus.org.terms import holding_words, membership_words
from conventus.org.views.common import Crumbs, crumbs, form_page, posted

# The list ---------------------------------------------------------------------------------------------------------


@require_GET
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """The members of a unit and of all below it: searched, filtered, sorted, taken away."""
    reader = me(request)
    unit = reads.unit_for(reader, pk, "org.view_people")
    form = PeopleFilter(request.GET, pack=unit.rules)
    q = request.GET.get("q", "").strip()
    found = _found(reader, unit, q, form.cleaned_data if form.is_valid() else {})
    table = PeopleTable(found)
    if file := answered(request, table, f"people-{unit.code}"):
        return file
    context = {
        "unit": unit,
        "form": form,
        "q": q,
        "table": table,
        "count": table.paginator.count,
        "may_enrol": bool(can(reader, actions.enrol, unit)),
        "may_import": bool(can(reader, actions.import_people, unit)),
        "breadcrumbs": crumbs(reader, unit, (_("People"), "")),
    }
    return render(request, "org/people.html", context)


def _found(reader: User, unit: Unit, q: str, wanted: dict[str, Any]) -> QuerySet[Membership]:
    found = reads.memberships_of(reader, unit)
    for word in fold(q).split():
        found = found.filter(person__folded__contains=word)
    if wanted.get("kind") == "vote":
        found = found.filter(kind__in=reads.kinds_with_vote(reads.law_of(unit), clock.today()))
    elif wanted.get("kind"):
        found = found.filter(kind=wanted["kind"])
    if wanted.get("reach") == "own":
        found = found.filter(unit=unit)
    if wanted.get("post"):
        found = found.filter(person__in=reads.holders_of(unit, "" if wanted["post"] == "any" else wanted["post"]))
    return found


# One person -------------------------------------------------------------------------------------------------------


@require_GET
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: what is kept, the memberships and posts over time, and what can be done."""
    reader = me(request)
    shown = reads.person_for(reader, pk)
    memberships = list(shown.memberships.select_related("unit__organisation").order_by("-valid_from"))
    posts = list(shown.holdings.select_related("post__unit__organisation").order_by("-valid_from"))
    seen = _seen(reader, memberships, [one.post.unit for one in posts])
    latest = memberships[0]
    context = {
        "person": shown,
        "facts": _facts(shown),
        "memberships": [(one, membership_words(one), one.unit_id in seen) for one in memberships],
        "posts": [(one, holding_words(one), one.post.unit_id in seen) for one in posts],
        "latest": latest,
        "latest_words": membership_words(latest),
        "is_open": latest.valid_to is None or latest.valid_to >= clock.today(),
        "may_manage": bool(can(reader, actions.end_membership, latest)),
        "today": clock.today(),
        "breadcrumbs": [*_way(reader, latest), {"label": shown.name, "url": ""}],
    }
    return render(request, "org/person.html", context)


def _seen(reader: User, memberships: list[Membership], others: list[Unit]) -> set[int]:
    """Which of the units the reader may look at; the others are named, but lead nowhere."""
    wanted = {one.unit_id for one in memberships} | {unit.pk for unit in others}
    return set(reads.all_units_of(reader).filter(pk__in=wanted).values_list("pk", flat=True))


def _facts(person: Person) -> list[tuple[str, Any]]:
    from conventus.core.templatetags.ui import day

    rows = [
        (_("Member number"), person.code),
        (_("Sex"), person.get_gender_display() if person.gender else ""),
        (_("Born on"), person.born and day(person.born)),
        (_("Joined on"), person.joined and day(person.joined)),
        (_("Official since"), person.official and day(person.official)),
        (_("E-mail"), person.email),
        (_("Account"), person.user and person.user.username),
    ]
    return [(term, value) for term, value in rows if value]


def _way(reader: User, membership: Membership) -> Crumbs:
    unit = membership.unit
    return crumbs(reader, unit, (_("People"), reverse("org:people", args=[unit.pk])))


# What is done -----------------------------------------------------------------------------------------------------


def enrol(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a new person into a unit."""
    reader = me(request)
    unit = reads.unit_for(reader, pk, "org.manage")
    form = EnrolForm(request.POST or None, pack=unit.rules)
    made: list[Membership] = []
    if posted(request, form, lambda: made.append(actions.enrol(reader, unit, **form.values()))):
        messages.success(request, _("%(name)s is enrolled.") % {"name": made[0].person.name})
        return redirect("org:person", made[0].person_id)
    title = _("Enrol a member in %(unit)s") % {"unit": unit.name}
    back = reverse("org:people", args=[pk])
    return form_page(request, title, form, crumbs(reader, unit), back, submit=_("Enrol"), columns=2)


def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct what is kept of a person."""
    reader = me(request)
    shown = reads.person_for(reader, pk)
    _ask(reader, actions.change_person, shown)
    form = person_form(shown, request.POST or None)
    account = shown.user
    return _done(
        request,
        shown,
        _("Correct %(name)s"),
        form,
        lambda: actions.change_person(reader, shown, account=account, **form.values()),
        subject=shown,
        columns=2,
    )


def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a member to another unit."""
    reader = me(request)
    shown, membership = _open_membership(reader, pk)
    form = TransferForm(request.POST or None, units=reads.managed_units(reader, shown.organisation), subject=membership)
    act = lambda: actions.transfer(reader, membership, **form.values())  # noqa: E731
    return _done(request, shown, _("Transfer %(name)s"), form, act, subject=membership, submit=_("Transfer"))


def change_kind(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a membership go on as another kind."""
    reader = me(request)
    shown, membership = _open_membership(reader, pk)
    form = KindForm(request.POST or None, membership=membership)
    act = lambda: actions.change_kind(reader, membership, **form.values())  # noqa: E731
    return _done(request, shown, _("Change the membership of %(name)s"), form, act, subject=membership)


def part(request: HttpRequest, pk: int) -> HttpResponse:
    """End a membership."""
    reader = me(request)
    shown, membership = _open_membership(reader, pk)
    form = PartForm(request.POST or None, subject=membership)
    act = lambda: actions.end_membership(reader, membership, **form.values())  # noqa: E731
    more = {"submit": _("End the membership"), "kind": "danger"}
    return _done(request, shown, _("End the membership of %(name)s"), form, act, subject=membership, **more)


def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take somebody back whose membership has ended."""
    reader = me(request)
    shown = reads.person_for(reader, pk)
    latest = shown.memberships.select_related("unit__organisation").order_by("-valid_from").first()
    if latest is None or latest.valid_to is None:
        raise Http404
    _ask(reader, actions.end_membership, latest)
    form = BackForm(request.POST or None, units=reads.managed_units(reader, shown.organisation), pack=latest.unit.rules)

    def act() -> Any:
        values = form.values()
        return actions.enrol_again(reader, values.pop("to"), person=shown, **values)

    return _done(request, shown, _("Take %(name)s back"), form, act)


def _open_membership(reader: User, pk: int) -> tuple[Person, Membership]:
    """The person and the membership that is open; 404 when there is none or the reader may not manage it."""
    shown = reads.person_for(reader, pk)
    membership = shown.memberships.select_related("unit__organisation", "person").filter(valid_to=None).first()
    if membership is None:
        raise Http404
    _ask(reader, actions.end_membership, membership)
    return shown, membership


def _ask(reader: User, verb: Callable[..., Any], subject: Row) -> None:
    """404 for whoever may not do it at all: the page of an action is nothing to look at."""
    if not can(reader, verb, subject):
        raise Http404


def _done(
    request: HttpRequest,
    shown: Person,
    title: str,
    form: LawForm,
    act: Callable[[], Any],
    *,
    subject: Row | None = None,
    **more: Any,
) -> HttpResponse:
    """Do what a form about a person asks for and go back to the person; or show the form (again)."""
    if posted(request, form, act, subject):
        messages.success(request, _("Done."))
        return redirect("org:person", shown.pk)
    reader, back = me(request), reverse("org:person", args=[shown.pk])
    latest = shown.memberships.select_related("unit__organisation").order_by("-valid_from")[0]
    way = [*_way(reader, latest), {"label": shown.name, "url": back}]
    return form_page(request, title % {"name": shown.name}, form, way, back, **more)
