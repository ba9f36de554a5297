"""Pages of documents: the register, one document, register and change, relate, withdraw, the file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from conventus.core import clock, files, rights
from conventus.core.door import can
from conventus.core.forms import attempt, with_version
from conventus.core.models import User
from conventus.core.rights import scopes
from conventus.core.rules import N_
from conventus.core.tables import answered
from conventus.core.templatetags.ui import day
from conventus.core.views import me
from conventus.directives import actions, reads
from conventus.directives.forms import DocumentFilter, DocumentForm, LinkForm, ReasonForm
from conventus.directives.models import Document, DocumentLink, PlanItem
from conventus.directives.reads import Branch
from conventus.directives.tables import DocumentTable
from conventus.directives.terms import STANDINGS, level_words, task_words, term, type_words
from conventus.directives.views.page import chips, crumbs, document_crumbs, history
from conventus.org import reads as org
from conventus.org.models import Organisation, Unit
from conventus.org.names import fold

ISSUERS_OFFERED = 200

# The register -----------------------------------------------------------------------------------------------------


@require_GET
def documents(request: HttpRequest) -> HttpResponse:
    """The register: every document that the reader may see."""
    reader = me(request)
    if not scopes(reader, "directives.view"):
        raise Http404
    seen = reads.documents_of(reader)
    form = DocumentFilter(request.GET, types=_types(seen))
    rows = _filtered(reader, seen, request.GET.get("q", ""), form.cleaned_data if form.is_valid() else {})
    table = DocumentTable(_with_tasks(reads.seen_numbers(rows)))
    if file := answered(request, table, "documents"):
        return file
    context = {
        "table": table,
        "filter": form,
        "q": request.GET.get("q", ""),
        "chips": chips(request, form, {"q": request.GET.get("q", "")}),
        "count": table.paginator.count,
        "issuers": seen.order_by("issuing_body").values_list("issuing_body", flat=True).distinct()[:ISSUERS_OFFERED],
        "may_register": bool(scopes(reader, "directives.register")),
        "breadcrumbs": crumbs()[:1],
    }
    return render(request, "directives/documents.html", context)


def _types(seen: QuerySet[Document]) -> list[tuple[str, str]]:
    """The types that occur among the documents, in the words of their organisations."""
    pairs = seen.order_by().values_list("type", "unit__organisation").distinct()
    names: dict[str, str] = {}
    for organisation in Organisation.objects.filter(pk__in={house for _type, house in pairs}):
        for key in sorted(key for key, house in pairs if house == organisation.pk):
            names.setdefault(key, f"{key} · {term(organisation.rules, f'document_type.{key}')}")
    return list(names.items())


def _filtered(reader: User, rows: QuerySet[Document], words: str, wanted: dict[str, Any]) -> QuerySet[Document]:
    rows = reads.search_documents(reader, words, rows)
    if wanted.get("type"):
        rows = rows.filter(type=wanted["type"])
    if wanted.get("standing"):
        rows = reads.standing_as(rows, wanted["standing"], clock.today())
    if wanted.get("issuer"):
        rows = _issued_by(rows, wanted["issuer"])
    return reads.in_force_on(rows, wanted["on"]) if wanted.get("on") else rows


def _issued_by(rows: QuerySet[Document], words: str) -> QuerySet[Document]:
    for word in fold(words).split():
        rows = rows.filter(Q(unit__folded__contains=word) | Q(folded__contains=word))
    return rows


def _with_tasks(rows: QuerySet[Document]) -> QuerySet[Document]:
    items = PlanItem.objects.filter(document=OuterRef("pk")).order_by().values("document")
    return rows.annotate(tasks=Coalesce(Subquery(items.annotate(count=Count("pk")).values("count")), 0))


@require_GET
def issuers(request: HttpRequest) -> HttpResponse:
    """For which unit a document is to be registered; asked only where there is a choice."""
    units = reads.issuers_of(me(request))
    words = request.GET.get("q", "")
    found = list(org.search_units(me(request), words, units)[: ISSUERS_OFFERED + 1])
    if not words and not found:
        raise Http404
    if not words and len(found) == 1:
        return redirect("directives:register", pk=found[0].pk)
    context = {
        "units": [(unit, level_words(unit.rules, unit.level)) for unit in found[:ISSUERS_OFFERED]],
        "more": len(found) > ISSUERS_OFFERED,
        "q": words,
        "breadcrumbs": crumbs((_("Register a document"), "")),
    }
    return render(request, "directives/issuers.html", context)


# One document -----------------------------------------------------------------------------------------------------


@require_GET
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """A document: its facts, its place among the others, its tasks and how far they are."""
    reader, today = me(request), clock.today()
    row = reads.document_for(reader, pk)
    links = reads.links_of(reader, row)
    context = {
        "document": row,
        "type": type_words(row),
        "standing": row.standing(today),
        "standing_words": STANDINGS[row.standing(today)],
        "facts": _facts(row),
        "namesakes": list(reads.same_symbol(row).filter(pk__in=reads.documents_of(reader).order_by().values("pk"))),
        "relations": _relations(row, links),
        "trees": [_node(branch, row, today) for branch in reads.chain_of(reader, row)],
        "items": _item_rows(reader, row),
        "files": [files.shown(row.file, reverse("directives:file", args=[row.pk]))] if row.file else [],
        "history": history(request, reads.history_of(reader, row)[:50]),
        "may": _may(reader, row),
        "seen_by_right": bool(rights.allowing(reader, "directives.view", row.unit)),
        "row_version": row.version,
        "breadcrumbs": document_crumbs(row),
    }
    return render(request, "directives/document.html", context)


def _may(reader: User, row: Document) -> dict[str, bool]:
    """Which buttons the page shows."""
    register, issue = bool(can(reader, actions.change_document, row)), bool(can(reader, actions.put_in_force, row))
    draft, withdrawn = row.state == Document.State.DRAFT, row.state == Document.State.WITHDRAWN
    return {
        "change": register and not withdrawn,
        "plan": register and draft,
        "force": issue and draft,
        "withdraw": issue and not withdrawn,
    }


def _facts(row: Document) -> list[dict[str, Any]]:
    unit = row.unit
    until = day(row.valid_to) if row.valid_to else _("until it is replaced or withdrawn")
    facts: list[dict[str, Any]] = [
        {"term": _("Type"), "value": type_words(row)},
        {"term": _("Issued by"), "value": row.issuing_body, "note": _unit_note(row)},
        {"term": _("Issued on"), "value": day(row.issued_on)},
        {"term": _("Valid"), "value": f"{day(row.valid_from)} – {until}"},
        {"term": _("Level"), "value": level_words(unit.rules, unit.level)},
        {"term": _("Key for citations"), "value": row.key},
    ]
    if row.enforced_on:
        facts.append({"term": _("Put in force here on"), "value": day(row.enforced_on)})
    if row.withdrawn_on:
        facts.append({"term": _("Withdrawn on"), "value": day(row.withdrawn_on), "note": row.withdrawn_because})
    return facts


def _unit_note(row: Document) -> str:
    return "" if row.unit.name == row.issuing_body else f"{row.unit.name} ({row.unit.code})"


RELATIONS = (
    ("implements", N_("Implements")), ("implements_by", N_("Implemented by")),
    ("replaces", N_("Replaces")), ("replaces_by", N_("Replaced by")),
    ("amends", N_("Amends")), ("amends_by", N_("Amended by")),
    ("guides", N_("Guides")), ("guides_by", N_("Guided by")),
)  # fmt: skip
RELATED_SHOWN = 12


def _relations(row: Document, links: dict[str, list[DocumentLink]]) -> list[dict[str, Any]]:
    """The relations in both directions; a top directive has thousands of plans, the page shows some of them."""
    fixed = () if row.state == Document.State.DRAFT else ("replaces",)
    found = []
    for key, label in RELATIONS:
        others = [(link, link.target if link.document_id == row.pk else link.document) for link in links.get(key, [])]
        if others:
            own = not key.endswith("_by") and key not in fixed
            rest = max(len(others) - RELATED_SHOWN, 0)
            found.append({"label": _(label), "kind": key, "others": others[:RELATED_SHOWN], "rest": rest, "own": own})
    return found


def _node(branch: Branch, here: Document, today: Any) -> dict[str, Any]:
    """A branch as the component `tree` draws it."""
    one = branch.document
    children = [_node(below, here, today) for below in branch.below]
    if branch.left_off:
        children.append({"label": _("… and %(count)s more") % {"count": branch.left_off}})
    return {
        "label": f"{one.symbol} · {one.title}",
        "url": reverse("directives:document", args=[one.pk]),
        "kind": f"{one.issuing_body}, {day(one.issued_on)}",
        "current": one.pk == here.pk,
        "open": True,
        "children": children,
    }


def _item_rows(reader: User, row: Document) -> list[dict[str, Any]]:
    """The tasks of a plan, for whom, and how far those are that the reader sees."""
    items = list(reads.items_of(row))
    counts = reads.item_counts(reader, row, clock.today()) if items else {}
    return [_item_row(item, counts.get(item.pk, {})) for item in items]


def _item_row(item: PlanItem, counts: dict[str, int]) -> dict[str, Any]:
    return {
        "item": item,
        "task": task_words(item),
        "level": level_words(item.document.unit.rules, item.level),
        "mode": item.get_mode_display(),
        "units": [unit.name for unit in item.units.all()],
        "counts": counts,
        "done": counts.get("done", 0),
        "total": sum(counts.values()),
    }


@require_GET
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The text of a document, as an attachment, for those who may see the document."""
    row = reads.document_for(me(request), pk)
    if row.file is None:
        raise Http404
    return files.serve(row.file)


# Changing ---------------------------------------------------------------------------------------------------------


def register(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter a document of one unit."""
    unit = reads.issuer_for(me(request), pk)
    form = _document_form(request, unit)
    made: list[Document] = []
    if request.method == "POST" and not form.asks_again(_by_script(request)):
        if attempt(form, lambda: made.append(actions.register_document(me(request), unit, **form.values()))):
            _warn_of_namesakes(request, made[0])
            messages.success(request, _("%(symbol)s is in the register, as a draft.") % {"symbol": made[0].symbol})
            return redirect("directives:document", pk=made[0].pk)
    elif form.is_bound:
        form.without_errors()
    way = crumbs((_("Register a document"), reverse("directives:issuers")), (unit.name, ""))
    return _form_page(request, form, unit, _("Register a document"), way, reverse("directives:documents"))


def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct a document."""
    row = reads.own_document_for(me(request), pk)
    form = _document_form(request, row.unit, row)
    if request.method == "POST" and not form.asks_again(_by_script(request)):
        if attempt(form, lambda: actions.change_document(me(request), row, **form.values()), row):
            messages.success(request, _("Saved."))
            return redirect("directives:document", pk=row.pk)
    elif form.is_bound:
        form.without_errors()
    way = document_crumbs(row, (_("Change"), ""))
    back = reverse("directives:document", args=[row.pk])
    return _form_page(request, form, row.unit, _("Change %(symbol)s") % {"symbol": row.symbol}, way, back)


def _document_form(request: HttpRequest, unit: Unit, row: Document | None = None) -> DocumentForm:
    data = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    return DocumentForm(*data, unit=unit, reader=me(request), document=row)


def _by_script(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


def _form_page(
    request: HttpRequest, form: DocumentForm, unit: Unit, title: str, way: list[dict[str, Any]], back: str
) -> HttpResponse:
    refused = form.is_bound and bool(form.errors or form.refusals)
    context = {"form": form, "unit": unit, "title": title, "breadcrumbs": way, "back": back}
    context["namesakes"] = _namesakes_typed(unit, form) if refused else ()
    return render(request, "directives/document_form.html", context, status=422 if refused else 200)


def _namesakes_typed(unit: Unit, form: DocumentForm) -> Iterable[Document]:
    """The issuer's documents with the number and type that were typed, to explain a refusal of a second copy."""
    typed = {name: str(form[name].value() or "").strip() for name in ("type", "number", "issuer_code")}
    others = Document.objects.filter(unit=unit, **typed).select_related("unit__organisation")
    return others.exclude(pk=(form.document and form.document.pk) or 0)


def _warn_of_namesakes(request: HttpRequest, row: Document) -> None:
    days = ", ".join(day(one.issued_on) for one in reads.same_symbol(row))
    if days:
        words = _("%(symbol)s also exists with the date %(days)s. A number alone is not unique: check it.")
        messages.warning(request, words % {"symbol": row.symbol, "days": days})


def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Relate a document to another one."""
    row = reads.own_document_for(me(request), pk)
    form = LinkForm(request.POST if request.method == "POST" else None, reader=me(request), document=row)
    if request.method == "POST" and not form.asks_again(_by_script(request)):
        if attempt(form, lambda: actions.link_document(me(request), row, **form.values()), row):
            messages.success(request, _("The relation is entered."))
            return redirect("directives:document", pk=row.pk)
    elif form.is_bound:
        form.without_errors()
    refused = form.is_bound and bool(form.errors or form.refusals)
    context = {"form": form, "document": row, "breadcrumbs": document_crumbs(row, (_("Relate"), ""))}
    return render(request, "directives/link_form.html", context, status=422 if refused else 200)


@require_POST
def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a relation."""
    row = reads.own_document_for(me(request), pk)
    target, _dot, kind = request.POST.get("link", "").partition(".")
    links = row.links.select_related("target")
    held = get_object_or_404(links, target=int(target) if target.isdigit() else 0, kind=kind)
    with_version(request, row)
    actions.unlink_document(me(request), row, target=held.target, kind=held.kind)
    messages.success(request, _("The relation is taken back."))
    return redirect("directives:document", pk=row.pk)


def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a document, with the reason."""
    row = reads.own_document_for(me(request), pk, "directives.issue")
    form = ReasonForm(request.POST if request.method == "POST" else None, subject=row)
    if request.method == "POST" and attempt(form, lambda: actions.withdraw(me(request), row, **form.values()), row):
        messages.success(request, _("%(symbol)s is withdrawn.") % {"symbol": row.symbol})
        return redirect("directives:document", pk=row.pk)
    context = {
        "form": form,
        "document": row,
        "open": reads.open_under(row).count(),
        "breadcrumbs": document_crumbs(row, (_("Withdraw"), "")),
    }
    return render(request, "directives/withdraw.html", context, status=422 if form.is_bound else 200)
