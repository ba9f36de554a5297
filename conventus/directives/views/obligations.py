"""Pages of obligations: the list, the weeks, one of them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from conventus.core import clock
from conventus.core.door import can
from conventus.core.forms import attempt
from conventus.core.rights import scopes
from conventus.core.rules import Citation
from conventus.core.tables import answered
from conventus.core.templatetags.ui import day
from conventus.core.views import me
from conventus.directives import actions, reads
from conventus.directives.forms import FulfilForm, ObligationFilter, ReopenForm
from conventus.directives.models import Document, Obligation, PlanItem
from conventus.directives.tables import ObligationTable
from conventus.directives.terms import DUTIES, task_words, term
from conventus.directives.views.page import chips, crumbs, document_crumbs, history
from conventus.org.models import Organisation, Unit

# The list ---------------------------------------------------------------------------------------------------------


@require_GET
def obligations(request: HttpRequest) -> HttpResponse:
    """What the reader's units owe."""
    found = _Wanted(request)
    table = ObligationTable(found.rows)
    if file := answered(request, table, "obligations"):
        return file
    context = found.context() | {"table": table, "count": table.paginator.count}
    return render(request, "directives/obligations.html", context)


@require_GET
def weeks(request: HttpRequest) -> HttpResponse:
    """The same by calendar week: how many are due, overdue and done."""
    found = _Wanted(request)
    grouped: dict[date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for due, standing, count in reads.day_counts(found.rows, clock.today()):
        grouped[due - timedelta(days=due.weekday())][standing] += count
    bars = [_week(monday, counts, found.query) for monday, counts in sorted(grouped.items())]
    return render(request, "directives/weeks.html", found.context() | {"bars": bars, "count": found.rows.count()})


def _week(monday: date, counts: dict[str, int], query: dict[str, str]) -> dict[str, Any]:
    sunday = monday + timedelta(days=6)
    address = urlencode({**query, "since": monday.isoformat(), "until": sunday.isoformat()})
    label = _("Week %(week)s: %(start)s – %(end)s") % {
        "week": monday.isocalendar().week,
        "start": day(monday),
        "end": day(sunday),
    }
    return {"label": label, "counts": dict(counts), "url": f"{reverse('directives:obligations')}?{address}"}


class _Wanted:
    """The obligations that an address asks for, and the filters that say so."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.reader = me(request)
        if not scopes(self.reader, "directives.view"):
            raise Http404
        self.unit = self._named(Unit, "unit", reads.units_viewed_by(self.reader))
        self.plan = self._named(Document, "document", reads.documents_of(self.reader))
        self.item = self._named(PlanItem, "item", PlanItem.objects.filter(document__in=reads.documents_of(self.reader)))
        seen = reads.obligations_of(self.reader, self.unit)
        self.form = ObligationFilter(request.GET, tasks=_tasks(seen))
        self.rows = self._narrowed(seen, self.form.cleaned_data if self.form.is_valid() else {})

    def _named(self, _kind: type, name: str, rows: QuerySet[Any]) -> Any:
        key = self.request.GET.get(name, "")
        return get_object_or_404(rows, pk=int(key)) if key.isdigit() else None

    def _narrowed(self, rows: QuerySet[Obligation], wanted: dict[str, Any]) -> QuerySet[Obligation]:
        rows = reads.search_obligations(rows, self.request.GET.get("q", ""))
        simple = {
            "item__document": self.plan,
            "item": self.item,
            "task": wanted.get("task"),
            "due__gte": wanted.get("since"),
            "due__lte": wanted.get("until"),
        }
        rows = rows.filter(**{name: value for name, value in simple.items() if value})
        if wanted.get("scope") == "own":
            rows = rows.filter(unit__in=[self.unit]) if self.unit else reads.of_own_units(rows, self.reader)
        return reads.standing_of(rows, wanted.get("standing") or "", clock.today())

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the address but those of the page."""
        dropped = ("page", "sort", "_export")
        return {key: str(value) for key, value in self.request.GET.items() if key not in dropped}

    def context(self) -> dict[str, Any]:
        """What both pages show around the rows."""
        named = {"unit": self.unit, "document": self.plan, "item": self.item, "q": self.request.GET.get("q")}
        counts = reads.counts_of(self.rows, clock.today())
        query = urlencode(self.query)
        tabs: list[dict[str, Any]] = [
            {"label": _("List"), "url": f"{reverse('directives:obligations')}?{query}", "icon": "list"},
            {"label": _("By week"), "url": f"{reverse('directives:weeks')}?{query}", "icon": "calendar"},
        ]
        for tab in tabs:
            tab["current"] = tab["url"].split("?")[0] == self.request.path
        return {
            "filter": self.form,
            "q": self.request.GET.get("q", ""),
            "kept": {name: row.pk for name, row in named.items() if name != "q" and row},
            "chips": chips(self.request, self.form, named),
            "counts": counts,
            "stats": [self._stat(name, counts[name]) for name in ("overdue", "due", "done", "lapsed")],
            "tabs": tabs,
            "unit": self.unit,
            "breadcrumbs": crumbs((_("Obligations"), "")),
        }

    def _stat(self, standing: str, count: int) -> dict[str, Any]:
        url = f"{reverse('directives:obligations')}?{urlencode({**self.query, 'standing': standing})}"
        tone = {"overdue": "danger" if count else "", "done": "ok"}.get(standing, "")
        return {"label": DUTIES[standing], "value": count, "url": url, "tone": tone}


def _tasks(rows: QuerySet[Obligation]) -> list[tuple[str, str]]:
    """The tasks that occur, in the words of their organisations."""
    pairs = set(rows.order_by().values_list("task", "unit__organisation").distinct())
    houses = Organisation.objects.filter(pk__in={house for _task, house in pairs})
    names: dict[str, str] = {}
    for house in houses:
        for task in sorted(task for task, of in pairs if of == house.pk):
            names.setdefault(task, term(house.rules, f"task.{task}"))
    return list(names.items())


# One of them ------------------------------------------------------------------------------------------------------


@require_GET
def obligation(request: HttpRequest, pk: int) -> HttpResponse:
    """A duty of a unit: what, by when, why, and the form that reports it done."""
    row = reads.obligation_for(me(request), pk)
    form: FulfilForm | ReopenForm = ReopenForm(subject=row)
    if row.state == Obligation.State.OPEN:
        form = FulfilForm(subject=row, initial={"on": clock.today()})
    return _page(request, row, form)


def _page(request: HttpRequest, row: Obligation, form: FulfilForm | ReopenForm) -> HttpResponse:
    plan = row.item.document
    standing = row.standing(clock.today())
    verb = actions.fulfil if row.state == Obligation.State.OPEN else actions.reopen
    context = {
        "row": row,
        "plan": plan,
        "task": task_words(row.item),
        "cite": Citation(plan.key, row.item.provision),
        "standing": standing,
        "standing_words": DUTIES[standing],
        "form": form,
        "may": bool(can(me(request), verb, row)),
        "elsewhere": row.item.by_itself,
        "history": history(request, reads.obligation_history_of(row)[:50]),
        "breadcrumbs": document_crumbs(plan, (_("Obligations"), _list_address(plan)), (row.unit.name, "")),
    }
    return render(request, "directives/obligation.html", context, status=422 if form.is_bound else 200)


def _list_address(plan: Document) -> str:
    return f"{reverse('directives:obligations')}?document={plan.pk}"


@require_POST
def fulfil(request: HttpRequest, pk: int) -> HttpResponse:
    """Report a duty done."""
    row = reads.obligation_for(me(request), pk)
    form = FulfilForm(request.POST, subject=row)
    if attempt(form, lambda: actions.fulfil(me(request), row, **form.values()), row):
        messages.success(request, _("Reported done."))
        return redirect("directives:obligation", pk=row.pk)
    return _page(request, row, form)


@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a duty again that was reported done by mistake."""
    row = reads.obligation_for(me(request), pk)
    form = ReopenForm(request.POST, subject=row)
    if attempt(form, lambda: actions.reopen(me(request), row, **form.values()), row):
        messages.success(request, _("The duty is open again."))
        return redirect("directives:obligation", pk=row.pk)
    return _page(request, row, form)
