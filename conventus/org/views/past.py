"""The units as of a day: how they stood, what lay below them, who they had, and the same as a file."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from conventus.core import clock
from conventus.core.models import User
from conventus.core.packs import Pack
from conventus.core.rights import scopes
from conventus.core.templatetags.ui import day as day_words
from conventus.core.views import me
from conventus.org import reads
from conventus.org.exports import units_csv
from conventus.org.forms.plans import DayForm
from conventus.org.models import Unit
from conventus.org.reads import UnitThen
from conventus.org.terms import words
from conventus.org.views.common import crumbs


@require_GET
def past(request: HttpRequest) -> HttpResponse:
    """The reader's units as of a day, or one of them with what lay below it then."""
    reader, (day, under) = me(request), _asked(request)
    form = DayForm({"on": day.isoformat(), "under": under.pk if under else ""})
    units = reads.tree_on(reader, day, under)
    members = reads.members_on(day, units)
    top, shown = _shown(units, under)
    packs = reads.packs_of(shown[:1] + ([top] if top else []))
    context = {
        "form": form, "day": day, "under": under, "top": top, "is_today": day == clock.today(),
        "top_level": words(packs[0], "level", top.level) if top and packs else "",
        "rows": _rows(shown, units, members, day, packs),
        "stats": _stats(units, top, members, shown, packs),
        "above": _above(reader, day, top),
        "export": f"{reverse('org:past_export')}?{urlencode(_query(day, under))}",
        "breadcrumbs": crumbs(reader, None, (_("As of %(day)s") % {"day": day_words(day)}, "")),
    }  # fmt: skip
    return render(request, "org/past.html", context)


@require_GET
def past_export(request: HttpRequest) -> HttpResponse:
    """The same as a file that an import takes."""
    day, under = _asked(request)
    text = "\ufeff" + units_csv(reads.tree_on(me(request), day, under))
    response = HttpResponse(text.encode(), content_type="text/csv; charset=utf-8")
    name = f"units-{day.isoformat()}{f'-{under.code}' if under else ''}.csv"
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _asked(request: HttpRequest) -> tuple[date, Unit | None]:
    if not scopes(me(request), "org.view"):
        raise Http404
    form = DayForm(request.GET)
    form.is_valid()
    day = form.cleaned_data.get("on") or clock.today()
    under = form.cleaned_data.get("under")
    return day, reads.existed(under) if under else None


def _query(day: date, under: Unit | None) -> dict[str, str]:
    return {"on": day.isoformat()} | ({"under": str(under.pk)} if under else {})


def _shown(units: list[UnitThen], under: Unit | None) -> tuple[UnitThen | None, list[UnitThen]]:
    """The unit asked for as it stood, and those directly below it; without one, the highest that there are."""
    if under is None:
        keys = {one.pk for one in units}
        return None, [one for one in units if one.parent not in keys]
    top = next((one for one in units if one.pk == under.pk), None)
    return top, [one for one in units if one.parent == under.pk]


def _rows(
    shown: list[UnitThen], units: list[UnitThen], members: dict[int, int], day: date, packs: list[Pack]
) -> list[dict[str, Any]]:
    below = Counter(one.parent for one in units)
    return [
        {
            "unit": one,
            "level": words(packs[0], "level", one.level),
            "below": below[one.pk],
            "members": members.get(one.pk, 0),
            "url": _url(day, one.pk),
        }
        for one in shown
    ]


def _url(day: date, pk: int) -> str:
    return f"{reverse('org:past')}?{urlencode({'on': day.isoformat(), 'under': pk})}"


def _stats(
    units: list[UnitThen], top: UnitThen | None, members: dict[int, int], shown: list[UnitThen], packs: list[Pack]
) -> list[dict[str, Any]]:
    total = members.get(top.pk, 0) if top else sum(members.get(one.pk, 0) for one in shown)
    counts = Counter(one.level for one in units if top is None or one.pk != top.pk)
    levels = [(pack, level) for pack in packs[:1] for level in pack.core.levels if counts[level]]
    each = [{"label": words(pack, "levels", level), "value": counts[level]} for pack, level in levels]
    return [{"label": _("Members"), "value": total}, *each]


def _above(reader: User, day: date, top: UnitThen | None) -> list[dict[str, str]]:
    """The way to the unit as it was then, as far as the reader may see it."""
    found = reads.above_on(reader, day, top) if top else []
    return [{"name": one.name, "url": _url(day, one.pk)} for one in found]
