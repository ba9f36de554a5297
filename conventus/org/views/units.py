"""Pages about units: the tree, the list, one unit, found and change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from conventus.core import clock
from conventus.core.door import can
from conventus.core.models import User
from conventus.core.reads import entries_about
from conventus.core.rights import allowing, scopes
from conventus.core.tables import answered
from conventus.core.views import me
from conventus.org import actions, reads
from conventus.org.forms.units import UnitFilter, change_form, found_form
from conventus.org.models import Unit
from conventus.org.tables import ChildTable, UnitTable
from conventus.org.terms import choices, level_words, post_words, words
from conventus.org.views.common import crumbs, form_page, posted

SHOWN_LINES = 5
SHOWN_WAYS = 40
"""How many units that follow, or are followed, a page names."""
OPEN_BELOW = 200
"""A tree with one root shows what is below it at once, unless there is more than this."""


# The list ---------------------------------------------------------------------------------------------------------


@require_GET
def units(request: HttpRequest) -> HttpResponse:
    """The reader's units as a tree, or as a list once something is sought, filtered or asked for as a table."""
    reader = me(request)
    if not scopes(reader, "org.view"):
        raise Http404
    if request.headers.get("HX-Request") and request.GET.get("open", "").isdigit():
        return _branch(request, reader, int(request.GET["open"]))
    form = _filter(request, reader)
    wanted = form.cleaned_data if form.is_valid() else {}
    q = request.GET.get("q", "").strip()
    as_list = bool(q or any(wanted.values()) or request.GET.get("as") == "list")
    context: dict[str, Any] = {"form": form, "q": q, "as_list": as_list, "tabs": _tabs(as_list), "count": None}
    if as_list:
        found = _found(reader, q, wanted)
        table = UnitTable(found, reader=reader)
        if file := answered(request, table, "units"):
            return file
        context |= {"table": table, "count": table.paginator.count, "chips": _chips(request, reader, wanted)}
    else:
        context["nodes"] = _tree(reader, request.GET.get("open", ""))
    context["may_reorganise"] = bool(scopes(reader, "org.manage"))
    context["breadcrumbs"] = crumbs(reader, None)
    return render(request, "org/units.html", context)


def _filter(request: HttpRequest, reader: User) -> UnitFilter:
    levels: dict[str, str] = {}
    for organisation in reads.organisations_of(reader):
        pack = organisation.rules
        levels |= dict(choices(pack, "level", pack.core.levels))
    return UnitFilter(request.GET, levels=list(levels.items()), kinds=reads.kinds_of(reader))


def _found(reader: User, q: str, wanted: dict[str, Any]) -> QuerySet[Unit]:
    found = reads.search_units(reader, q).select_related("organisation", "parent")
    if wanted.get("under"):
        found = found.filter(reads.below(reads.unit_for(reader, wanted["under"]).path)).exclude(pk=wanted["under"])
    return found.filter(**{name: wanted[name] for name in ("level", "kind") if wanted.get(name)})


def _tabs(as_list: bool) -> list[dict[str, Any]]:
    tree, table = reverse("org:units"), f"{reverse('org:units')}?as=list"
    return [
        {"label": _("Tree"), "url": tree, "current": not as_list, "icon": "units"},
        {"label": _("List"), "url": table, "current": as_list, "icon": "list"},
    ]


def _chips(request: HttpRequest, reader: User, wanted: dict[str, Any]) -> list[dict[str, str]]:
    if not wanted.get("under"):
        return []
    rest = {key: value for key, value in request.GET.items() if key not in ("under", "page")}
    label = _("Below %(unit)s") % {"unit": reads.unit_for(reader, wanted["under"]).name}
    return [{"label": label, "url": f"?{urlencode(rest | {'as': 'list'})}"}]


# The tree ---------------------------------------------------------------------------------------------------------


def _tree(reader: User, opened: str) -> list[dict[str, Any]]:
    """The nodes from the reader's roots, open down to the unit `opened`; it works without JavaScript."""
    roots = reads.roots_of(reader)
    way: set[int] = set()
    if opened.isdigit():
        way = set(reads.unit_for(reader, int(opened)).ancestor_ids)
    elif len(roots) == 1:
        way = {roots[0].pk}
    return _nodes(reader, roots, way)


def _nodes(reader: User, shown: list[Unit], way: set[int]) -> list[dict[str, Any]]:
    counts = reads.child_counts(shown)
    return [_node(reader, unit, counts.get(unit.pk, 0), way) for unit in shown]


def _node(reader: User, unit: Unit, below: int, way: set[int]) -> dict[str, Any]:
    is_open = unit.pk in way and below > 0
    return {
        "label": unit.name,
        "url": reverse("org:unit", args=[unit.pk]),
        "kind": f"{level_words(unit)} · {unit.code}",
        "count": below or None,
        "open": is_open,
        "children": _nodes(reader, list(reads.children_of(reader, unit)), way) if is_open else [],
        "more": f"{reverse('org:units')}?open={unit.pk}" if below and not is_open else "",
    }


def _branch(request: HttpRequest, reader: User, pk: int) -> HttpResponse:
    unit = reads.unit_for(reader, pk)
    nodes = _nodes(reader, list(reads.children_of(reader, unit)), set())
    return render(request, "core/components/tree.html", {"nodes": nodes, "inner": True})


# One unit ---------------------------------------------------------------------------------------------------------


@require_GET
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    """One unit: what it is, what stands below it, its posts and members, and what happened to it."""
    reader = me(request)
    shown = reads.unit_for(reader, pk)
    table = ChildTable(
        reads.children_of(reader, shown).select_related("organisation", "parent"),
        reader=reader,
    )
    if file := answered(request, table, f"units-{shown.code}"):
        return file
    people = allowing(reader, "org.view_people", shown) is not None
    context = {
        "unit": shown,
        "level": level_words(shown),
        "table": table,
        "stats": [*_member_stats(shown, people), *_level_stats(shown)],
        "posts": _posts(shown, people),
        "sees_people": people,
        "may": _may(reader, shown),
        "lines": _lines(reader, shown),
        "followed_by": reads.successions_of(shown)[:SHOWN_WAYS],
        "made_of": reads.predecessions_of(shown)[:SHOWN_WAYS],
        "over": shown.valid_to is not None and shown.valid_to < clock.today(),
        "breadcrumbs": crumbs(reader, shown),
    }
    return render(request, "org/unit.html", context)


def _may(reader: User, unit: Unit) -> dict[str, bool]:
    verbs: dict[str, Callable[..., Any]] = {
        "found": actions.found_unit,
        "change": actions.change_unit,
        "bring_in": actions.import_units,
        "enrol": actions.enrol,
        "appoint": actions.appoint,
        "reorganise": actions.draft_plan,
    }
    may = {name: bool(can(reader, verb, unit)) for name, verb in verbs.items()}
    return may | {"grants": allowing(reader, "core.manage_grants", unit) is not None}


def _member_stats(unit: Unit, people: bool) -> list[dict[str, Any]]:
    """The members with a vote, then each kind of membership; each number leads to the people behind it."""
    url = reverse("org:people", args=[unit.pk]) if people else ""
    counts = reads.member_counts([unit])[unit.pk]
    total = {"label": _("Members"), "value": sum(counts.values()), "url": url}
    kinds = [key for key in reads.law_of(unit).memberships if counts.get(key)]
    each = [
        {"label": words(unit.rules, "membership", kind), "value": counts[kind], "url": url and f"{url}?kind={kind}"}
        for kind in kinds
    ]
    return [total, *each]


def _level_stats(unit: Unit) -> list[dict[str, Any]]:
    counts = reads.level_counts(unit)
    levels = [level for level in unit.rules.core.levels if counts.get(level)]
    return [
        {
            "label": words(unit.rules, "levels", level),
            "value": counts[level],
            "url": f"{reverse('org:units')}?{urlencode({'under': unit.pk, 'level': level})}",
        }
        for level in levels
    ]


def _posts(unit: Unit, people: bool) -> list[dict[str, Any]]:
    """The posts that the pack names and the unit has, with who holds them today."""
    if not people:
        return []
    order = list(reads.law_of(unit).posts)
    held = list(reads.holdings_of(unit))
    held.sort(key=lambda one: order.index(one.post.key) if one.post.key in order else len(order))
    return [{"words": post_words(one.post), "holding": one} for one in held]


def _lines(reader: User, unit: Unit) -> list[dict[str, Any]]:
    return [
        {
            "when": line.at,
            "what": line.action,
            "who": str(line.actor),
            "office": line.office,
            "url": reverse("core:entry", args=[line.seq]),
            "number": line.seq,
        }
        for line in entries_about(reader, unit)[:SHOWN_LINES]
    ]


# Found and change -------------------------------------------------------------------------------------------------


def found_unit(request: HttpRequest, pk: int) -> HttpResponse:
    """Found a unit below this one."""
    reader = me(request)
    parent = reads.unit_for(reader, pk, "org.manage")
    form = found_form(parent, request.POST or None)
    made: list[Unit] = []
    if posted(request, form, lambda: made.append(actions.found_unit(reader, parent, **form.values()))):
        messages.success(request, _("“%(unit)s” is founded.") % {"unit": made[0].name})
        return redirect("org:unit", made[0].pk)
    title = _("Found a unit below %(unit)s") % {"unit": parent.name}
    return form_page(request, title, form, crumbs(reader, parent), reverse("org:unit", args=[pk]), submit=_("Found"))


def change_unit(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct what is kept of a unit."""
    reader = me(request)
    shown = reads.unit_for(reader, pk, "org.manage")
    form = change_form(shown, request.POST or None)
    if posted(request, form, lambda: actions.change_unit(reader, shown, **form.values()), shown):
        messages.success(request, _("Saved."))
        return redirect("org:unit", pk)
    title = _("Change %(unit)s") % {"unit": shown.name}
    return form_page(request, title, form, crumbs(reader, shown), reverse("org:unit", args=[pk]))
