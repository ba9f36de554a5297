"""Cycles: the list, opening one, how far one is, generating its congresses."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Case, Count, Exists, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from conventus.core import clock, jobs
from conventus.core.door import can
from conventus.core.forms import attempt
from conventus.core.models import User
from conventus.core.tables import answered
from conventus.core.templatetags.looks import state_of
from conventus.core.views import me
from conventus.core.words import each, refusal_words
from conventus.cycle import actions, reads, rules
from conventus.cycle.forms import CycleForm, ProgressFilter
from conventus.cycle.models import Congress, Cycle, Milestone
from conventus.cycle.tables import CongressTable
from conventus.cycle.terms import levels_of
from conventus.cycle.views.crumbs import crumb, switcher, to_cycle, to_cycles, unit_url
from conventus.org.models import Unit
from conventus.org.names import fold

AT_ONCE = 1_000
"""Up to this many new congresses are generated while the reader waits; more run as a job with progress."""
MANY_TILES = 60
"""Up to this many units the map shows names; more are shown as squares, with the names on demand."""
PROBLEMS_SHOWN = 25


@require_GET
def cycles(request: HttpRequest) -> HttpResponse:
    """The cycles that the reader may see, each with how far it is."""
    reader = me(request)
    rows = [_card(reader, cycle) for cycle in reads.cycles_of(reader)]
    context = {"rows": rows, "may_open": reads.places_to_open(reader).exists(), "breadcrumbs": to_cycles()}
    return render(request, "cycle/cycles.html", context)


def _card(reader: User, cycle: Cycle) -> dict[str, Any]:
    tops = reads.top_units(reader, cycle)
    standing = reads.progress_of_all(reader, cycle)
    return {"cycle": cycle, "tops": tops, "standing": standing}


@require_http_methods(["GET", "POST"])
def open_cycle(request: HttpRequest) -> HttpResponse:
    """Open a cycle for one of the reader's units."""
    reader, places = me(request), reads.places_to_open(me(request))
    if not places.exists():
        raise Http404
    sent = request.GET.get("unit", "")
    unit = places.filter(pk=int(sent)).first() if sent.isdigit() else places.first()
    if unit is None:
        raise Http404
    form = CycleForm(request.POST or None, documents=reads.directives_for_cycle(reader, unit))
    if request.method == "POST" and attempt(form, lambda: actions.open_cycle(reader, unit, **form.values()), unit):
        messages.success(request, _("The cycle is open. Now generate its congresses."))
        made = reads.cycles_of(reader).filter(unit=unit).order_by("-pk")[0]
        return redirect("cycle:generate", pk=made.pk)
    crumbs = [*to_cycles(), crumb(_("Open a cycle"))]
    context = {"form": form, "unit": unit, "places": places[:200], "breadcrumbs": crumbs}
    return render(request, "cycle/open_cycle.html", context, status=422 if request.method == "POST" else 200)


# Progress -----------------------------------------------------------------------------------------


@require_GET
def cycle(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the congresses below a unit are: figures, map, chart over time, and every row."""
    reader, row = me(request), reads.cycle_for(me(request), pk)
    unit = reads.unit_in(reader, row, _number(request, "unit"))
    below = request.GET.get("scope") == "all"
    rows = reads.congresses_of(reader, row, unit, below=below)
    form = _filter(request, row, rows)
    shown = _filtered(rows, form, request.GET.get("q", ""))
    table = CongressTable(_annotated(shown))
    table.exclude = () if below else ("level",)
    if answer := answered(request, table, f"congresses-{unit.code}"):
        return answer
    context = _progress_context(request, reader, row, unit, below) | {
        "table": table,
        "form": form,
        "q": request.GET.get("q", ""),
        "chips": _chips(request.GET, form),
        "clear": _without(request.GET, "q", *form.fields.keys() - {"unit", "scope"}),
    }
    return render(request, "cycle/cycle.html", context)


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    if text and not text.isdigit():
        raise Http404
    return int(text) if text else None


def _progress_context(request: HttpRequest, reader: User, row: Cycle, unit: Unit, below: bool) -> dict[str, Any]:
    rows = reads.congresses_of(reader, row, unit, below=below)
    standing = reads.standing(rows, row)
    levels = reads.by_level(reader, row, unit)
    return {
        "cycle": row,
        "unit": unit,
        "below": below,
        "own": reads.congress_of_unit(reader, row, unit),
        "standing": standing,
        "stats": _stats(request.GET, standing),
        "tiles": reads.tiles(reader, row, unit),
        "tile_size": _tile_size(request, standing),
        "tile_switch": _switch(request.GET, standing),
        "legend": _link(request.GET, "state"),
        "chart": _chart(rows),
        "levels": _level_bars(row, unit, levels),
        "deeper": len(levels) > 1,
        "tabs": _scope_tabs(row, unit, below),
        "may_generate": can(reader, actions.generate_part, unit),
        "may_date": reads.may_date_below(reader, unit),
        "breadcrumbs": to_cycle(reader, row, unit),
        "unit_switcher": switcher(reader, row, unit),
    }


def _tile_size(request: HttpRequest, standing: reads.Standing) -> str:
    names = request.GET.get("tiles") == "names" or standing.sums.total <= MANY_TILES
    return "normal" if names else "small"


def _switch(query: QueryDict, standing: reads.Standing) -> dict[str, str]:
    """The link between squares and names; none where there are few."""
    if standing.sums.total <= MANY_TILES:
        return {}
    if query.get("tiles") == "names":
        return {"label": _("As squares"), "url": _without(query, "tiles")}
    return {"label": _("With names"), "url": f"{_link(query, 'tiles')}names"}


def _stats(query: QueryDict, standing: reads.Standing) -> list[dict[str, Any]]:
    """The strip of numbers: held, late, then each state that occurs; every one leads to its rows."""
    sums, state, watch = standing.sums, _link(query, "state"), _link(query, "watch")
    tone = "danger" if standing.late else ""
    first = [
        {"label": _("held"), "value": sums.held, "of": sums.total, "url": f"{state}after#rows"},
        {"label": _("late"), "value": standing.late, "tone": tone, "url": f"{watch}late#rows"},
        {"label": _("pilots"), "value": standing.pilots, "url": f"{_link(query, 'wave')}pilots#rows"},
    ]
    states = [
        {"label": state_of(name).label, "value": count, "state": name, "url": f"{state}{name}#rows"}
        for name, count in sums.counts.items()
        if count
    ]
    return [*first, *states]


def _scope_tabs(row: Cycle, unit: Unit, below: bool) -> list[dict[str, Any]]:
    page = unit_url(row, unit)
    return [
        {"label": _("Directly below"), "url": page, "current": not below},
        {"label": _("All below"), "url": f"{page}&scope=all", "current": below},
    ]


def _chart(rows: QuerySet[Congress]) -> dict[str, Any]:
    weeks, now = reads.weeks(rows)
    # Translators: a Django date format for the axis of a chart; Vietnamese uses "d/m".
    short = pgettext("date format", "j M")
    columns = [{"label": date_format(week.until, short), "counts": dict(week.counts)} for week in weeks]
    return {"columns": columns, "line": [week.planned for week in weeks], "now": now}


def _level_bars(row: Cycle, unit: Unit, levels: list[dict[str, Any]]) -> list[dict[str, Any]]:
    pack, page = row.organisation.rules, f"{unit_url(row, unit)}&scope=all"
    return [
        {"label": levels_of(pack, one["level"]), "counts": one["counts"], "url": f"{page}&level={one['level']}#rows"}
        for one in levels
    ]


# The rows -----------------------------------------------------------------------------------------


def _filter(request: HttpRequest, row: Cycle, rows: QuerySet[Congress]) -> ProgressFilter:
    kinds = rows.exclude(unit__kind="").order_by("unit__kind").values_list("unit__kind", flat=True).distinct()
    pack = row.organisation.rules
    levels = list(rows.order_by().values_list("unit__level", flat=True).distinct())
    known = sorted(levels, key=lambda level: pack.core.levels[level].order if level in pack.core.levels else 99)
    return ProgressFilter(request.GET, kinds=kinds, levels={level: levels_of(pack, level) for level in known})


def _filtered(rows: QuerySet[Congress], form: ProgressFilter, text: str) -> QuerySet[Congress]:
    for word in fold(text).split():
        rows = rows.filter(unit__folded__contains=word)
    if not form.is_valid():
        return rows
    wanted = form.cleaned_data
    if wanted["state"]:
        rows = rows.filter(state__in=rules.PHASES.get(wanted["state"], (wanted["state"],)))
    plain = {"unit__level": wanted.get("level"), "unit__kind": wanted["kind"]}
    rows = rows.filter(**{name: value for name, value in plain.items() if value})
    if wanted["wave"]:
        rows = rows.filter(pilot=wanted["wave"] == "pilots")
    watches = {"late": reads.late(clock.today()), "outside": reads.outside_window()}
    return rows.filter(watches[wanted["watch"]]) if wanted["watch"] else rows


def _annotated(rows: QuerySet[Congress]) -> QuerySet[Congress]:
    """The rows with what the table shows of each: steps reported, whether it is late, how far its state is."""
    steps = Milestone.objects.filter(congress=OuterRef("pk")).order_by().values("congress")
    late = Congress.objects.filter(reads.late(clock.today()), pk=OuterRef("pk"))
    order = [When(state=state, then=Value(number)) for number, state in enumerate(rules.STATES)]
    return rows.annotate(
        done_steps=_counted(steps.filter(reported_on__isnull=False)),
        all_steps=_counted(steps),
        is_late=Exists(late),
        state_order=Case(*order, output_field=IntegerField()),
    )


def _counted(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _chips(query: QueryDict, form: ProgressFilter) -> list[dict[str, str]]:
    """The filters that are set, each with the address without it."""
    if not form.is_valid():
        return []
    set_ones = [name for name in form.fields if name not in ("unit", "scope") and form.cleaned_data.get(name)]
    return [{"label": _chip_words(form, name), "url": _without(query, name)} for name in set_ones]


def _chip_words(form: ProgressFilter, name: str) -> str:
    choices = dict(getattr(form.fields[name], "choices", ()))
    value = choices.get(form.cleaned_data[name])
    return f"{form.fields[name].label}: {value}" if value else str(form.fields[name].label)


def _without(query: QueryDict, *names: str) -> str:
    rest = {key: value for key, value in query.items() if key not in (*names, "page", "_export")}
    return f"?{urlencode(rest)}"


def _link(query: QueryDict, name: str) -> str:
    """The present page with one filter to be filled in; the other filters are dropped."""
    kept = {key: query[key] for key in ("unit", "scope") if query.get(key)}
    return f"?{urlencode([*kept.items(), (name, '')])}"


# Generating ---------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def generate(request: HttpRequest, pk: int) -> HttpResponse:
    """What generating would do, and doing it: at once, or as a job when there are many."""
    reader, row = me(request), reads.cycle_for(me(request), pk)
    unit = reads.unit_in(reader, row, _number(request, "unit"))
    verdict = can(reader, actions.generate_part, unit)
    if not verdict:
        raise Http404
    if request.method == "POST":
        return _generated(request, reader, row, unit)
    found = reads.generation_preview(row, unit)
    context = {
        "cycle": row,
        "unit": unit,
        "found": found,
        "levels": [(levels_of(row.organisation.rules, level), counts) for level, counts in found.by_level.items()],
        "problems": [
            (one.unit, [refusal_words(part) for part in each(one.refusal)]) for one in found.problems[:PROBLEMS_SHOWN]
        ],
        "more_problems": max(len(found.problems) - PROBLEMS_SHOWN, 0),
        "flipped": found.flipped[:PROBLEMS_SHOWN],
        "more_flipped": max(len(found.flipped) - PROBLEMS_SHOWN, 0),
        "nothing": not (found.created or found.refreshed or found.flipped),
        "breadcrumbs": [*to_cycle(reader, row, unit), crumb(_("Generate"))],
    }
    return render(request, "cycle/generate.html", context)


def _generated(request: HttpRequest, reader: User, row: Cycle, unit: Unit) -> HttpResponse:
    if reads.units_below(unit) > AT_ONCE:
        job = jobs.ask(reader, "cycle.generate", unit, lock=f"cycle:{row.pk}", cycle=row.pk, top=unit.pk)
        return redirect("core:job", pk=job.pk)
    found = actions.generate_part(reader, unit, cycle=row)
    words = ngettext("%(count)s congress was generated.", "%(count)s congresses were generated.", len(found.created))
    messages.success(request, words % {"count": len(found.created)})
    return redirect(f"{reverse('cycle:cycle', args=[row.pk])}?unit={unit.pk}")
