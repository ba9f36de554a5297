"""Pages of plans: their tasks, whom they cover, putting them in force."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from conventus.core.door import can
from conventus.core.forms import attempt, with_version
from conventus.core.rules import Refusal
from conventus.core.tables import answered
from conventus.core.views import me
from conventus.core.words import shown
from conventus.directives import actions, reads
from conventus.directives.forms import ItemForm
from conventus.directives.models import Document, PlanItem
from conventus.directives.reads import Cascade
from conventus.directives.tables import CoverTable, cover_rows
from conventus.directives.terms import level_words, task_words, term
from conventus.directives.views.page import document_crumbs
from conventus.org.names import fold

# Tasks ------------------------------------------------------------------------------------------------------------


def add_item(request: HttpRequest, pk: int) -> HttpResponse:
    """Lay a task on units below the issuer."""
    plan = reads.own_document_for(me(request), pk)
    return _item_page(request, plan, None)


def change_item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Change a task of a draft."""
    row = get_object_or_404(reads.items_of(reads.own_document_for(me(request), pk)), pk=item)
    return _item_page(request, row.document, row)


def _item_page(request: HttpRequest, plan: Document, item: PlanItem | None) -> HttpResponse:
    form = ItemForm(request.POST if request.method == "POST" else None, reader=me(request), document=plan, item=item)
    if request.method == "POST" and not form.asks_again(bool(request.headers.get("HX-Request"))):
        if _save_item(request, form, plan, item):
            messages.success(request, _("The task is in the plan."))
            return redirect("directives:document", pk=plan.pk)
    elif form.is_bound:
        form.without_errors()
    refused = form.is_bound and bool(form.errors or form.refusals)
    context = {
        "form": form,
        "document": plan,
        "item": item,
        "windows": [_window(above, plan) for above in reads.superior_items(plan)],
        "breadcrumbs": document_crumbs(plan, (_("Change a task") if item else _("Add a task"), "")),
    }
    return render(request, "directives/item_form.html", context, status=422 if refused else 200)


def _save_item(request: HttpRequest, form: ItemForm, plan: Document, item: PlanItem | None) -> bool:
    if item is None:
        return attempt(form, lambda: actions.add_item(me(request), plan, **form.values()), plan)
    return attempt(form, lambda: actions.change_item(me(request), item, **form.values()), item)


def _window(above: Any, plan: Document) -> dict[str, Any]:
    """A superior's window for a task, as the page shows it beside the form."""
    symbol, _at, issued = above.document.partition("@")
    pack = plan.unit.rules
    return {
        "task": term(pack, f"task.{above.task}"),
        "level": level_words(pack, above.level),
        "start": above.start,
        "due": above.due,
        "cite": f"{symbol} ({issued}) {above.provision}".strip(),
    }


@require_POST
def remove_item(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """Take a task out of a draft."""
    plan = reads.own_document_for(me(request), pk)
    row = get_object_or_404(plan.items, pk=item)
    with_version(request, plan)
    actions.remove_item(me(request), plan, item=row)
    messages.success(request, _("The task is removed."))
    return redirect("directives:document", pk=plan.pk)


# In force ---------------------------------------------------------------------------------------------------------


@require_GET
def cascade(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom the plan covers, unit by unit; of a plan in force, also who does not owe its tasks yet."""
    plan = reads.own_document_for(me(request), pk, "directives.view")
    found = reads.cascade_preview(plan)
    missing = reads.without_owed(plan, found) if plan.state == Document.State.IN_FORCE else Cascade(())
    covers = [cover for cover in found.covers if request.GET.get("item", "") in ("", str(cover.item.pk))]
    words = request.GET.get("q", "")
    table = CoverTable(cover_rows(covers, fold(words).split()))
    if file := answered(request, table, f"cascade-{plan.pk}"):
        return file
    context = {
        "document": plan,
        "table": table,
        "q": words,
        "cascade": found,
        "items": _cover_rows(found),
        "missing": missing,
        "may_extend": bool(can(me(request), actions.extend, plan)),
        "row_version": plan.version,
        "breadcrumbs": document_crumbs(plan, (_("Units covered"), "")),
    }
    return render(request, "directives/cascade.html", context)


def _cover_rows(found: Cascade) -> list[dict[str, Any]]:
    return [
        {
            "item": cover.item,
            "task": task_words(cover.item),
            "level": level_words(cover.item.document.unit.rules, cover.item.level),
            "count": len(cover.units),
        }
        for cover in found.covers
    ]


def put_in_force(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what putting the document in force does, then do it."""
    plan = reads.own_document_for(me(request), pk, "directives.issue")
    refusals: list[dict[str, object]] = []
    if request.method != "POST" and plan.state != Document.State.DRAFT:
        return redirect("directives:document", pk=plan.pk)
    if request.method == "POST":
        with_version(request, plan)
        try:
            done = actions.put_in_force(me(request), plan)
        except Refusal as refusal:
            refusals = shown(refusal)
        else:
            _tell(request, plan, done)
            return redirect("directives:document", pk=plan.pk)
    found = reads.cascade_preview(plan)
    context = {
        "document": plan,
        "cascade": found,
        "items": _cover_rows(found),
        "replaced": [link.target for link in plan.links.filter(kind="replaces").select_related("target")],
        "refusals": refusals,
        "row_version": reads.document_for(me(request), pk).version,
        "back": reverse("directives:document", args=[plan.pk]),
        "breadcrumbs": document_crumbs(plan, (_("Put in force"), "")),
    }
    return render(request, "directives/put_in_force.html", context, status=422 if refusals else 200)


def _tell(request: HttpRequest, plan: Document, done: Cascade) -> None:
    figures = {"symbol": plan.symbol, "duties": done.obligations, "units": done.units}
    words = _("%(symbol)s is in force.")
    if done.covers:
        words = _("%(symbol)s is in force: %(duties)s duties for %(units)s units.")
    messages.success(request, words % figures)


@require_POST
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    """Lay the plan on units that are covered and do not owe its tasks yet."""
    plan = reads.own_document_for(me(request), pk, "directives.issue")
    with_version(request, plan)
    made = actions.extend(me(request), plan)
    messages.success(request, _("%(count)s duties were added.") % {"count": made.obligations})
    return redirect("directives:cascade", pk=plan.pk)
