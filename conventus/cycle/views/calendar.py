"""The calendar: a month or an agenda of what the reader may see, and subscriptions to it."""

from __future__ import annotations

import calendar as months
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from conventus.core import clock
from conventus.core.forms import attempt, with_version
from conventus.core.models import User
from conventus.core.rights import scopes
from conventus.core.views import me
from conventus.cycle import actions, reads
from conventus.cycle.facts import holidays_in
from conventus.cycle.forms import CalendarFilter, FeedForm
from conventus.cycle.ics import calendar_file
from conventus.cycle.models import CalendarFeed, Congress
from conventus.cycle.views.crumbs import crumb, to_cycles
from conventus.org.models import Unit
from conventus.org.reads import roots_of, unit_for

DAY = timedelta(days=1)
SHOWN_PER_DAY = 4
SHOWN_ON_PHONE = 12
"""Congresses of one day that the month shows: in the grid, and in the list that a phone shows instead."""
AGENDA_ROWS = 100
MOST_IN_A_MONTH = 3_000
"""More than these are summed up by day instead of being listed."""


@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """A month of congresses as a grid, on a phone as a list; or everything to come as a list."""
    reader = me(request)
    if not scopes(reader, "cycle.view"):
        raise Http404
    units = _choices(reader, request.GET.get("unit", ""))
    form = CalendarFilter(request.GET, units=units)
    wanted = form.cleaned_data if form.is_valid() else {}
    unit = unit_for(reader, wanted["unit"], "cycle.view") if wanted.get("unit") else None
    first = _month(wanted.get("month", ""))
    context = {"form": form, "unit": unit, "today": clock.today(), "breadcrumbs": [*to_cycles(), crumb(_("Calendar"))]}
    if wanted.get("view") == "agenda":
        context |= _agenda(request, reader, unit)
    else:
        context |= _grid(request, reader, first, unit)
    return render(request, "cycle/calendar.html", context)


def _choices(reader: User, sent: str) -> list[tuple[int, str]]:
    """The units to choose from: where the reader's tree begins and the level below, and the one that is chosen."""
    roots = roots_of(reader)
    below = Unit.objects.filter(parent__in=roots).order_by("path").values_list("pk", "name")[:300]
    chosen = [unit_for(reader, int(sent), "cycle.view")] if sent.isdigit() else []
    return list(dict([(unit.pk, unit.name) for unit in [*chosen, *roots]] + list(below)).items())


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as fault:
        raise Http404 from fault


def _month(text: str) -> date:
    day = date.fromisoformat(f"{text}-01") if text else clock.today()
    return day.replace(day=1)


# The month ----------------------------------------------------------------------------------------


def _grid(request: HttpRequest, reader: User, first: date, unit: Unit | None) -> dict[str, Any]:
    weeks = months.Calendar().monthdatescalendar(first.year, first.month)
    rows = list(reads.agenda(reader, weeks[0][0], weeks[-1][-1], unit)[: MOST_IN_A_MONTH + 1])
    by_day = _by_day(rows)
    holidays = _holidays(reader, first.year)
    address = _address(request, view="agenda")
    grid = [[_cell(day, first, by_day.get(day, []), holidays, address) for day in week] for week in weeks]
    last = first + timedelta(days=31)
    return {
        "view": "month",
        "first": first,
        "title": date_format(first, pgettext("date format", "F Y")),
        "weekdays": [date_format(day, "D") for day in weeks[0]],
        "weeks": grid,
        "count": sum(1 for row in rows if row.starts_on and row.starts_on.month == first.month),
        "too_many": len(rows) > MOST_IN_A_MONTH,
        "agenda_days": [_phone(cell) for week in grid for cell in week if cell["inside"] and cell["rows"]],
        "previous": _address(request, month=f"{first - DAY:%Y-%m}"),
        "next": _address(request, month=f"{last:%Y-%m}"),
        "now": _address(request, month=f"{clock.today():%Y-%m}"),
        "other_view": _address(request, view="agenda"),
    }


def _by_day(rows: Iterable[Congress]) -> dict[date, list[Congress]]:
    found: dict[date, list[Congress]] = defaultdict(list)
    for row in rows:
        day, last = row.starts_on, row.ends_on
        while day and last and day <= last:
            found[day].append(row)
            day += DAY
    return found


def _cell(day: date, first: date, rows: list[Congress], holidays: dict[date, str], address: str) -> dict[str, Any]:
    return {
        "day": day,
        "inside": day.month == first.month,
        "today": day == clock.today(),
        "holiday": holidays.get(day, ""),
        "rows": rows,
        "shown": rows[:SHOWN_PER_DAY],
        "more": max(len(rows) - SHOWN_PER_DAY, 0),
        "url": f"{address}&day={day.isoformat()}",
    }


def _phone(cell: dict[str, Any]) -> dict[str, Any]:
    rows = cell["rows"]
    return cell | {"rows": rows[:SHOWN_ON_PHONE], "count": len(rows), "more": max(len(rows) - SHOWN_ON_PHONE, 0)}


def _holidays(reader: User, year: int) -> dict[date, str]:
    roots = roots_of(reader)
    country = roots[0].rules.core.country if roots else ""
    return dict(holidays_in(country, year - 1, year + 1, translation.get_language() or "en")) if country else {}


def _address(request: HttpRequest, **changes: str) -> str:
    query = {key: value for key, value in request.GET.items() if key in ("month", "unit", "view")} | changes
    return f"?{urlencode(query)}"


# The agenda ---------------------------------------------------------------------------------------


def _agenda(request: HttpRequest, reader: User, unit: Unit | None) -> dict[str, Any]:
    past, only = request.GET.get("past") == "1", _day(request.GET.get("day", ""))
    rows = reads.agenda(reader, only or (None if past else clock.today()), only, unit)
    page = Paginator(rows, AGENDA_ROWS).get_page(request.GET.get("page"))
    days: dict[date, list[Congress]] = defaultdict(list)
    for row in page:
        if row.starts_on:
            days[only or row.starts_on].append(row)
    return {
        "view": "agenda",
        "page": page,
        "agenda_days": [{"day": day, "rows": found} for day, found in days.items()],
        "past": past or only is not None,
        "past_url": _address(request, view="agenda") + ("" if past or only else "&past=1"),
        "other_view": _address(request, view="month"),
    }


# Subscriptions ------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def feeds(request: HttpRequest) -> HttpResponse:
    """One's own subscriptions; a new one shows its secret address this once."""
    reader = me(request)
    if not scopes(reader, "cycle.view"):
        raise Http404
    form = FeedForm(
        request.POST or None, units=_choices(reader, request.GET.get("unit", "") or request.POST.get("unit", ""))
    )
    made: list[str] = []
    if request.method == "POST" and attempt(
        form, lambda: made.append(_made(request, reader, form.cleaned_data["unit"]))
    ):
        form = FeedForm(units=_choices(reader, ""))
    context = {
        "form": form,
        "feeds": reads.feeds_of(reader),
        "address": made[0] if made else "",
        "breadcrumbs": [*to_cycles(), crumb(_("Calendar"), reverse("cycle:calendar")), crumb(_("Subscriptions"))],
    }
    response = render(request, "cycle/feeds.html", context, status=422 if form.errors else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def _made(request: HttpRequest, reader: User, pk: int) -> str:
    _feed, token = actions.make_feed(reader, unit_for(reader, pk, "cycle.view"))
    return request.build_absolute_uri(reverse("cycle:feed", args=[token]))


@require_POST
def revoke_feed(request: HttpRequest, pk: int) -> HttpResponse:
    """End one's own subscription."""
    row = get_object_or_404(CalendarFeed, pk=pk, user=me(request))
    with_version(request, row)
    actions.revoke_feed(me(request), row)
    messages.success(request, _("The subscription has been ended; its address shows nothing any more."))
    return redirect("cycle:feeds")


@login_not_required
@require_GET
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar behind a secret address, as far as its account may see congresses at this moment."""
    row = reads.feed_with(token)
    if row is None:
        raise Http404
    reads.mark_used(row)
    mark = f'"{reads.feed_mark(row)}"'
    if unchanged := get_conditional_response(request, mark):
        return unchanged
    with translation.override(row.user.language or row.unit.organisation.language):
        name = f"{row.unit.name} · {_('congresses')}"
        steps = reads.steps_of(row.user, row.unit)
        content = calendar_file(name, reads.feed_events(row), steps, lambda one: _page(request, one))
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="congresses.ics"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["ETag"] = mark
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _page(request: HttpRequest, congress: Congress) -> str:
    return request.build_absolute_uri(reverse("cycle:congress", args=[congress.pk]))
