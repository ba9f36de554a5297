"""The access page of a unit: who may what here, give and end roles, open accounts, and why somebody may or may not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from conventus.core import actions as core_actions
from conventus.core import clock, packs
from conventus.core import reads as core_reads
from conventus.core.door import ACTIONS, Action, Verdict, judge
from conventus.core.forms import with_version
from conventus.core.models import Grant, Row, User
from conventus.core.rights import SYSTEM_ROLE, Held, held_by
from conventus.core.rules import may_in_phase
from conventus.core.views import me
from conventus.core.words import refusal_words
from conventus.org import reads
from conventus.org.forms.access import PHASES, AccountForm, GrantForm, WhyForm
from conventus.org.models import STEP, Unit
from conventus.org.names import fold
from conventus.org.terms import words
from conventus.org.views.common import crumbs, form_page, posted

RIGHT = "core.manage_grants"
PER_PAGE = 50


@require_GET
def access(request: HttpRequest, pk: int) -> HttpResponse:
    """The grants on this unit, on those above as far as the reader manages them, and on those below; and why."""
    reader = me(request)
    unit = reads.unit_for(reader, pk, RIGHT)
    grants = core_reads.grants_on(reader, unit.path)
    q = request.GET.get("q", "").strip()
    below = Paginator(_found(grants.exclude(unit=unit), q), PER_PAGE).get_page(request.GET.get("page"))
    known = list(core_reads.accounts_known_to(reader))
    asked = any(name in request.GET for name in ("who", "what"))
    form = WhyForm(request.GET if asked else None, known=known)
    context = {
        "unit": unit,
        "here": [_row(one) for one in grants.filter(unit=unit)],
        "above": [_row(one) for one in _above(reader, unit)],
        "below": [_row(one) for one in below],
        "page": below,
        "q": q,
        "why": form,
        "answer": _answer(unit, form.cleaned_data) if asked and form.is_valid() else None,
        "me": reader,
        "breadcrumbs": crumbs(reader, unit, (_("Access"), "")),
    }
    return render(request, "org/access.html", context)


def _found(grants: QuerySet[Grant], q: str) -> QuerySet[Grant]:
    """Those whose account or unit has the words."""
    for word in q.split():
        is_unit = Q(unit__folded__contains=fold(word))
        grants = grants.filter(is_unit | Q(user__username__icontains=word) | Q(user__full_name__icontains=word))
    return grants


def _above(reader: User, unit: Unit) -> list[Grant]:
    """The grants on superior units reach this one too."""
    above = unit.ancestor_ids[:-1]
    if not above:
        return []
    return list(core_reads.grants_on(reader, unit.path[:STEP]).filter(unit__in=above))


def _row(grant: Grant) -> dict[str, Any]:
    today = clock.today()
    assert grant.unit is not None
    over = grant.valid_to is not None and grant.valid_to < today
    return {
        "grant": grant,
        "role": words(grant.unit.rules, "role", grant.role),
        "phase": dict(PHASES).get(grant.phase, grant.phase),
        "over": over,
        "coming": grant.valid_from > today,
        "fields": {"row_version": grant.version},
    }


# Give and end -----------------------------------------------------------------------------------------------------


def give(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a role on this unit to an account."""
    reader = me(request)
    unit = reads.unit_for(reader, pk, RIGHT)
    form = GrantForm(request.POST or None, unit=unit, known=list(core_reads.accounts_known_to(reader)))
    if posted(request, form, lambda: core_actions.give_grant(reader, unit, **form.values())):
        messages.success(request, _("The role is given."))
        return redirect("org:access", pk)
    title = _("Give a role on %(unit)s") % {"unit": unit.name}
    return form_page(request, title, form, _way(reader, unit), _page(unit), submit=_("Give the role"), columns=2)


def open_account(request: HttpRequest, pk: int) -> HttpResponse:
    """Open an account for somebody who works here, with a first role."""
    reader = me(request)
    unit = reads.unit_for(reader, pk, RIGHT)
    form = AccountForm(request.POST or None, unit=unit)
    if posted(request, form, lambda: _open(reader, unit, form.values())):
        messages.success(request, _("The account is open."))
        return redirect("org:access", pk)
    title = _("Open an account at %(unit)s") % {"unit": unit.name}
    return form_page(request, title, form, _way(reader, unit), _page(unit), submit=_("Open the account"), columns=2)


def _open(reader: User, unit: Unit, values: dict[str, Any]) -> None:
    role = values.pop("role")
    with transaction.atomic():
        user = core_actions.open_account(reader, unit, **values)
        core_actions.give_grant(reader, unit, user=user, role=role)


@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End a grant; from today on it does not hold."""
    grant = core_reads.grant_for(me(request), pk)
    with_version(request, grant)
    core_actions.end_grant(me(request), grant)
    messages.success(request, _("The role is ended."))
    seen_from = request.POST.get("from", "")
    return redirect("org:access", int(seen_from) if seen_from.isdigit() else grant.unit_id)


def _way(reader: User, unit: Unit) -> list[dict[str, str]]:
    return crumbs(reader, unit, (_("Access"), _page(unit)))


def _page(unit: Unit) -> str:
    return reverse("org:access", args=[unit.pk])


# Why --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Imagined:
    """A subject that stands at a unit in a phase: enough for the door to judge by."""

    place: Unit
    superior: Unit | None
    phase: str


def _answer(unit: Unit, asked: dict[str, Any]) -> dict[str, Any]:
    """What the door would say, and what each grant of the person contributes."""
    act = ACTIONS[asked["what"]]
    imagined = Imagined(unit, unit.superior, asked["phase"])
    verdict = judge(asked["who"], act, cast(Row, imagined))
    judged_on = getattr(imagined, act.at)
    return {
        "who": asked["who"],
        "act": act,
        "may": bool(verdict),
        "office": verdict.held.office if verdict.held else "",
        "words": refusal_words(verdict.refusal) if verdict.refusal else "",
        "unit": judged_on,
        "grants": [_part(held, act, judged_on, asked["phase"], verdict) for held in held_by(asked["who"])],
    }


def _part(held: Held, act: Action, unit: Unit | None, phase: str, verdict: Verdict) -> dict[str, Any]:
    role = packs.load(held.pack).core.roles.get(held.role) if held.role != SYSTEM_ROLE else None
    return {
        "office": held.office,
        "decides": verdict.held is held,
        "reaches": unit is not None and unit.path.startswith(held.path),
        "carries": held.carries_ever(act.permission),
        "now": role is None or may_in_phase(role, act.permission, phase),
        "phases": ", ".join(role.permissions.get(act.permission, ())) if role else "*",
        "in_phase": not (held.phase and phase) or held.phase == phase,
    }
