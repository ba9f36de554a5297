"""Pages that look into several rooms: my desk, search, live passes."""

from __future__ import annotations

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from conventus.core import live
from conventus.core.views import me
from conventus.cycle import reads as cycle
from conventus.directives import reads as directives
from conventus.org import reads as org
from conventus.portal.desk import desk_of

SHOWN = 25


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """My desk; `unit` narrows it to one unit."""
    reader = me(request)
    piles = desk_of(reader)
    units = sorted({item.unit for pile in piles for item in pile.items if item.unit}, key=lambda unit: unit.path)
    only = request.GET.get("unit", "")
    shown = [
        _pile(pile.key, [item for item in pile.items if not only or str(item.unit and item.unit.pk) == only])
        for pile in piles
    ]
    context = {
        "piles": [pile for pile in shown if pile["items"]],
        "units": units,
        "only": only,
        "total": sum(len(pile.items) for pile in piles),
        "roots": org.roots_of(reader),
        "cycles": cycle.cycles_of(reader)[:3],
    }
    return render(request, "portal/home.html", context)


def _pile(key: str, items: list[Any]) -> dict[str, Any]:
    return {"key": key, "items": items[:SHOWN], "more": max(0, len(items) - SHOWN), "count": len(items)}


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Units, people, documents and congresses that the reader may see, found without diacritics."""
    reader, text = me(request), request.GET.get("q", "").strip()
    found: dict[str, Any] = {"q": text, "units": [], "people": [], "documents": []}
    if len(text) >= 2:
        found["units"] = org.search_units(reader, text)[:SHOWN]
        found["people"] = org.search_people(reader, text)[:SHOWN]
        found["documents"] = directives.search_documents(reader, text)[:SHOWN]
    found["nothing"] = bool(text) and not any(found[kind] for kind in ("units", "people", "documents"))
    return render(request, "portal/search.html", found)


@require_GET
def live_pass(request: HttpRequest) -> JsonResponse:
    """A short-lived pass for a channel that the reader may follow, and where to take it."""
    found = re.fullmatch(r"unit:(\d{1,12})", request.GET.get("channel", ""))
    if not found:
        raise Http404
    org.unit_for(me(request), int(found[1]), "cycle.view")
    stream = live.address(request.scheme or "http", request.get_host())
    return JsonResponse({"url": f"{stream}/live?pass={live.sign_pass(found[0])}"})
