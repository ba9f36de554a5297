"""Pages of reorganisation plans: the list, a plan with its preview, what becomes of each unit."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from conventus.core import clock
from conventus.core.door import can
from conventus.core.models import User
from conventus.core.rights import scopes
from conventus.core.tables import answered
from conventus.core.views import me
from conventus.core.words import shown
from conventus.org import actions, reads
from conventus.org.forms.plans import KINDS, PlanForm
from conventus.org.models import PlanStep, ReorganisationPlan
from conventus.org.reorganisation import undo
from conventus.org.reorganisation.judge import Judgement, judged
from conventus.org.reorganisation.preview import affected, counts_of, decided_by_pack, levels_of, operations_by_kind
from conventus.org.rules import Problem
from conventus.org.tables import FateTable
from conventus.org.terms import words
from conventus.org.views.common import Crumbs, crumbs, form_page, posted

SHOWN = 50
State = ReorganisationPlan.State


# The list, a new one ------------------------------------------------------------------------------


@require_GET
def plans(request: HttpRequest) -> HttpResponse:
    """The plans of the units that the reader manages."""
    reader = me(request)
    if not scopes(reader, "org.manage"):
        raise Http404
    context = {"plans": reads.plans_of(reader), "breadcrumbs": crumbs(reader, None, (_("Reorganisation"), ""))}
    return render(request, "org/plans.html", context)


def draft_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a plan for a unit and all below it."""
    reader = me(request)
    unit = reads.unit_for(reader, pk, "org.manage")
    form = PlanForm(request.POST or None)
    made: list[ReorganisationPlan] = []
    if posted(request, form, lambda: made.append(actions.draft_plan(reader, unit, **form.values()))):
        return redirect("org:plan", made[0].pk)
    title = _("Reorganise %(unit)s") % {"unit": unit.name}
    return form_page(request, title, form, crumbs(reader, unit), reverse("org:unit", args=[pk]), submit=_("Begin"))


def change_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft's name, day or decision."""
    reader, plan = me(request), reads.plan_for(me(request), pk)
    now = {"name": plan.name, "effective": plan.effective, "decision": plan.decision}
    form = PlanForm(request.POST or None, subject=plan, initial=now)
    if posted(request, form, lambda: actions.change_plan(reader, plan, **form.values()), plan):
        messages.success(request, _("Saved."))
        return redirect("org:plan", pk)
    return form_page(request, _("Change the plan"), form, way_to(reader, plan), reverse("org:plan", args=[pk]))


def way_to(reader: User, plan: ReorganisationPlan, *pages: tuple[str, str]) -> Crumbs:
    """The way to a page about a plan."""
    to_plans = (_("Reorganisation"), reverse("org:plans"))
    return crumbs(reader, plan.unit, to_plans, (plan.name, reverse("org:plan", args=[plan.pk])), *pages)


# The plan -----------------------------------------------------------------------------------------


@require_GET
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """A plan: what happens, what is wrong, what is touched, what the pack decides, what is to be decided."""
    reader = me(request)
    shown_plan = reads.plan_for(reader, pk)
    context: dict[str, Any] = {
        "plan": shown_plan,
        "kinds": [(kind, form.title) for kind, form in KINDS.items()],
        "may": bool(can(reader, actions.apply_plan, shown_plan)),
        "open": shown_plan.state in (State.DRAFT, State.WAITING),
        "draft": shown_plan.state == State.DRAFT,
        "due": shown_plan.effective <= clock.today(),
        "breadcrumbs": way_to(reader, shown_plan),
    }
    if context["open"]:
        context |= _preview(reader, judged(shown_plan))
    else:
        context |= _past(shown_plan)
    return render(request, "org/plan.html", context)


def _preview(reader: User, found: Judgement) -> dict[str, Any]:
    pack = found.plan.organisation.rules
    levels = [(words(pack, "levels", level), old, new) for level, old, new in levels_of(found)]
    return {
        "found": found,
        "counts": counts_of(found),
        "levels": levels,
        "operations": [_operation(kind, len(listed)) for kind, listed in operations_by_kind(found).items()],
        "groups": _groups(found),
        "problems": [_problem(number, one) for number, one in enumerate(found.problems[:SHOWN], 1)],
        "hidden_problems": max(0, len(found.problems) - SHOWN),
        "divided": _divided(found),
        "affected": affected(reader, found),
        "decided": decided_by_pack(found),
    }


def _past(plan: ReorganisationPlan) -> dict[str, Any]:
    """What came of a plan that is no draft any more, and whether it can be taken back."""
    against = undo.against(plan) if plan.state == State.APPLIED else []
    figures = {
        "ended": _("units ended"), "founded": _("units founded"), "changed": _("units changed"),
        "members": _("members"), "moved": _("members who got another unit"), "posts": _("posts ended"),
    }  # fmt: skip
    return {
        "against": [part for refusal in against for part in shown(refusal)],
        "figures": [(label, plan.outcome.get(key, 0)) for key, label in figures.items()],
        "successions": plan.successions.select_related("old", "new")[:SHOWN],
    }


def _operation(kind: str, count: int) -> str:
    texts = {
        "merge": ngettext("%(count)s unit is made of several", "%(count)s units are made of several", count),
        "merge_parts": ngettext(
            "%(count)s unit is made of parts of others", "%(count)s units are made of parts of others", count
        ),
        "replace": ngettext("%(count)s unit gets a new successor", "%(count)s units get new successors", count),
        "absorb": ngettext("%(count)s unit goes to another one", "%(count)s units go to others", count),
        "split": ngettext("%(count)s unit is divided", "%(count)s units are divided", count),
        "dissolve": ngettext("%(count)s unit is dissolved", "%(count)s units are dissolved", count),
        "found": ngettext("%(count)s unit is founded", "%(count)s units are founded", count),
        "rename": ngettext("%(count)s unit is renamed", "%(count)s units are renamed", count),
        "retype": ngettext("%(count)s unit changes level or kind", "%(count)s units change level or kind", count),
        "move": ngettext("%(count)s unit gets another superior", "%(count)s units get another superior", count),
        "abolish_level": ngettext("%(count)s level is abolished", "%(count)s levels are abolished", count),
        "insert_level": ngettext("%(count)s level is inserted", "%(count)s levels are inserted", count),
    }  # fmt: skip
    return texts[kind] % {"count": count}


def _groups(found: Judgement) -> list[dict[str, Any]]:
    """What was added together, in order; of many rows only how many."""
    groups: dict[int, dict[str, Any]] = {}
    for step in found.rows.values():
        group = groups.setdefault(step.group, {"group": step.group, "steps": [], "units": []})
        group["steps"].append(_step_words(found, step))
    for row in found.plan.tree.all():
        group = groups.setdefault(row.group, {"group": row.group, "steps": [], "units": []})
        group["units"].append(_row_words(found, row.cells))
    for group in groups.values():
        group["hidden"] = max(0, len(group["steps"]) + len(group["units"]) - 20)
        group["steps"], group["units"] = group["steps"][:20], group["units"][: max(0, 20 - len(group["steps"]))]
    return [groups[number] for number in sorted(groups)][:SHOWN]


def name_in(found: Judgement, code: str) -> str:
    """What the unit with this code is called, before or after."""
    stored = found.stored.get(code)
    if stored is not None:
        return stored.name
    row = found.reform.after.get(code)
    return row.name if row else code


def _step_words(found: Judgement, step: PlanStep) -> str:
    old, new = name_in(found, step.old_code), name_in(found, step.new_code)
    if not step.new_code:
        return _("%(old)s is dissolved") % {"old": old}
    if step.old_code == step.new_code:
        text = _("%(old)s goes on") if step.whole else _("%(old)s keeps a part")
        return text % {"old": old}
    text = _("%(old)s → %(new)s, as a whole") if step.whole else _("%(old)s → %(new)s, a part")
    return text % {"old": old, "new": new} + (f" ({step.rule})" if step.rule else "")


def _row_words(found: Judgement, cells: dict[str, str]) -> str:
    above = name_in(found, cells.get("parent_code", "")) if cells.get("parent_code") else ""
    kind = cells.get("kind") or ""
    parts = [part for part in (cells.get("code", ""), kind, above and _("below %(unit)s") % {"unit": above}) if part]
    return f"{cells.get('name', '')} ({', '.join(parts)})"


def _problem(number: int, problem: Problem) -> dict[str, Any]:
    places = {"plan": _("Plan, row %(row)s"), "tree": _("New tree, row %(row)s"), "who": _("List, row %(row)s")}
    where = places.get(problem.where, "") % {"row": problem.number} if problem.number else ""
    (part,) = shown(problem.refusal)
    return {"number": number, "level": "error", "words": f"{where}: {part['words']}" if where else part["words"]}


def _divided(found: Judgement) -> list[dict[str, Any]]:
    """The divided units of which a person must say who goes where."""
    waiting: dict[str, dict[str, Any]] = {}
    for code, steps in _by_old(found).items():
        if len(steps) > 1 and code in found.case.old:
            waiting[code] = {
                "code": code,
                "pk": found.stored[code].pk,
                "name": name_in(found, code),
                "members": found.undecided.get(code, 0),
                "units": sum(found.case.old[one].parent == code for one in found.reform.unplaced),
                "into": ", ".join(name_in(found, step.new_code) for step in steps),
            }
    return sorted(waiting.values(), key=lambda one: (-one["members"] - one["units"], one["name"]))[:SHOWN]


def _by_old(found: Judgement) -> dict[str, list[PlanStep]]:
    by_old: dict[str, list[PlanStep]] = {}
    for step in found.rows.values():
        by_old.setdefault(step.old_code, []).append(step)
    return by_old


@require_GET
def plan_units(request: HttpRequest, pk: int) -> HttpResponse:
    """What becomes of each unit: who follows it, with how many members; also as a file."""
    reader = me(request)
    plan = reads.plan_for(reader, pk)
    show = request.GET.get("show", "")
    table = FateTable(_fates(plan, show))
    if file := answered(request, table, f"plan-{pk}"):
        return file
    tabs = [
        {"label": _("Units that end or are divided"), "url": "?", "current": show != "changed"},
        {"label": _("Units that go on otherwise"), "url": "?show=changed", "current": show == "changed"},
    ]
    context = {"plan": plan, "table": table, "tabs": tabs, "breadcrumbs": way_to(reader, plan, (_("Units"), ""))}
    return render(request, "org/plan_units.html", context)


def _fates(plan: ReorganisationPlan, show: str) -> list[dict[str, Any]]:
    if plan.state in (State.APPLIED, State.UNDONE, State.DROPPED):
        rows = plan.successions.select_related("old", "new")
        return [
            _fate(row.old, row.old.name, row.new.code if row.new else "", row.new.name if row.new else "", row.members,
                  row.whole)
            for row in rows
        ]  # fmt: skip
    found = judged(plan)
    if show == "changed":
        codes = found.reform.changed
        return [
            _fate(found.stored[code], found.stored[code].name, found.reform.after[code].parent,
                  found.reform.after[code].name, found.case.old[code].members, True)
            for code in codes
        ]  # fmt: skip
    return [
        _fate(found.stored[old], found.stored[old].name, heir.new, name_in(found, heir.new), unit.members, heir.whole)
        for old, heirs in found.reform.heirs.items()
        for unit in [found.case.old[old]]
        for heir in heirs
    ]


def _fate(old: Any, name: str, new_code: str, new_name: str, members: int, whole: bool) -> dict[str, Any]:
    return {
        "pk": old.pk, "name": name, "code": old.code, "new_code": new_code, "new_name": new_name, "members": members,
        "whole": whole,
    }  # fmt: skip
