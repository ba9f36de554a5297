"""Dating all congresses below a unit on one page: a table with a form in each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from conventus.core.rules import Finding, Refusal, each_of
from conventus.core.views import me
from conventus.core.words import refusal_words, shown
from conventus.cycle import actions, reads
from conventus.cycle.facts import Wish
from conventus.cycle.forms import RowDateForm
from conventus.cycle.models import Congress, Cycle
from conventus.cycle.views.crumbs import crumb, switcher, to_cycle, unit_url
from conventus.org.models import Unit
from conventus.org.names import fold

ROWS = 150
"""Rows of one page: with six values each they stay far below what a form may send."""


@dataclass
class Row:
    """A congress, its form, and what the law has against the day that was wanted."""

    congress: Congress
    form: RowDateForm
    proposed: bool = False
    refusals: list[dict[str, object]] = field(default_factory=list)


@require_http_methods(["GET", "POST"])
def dating(request: HttpRequest, pk: int) -> HttpResponse:
    """The congresses directly below a unit that are still in preparation, each with its day to be filled in."""
    reader, cycle = me(request), reads.cycle_for(me(request), pk)
    sent = request.GET.get("unit", "")
    unit = reads.unit_in(reader, cycle, int(sent) if sent.isdigit() else None)
    if not reads.may_date_below(reader, unit):
        raise Http404
    found = reads.to_date_below(reader, cycle, unit)
    page = Paginator(_wanted(found, request), ROWS).get_page(request.GET.get("page"))
    if request.method == "POST":
        return _posted(request, cycle, unit, page)
    rows = _rows(page, cycle, _proposal(request, found))
    return _shown(request, cycle, unit, page, rows)


def _wanted(rows: QuerySet[Congress], request: HttpRequest) -> QuerySet[Congress]:
    for word in fold(request.GET.get("q", "")).split():
        rows = rows.filter(unit__folded__contains=word)
    which = request.GET.get("show", "")
    if which == "undated":
        return rows.filter(starts_on=None)
    if which in ("pilots", "wave"):
        return rows.filter(pilot=which == "pilots")
    return rows.filter(reads.outside_window()) if which == "outside" else rows


def _proposal(request: HttpRequest, found: QuerySet[Congress]) -> reads.Proposal:
    return reads.propose_dates(list(found)) if request.GET.get("propose") else reads.Proposal({}, {})


def _rows(page: Page[Congress], cycle: Cycle, proposal: reads.Proposal) -> list[Row]:
    return [
        _row(congress, cycle, proposal.wishes.get(congress.pk), proposal.without.get(congress.pk, ()))
        for congress in page
    ]


def _row(congress: Congress, cycle: Cycle, wish: Wish | None, without: Sequence[Refusal]) -> Row:
    more = {} if wish is None else {"initial": _as_initial(congress, wish)}
    form = RowDateForm(congress=congress, level=_level(congress), **more)
    return Row(congress, form, wish is not None, [part for one in without for part in shown(one)])


def _as_initial(congress: Congress, wish: Wish) -> dict[str, Any]:
    return {
        "starts_on": wish.starts_on,
        "start_half": wish.start_half,
        "half_days": wish.half_days or congress.half_days,
        "venue": wish.venue or "",
    }


def _level(congress: Congress) -> Any:
    return congress.law.levels.get(congress.unit.level)


def _posted(request: HttpRequest, cycle: Cycle, unit: Unit, page: Page[Congress]) -> HttpResponse:
    rows = [
        Row(congress, RowDateForm(request.POST, congress=congress, level=_level(congress)))
        for congress in page
        if f"c{congress.pk}-half_days" in request.POST
    ]
    if [row for row in rows if not row.form.is_valid()]:
        return _shown(request, cycle, unit, page, rows, 422)
    wanted = [row for row in rows if row.form.wanted]
    try:
        warnings = actions.set_dates(
            me(request),
            unit,
            cycle=cycle,
            wishes={row.congress.pk: _wish(row.form) for row in wanted},
            versions={row.congress.pk: row.form.cleaned_data["row_version"] for row in wanted},
        )
    except actions.RowRefusals as refused:
        _lay(rows, refused.rows)
        return _shown(request, cycle, unit, page, rows, 422)
    except Refusal as refusal:
        return _shown(request, cycle, unit, page, rows, 422, [part for one in each_of(refusal) for part in shown(one)])
    _tell(request, warnings, {row.congress.pk: row.congress.unit.name for row in wanted})
    return redirect(unit_url(cycle, unit, "dating"))


def _wish(form: RowDateForm) -> Wish:
    values = form.values()
    return Wish(values["starts_on"], values["start_half"], values["half_days"], None, values["venue"])


def _lay(rows: Sequence[Row], refused: Mapping[int, Sequence[Refusal]]) -> None:
    """Put each refusal under its row, leading to the field that it is about."""
    for row in rows:
        for refusal in refused.get(row.congress.pk, ()):
            for part in shown(refusal):
                name = refusal.field if refusal.field in row.form.fields else "starts_on"
                row.refusals.append(part | {"field": f"id_{row.form.prefix}-{name}"})


def _tell(request: HttpRequest, warnings: Mapping[int, Sequence[Finding]], names: Mapping[int, str]) -> None:
    """Say what was done, and each kind of warning once, with the units that it is about."""
    words = ngettext("%(count)s congress was dated.", "%(count)s congresses were dated.", len(warnings))
    messages.success(request, words % {"count": len(warnings)})
    by_code: dict[str, list[tuple[int, Finding]]] = {}
    for pk, findings in warnings.items():
        for finding in findings:
            by_code.setdefault(finding.code, []).append((pk, finding))
    for found in by_code.values():
        units = ", ".join(names[pk] for pk, _finding in found[:3]) + ("…" if len(found) > 3 else "")
        text = f"{refusal_words(found[0][1].refusal())} [{found[0][1].article}]"
        messages.warning(request, f"{units} ({len(found)}): {text}" if len(found) > 1 else f"{units}: {text}")


def _shown(
    request: HttpRequest,
    cycle: Cycle,
    unit: Unit,
    page: Page[Congress],
    rows: Sequence[Row],
    status: int = 200,
    refusals: Sequence[dict[str, object]] = (),
) -> HttpResponse:
    reader = me(request)
    address = unit_url(cycle, unit, "dating")
    which = request.GET.get("show", "")
    names = [
        ("", _("All")),
        ("undated", _("Without a date")),
        ("pilots", _("Pilots")),
        ("wave", _("The wave")),
        ("outside", _("Outside the window")),
    ]
    context = {
        "cycle": cycle,
        "unit": unit,
        "page": page,
        "rows": rows,
        "refusals": refusals,
        "refused": [row for row in rows if row.refusals],
        "proposing": any(row.proposed for row in rows),
        "q": request.GET.get("q", ""),
        "tabs": [
            {"label": label, "url": f"{address}&show={name}" if name else address, "current": which == name}
            for name, label in names
        ],
        "propose_url": f"{address}&show={which or 'undated'}&propose=1",
        "here": request.get_full_path(),
        "back": unit_url(cycle, unit),
        "breadcrumbs": [*to_cycle(reader, cycle, unit), crumb(_("Dates"))],
        "unit_switcher": switcher(reader, cycle, unit),
        "calendar_url": f"{reverse('cycle:calendar')}?unit={unit.pk}",
    }
    return render(request, "cycle/dating.html", context, status=status)
