"""Pages that work on a reorganisation plan: compose it, say who goes where, let it take effect, take it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from conventus.core import jobs as core_jobs
from conventus.core.files import clean_name
from conventus.core.forms import with_version
from conventus.core.models import User
from conventus.core.rules import Refusal
from conventus.core.views import me
from conventus.org import actions, reads
from conventus.org.forms.plans import KINDS, PlaceForm, PlanFilesForm, ReachFilter
from conventus.org.imports.columns import PLANS, UNITS, Columns
from conventus.org.imports.files import Sheet, read
from conventus.org.jobs import REORGANISE
from conventus.org.models import PlanStep, ReorganisationPlan, Unit
from conventus.org.names import fold
from conventus.org.reorganisation.judge import judged
from conventus.org.reorganisation.preview import counts_of
from conventus.org.views.common import form_page, posted
from conventus.org.views.plans import name_in, way_to

OFFERED = 400
"""How many units or people a form offers at once; a filter leads to the others."""
AT_ONCE = 20_000
"""Up to so many members and units a plan takes effect while the page waits; larger ones run as a job."""


# Composing ----------------------------------------------------------------------------------------


def add_to_plan(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Add a merger, a division, a move … to a draft."""
    reader = me(request)
    plan = reads.plan_for(reader, pk)
    if kind not in KINDS:
        raise Http404
    reach = list(reads.units_in_reach(plan))
    level = request.GET.get("level", "") or _usual_level(plan, reach)
    q = request.GET.get("q", "")
    near = [unit for unit in reach if _wanted(unit, level, q)] if request.method == "GET" else reach
    form = KINDS[kind](request.POST or None, plan=plan, units=near[:OFFERED] if request.method == "GET" else near)
    if posted(request, form, lambda: _add(reader, plan, form)):
        messages.success(request, _("Added to the plan."))
        return redirect("org:plan", pk)
    context = {
        "plan": plan, "form": form, "title": form.title, "explained": form.explained, "q": q,
        "filter": ReachFilter({"level": level}, units=reach), "has_units": bool({"units", "unit"} & set(form.fields)),
        "hidden": max(0, len(near) - OFFERED), "back": reverse("org:plan", args=[pk]),
        "breadcrumbs": way_to(reader, plan, (str(form.title), "")),
    }  # fmt: skip
    status = 422 if form.is_bound and (form.errors or form.refusals) else 200
    return render(request, "org/plan_add.html", context, status=status)


def _usual_level(plan: ReorganisationPlan, reach: Sequence[Unit]) -> str:
    """The level directly below the unit of the plan: what is merged most often."""
    levels = plan.organisation.rules.core.levels
    return min({unit.level for unit in reach}, key=lambda level: levels[level].order, default="")


def _wanted(unit: Unit, level: str, q: str) -> bool:
    return (level in ("", "all", unit.level)) and all(word in unit.folded for word in fold(q).split())


def _add(reader: User, plan: ReorganisationPlan, form: Any) -> None:
    steps, units = form.rows()
    actions.add_to_plan(reader, plan, steps=steps, units=units)


def bring_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the rows of a draft from files."""
    reader = me(request)
    plan = reads.plan_for(reader, pk)
    form = PlanFilesForm(request.POST or None, request.FILES or None)
    if posted(request, form, lambda: _bring(reader, plan, form)):
        messages.success(request, _("The plan has the rows of the files."))
        return redirect("org:plan", pk)
    title = _("Bring the plan from files")
    back = reverse("org:plan", args=[pk])
    return form_page(request, title, form, way_to(reader, plan), back, submit=_("Bring in"), upload=True)


def _bring(reader: User, plan: ReorganisationPlan, form: PlanFilesForm) -> None:
    sheets = {"steps": _sheet(form, "steps", PLANS), "tree": _sheet(form, "tree", UNITS)}
    actions.bring_plan(reader, plan, **sheets)


def _sheet(form: PlanFilesForm, name: str, columns: Columns) -> Sheet | None:
    file = form.file(name)
    if file is None:
        return None
    try:
        return read(clean_name(file.name or name), file.read(), columns)
    except Refusal as refusal:
        refusal.field = name
        raise


@require_POST
def remove_from_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Take out what was added together."""
    plan = reads.plan_for(me(request), pk)
    with_version(request, plan)
    group = request.POST.get("group", "")
    actions.remove_from_plan(me(request), plan, group=int(group) if group.isdigit() else 0)
    messages.success(request, _("Taken out of the plan."))
    return redirect("org:plan", pk)


# Who goes where -----------------------------------------------------------------------------------


def place_members(request: HttpRequest, pk: int, unit: int) -> HttpResponse:
    """Say who of a divided unit goes where: a rule for the many, a choice for each of the others."""
    reader = me(request)
    plan = reads.plan_for(reader, pk)
    divided = reads.units_in_reach(plan).filter(pk=unit).first()
    steps = list(plan.steps.filter(old_code=divided.code, whole=False)) if divided else []
    if divided is None or not steps:
        raise Http404
    people = list(reads.members_to_place(plan, divided)[: OFFERED + 1])
    below = list(reads.children_of(reader, divided))
    form = _place_form(request, plan, divided, steps, people[:OFFERED], below)
    if posted(request, form, lambda: _place(reader, plan, form, steps, people[:OFFERED], below), plan):
        messages.success(request, _("Saved."))
        return redirect("org:plan", pk)
    title = _("Who of %(unit)s goes where") % {"unit": divided.name}
    context = {
        "plan": plan, "unit": divided, "form": form, "title": title, "hidden": len(people) > OFFERED,
        "people": [(row.person, form[f"p{row.person_id}"]) for row in people[:OFFERED]],
        "below": [(one, form[f"u{one.pk}"]) for one in below],
        "back": reverse("org:plan", args=[pk]), "breadcrumbs": way_to(reader, plan, (title, "")),
    }  # fmt: skip
    status = 422 if form.is_bound and (form.errors or form.refusals) else 200
    return render(request, "org/plan_place.html", context, status=status)


def _place_form(
    request: HttpRequest,
    plan: ReorganisationPlan,
    unit: Unit,
    steps: Sequence[PlanStep],
    people: Sequence[Any],
    below: Sequence[Unit],
) -> PlaceForm:
    found = judged(plan)
    names = {step.new_code: name_in(found, step.new_code) for step in steps}
    form = PlaceForm(request.POST or None, steps=steps, names=names, subject=plan)
    placed = list(reads.places_in(plan, unit))
    of_people = {row.person_id: str(row.step.number) for row in placed if row.person_id}
    of_units = {row.unit_id: str(row.step.number) for row in placed if row.unit_id}
    offered = [(str(step.number), names[step.new_code]) for step in steps]
    for row in people:
        form.add(
            f"p{row.person_id}", f"{row.person.name} ({row.person.code})", offered, of_people.get(row.person_id, "")
        )
    for one in below:
        form.add(f"u{one.pk}", f"{one.name} ({one.code})", offered, of_units.get(one.pk, ""))
    return form


def _place(
    reader: User,
    plan: ReorganisationPlan,
    form: PlaceForm,
    steps: Sequence[PlanStep],
    people: Sequence[Any],
    below: Sequence[Unit],
) -> None:
    chosen = form.values()
    for step in steps:
        rule = "rest" if chosen["rest"] == str(step.number) else ("" if step.rule == "rest" else step.rule)
        if rule != step.rule:
            actions.rule_part(reader, plan, number=step.number, rule=rule)
        mine = [row.person for row in people if chosen[f"p{row.person_id}"] == str(step.number)]
        units = [one for one in below if chosen[f"u{one.pk}"] == str(step.number)]
        if mine or units:
            actions.place_members(reader, plan, number=step.number, people=mine, units=units)


# Taking effect ------------------------------------------------------------------------------------


@require_POST
def apply_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a plan take effect: at once, or beside the pages when it is large."""
    reader = me(request)
    plan = reads.plan_for(reader, pk)
    with_version(request, plan)
    counts = counts_of(judged(plan))
    if counts["members_touched"] + counts["units_after"] > AT_ONCE:
        row = core_jobs.ask(reader, REORGANISE, plan.unit, lock=f"org.import:{plan.organisation_id}", plan=plan.pk)
        return redirect("core:job", row.pk)
    return _done(request, plan, lambda: actions.apply_plan(reader, plan), _("The plan is in effect."))


@require_POST
def let_plan_wait(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a plan wait for its day."""
    plan = reads.plan_for(me(request), pk)
    with_version(request, plan)
    return _done(request, plan, lambda: actions.let_plan_wait(me(request), plan), _("The plan waits for its day."))


@require_POST
def undo_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a plan back as a whole."""
    plan = reads.plan_for(me(request), pk)
    with_version(request, plan)
    return _done(
        request, plan, lambda: actions.undo_plan(me(request), plan), _("Everything stands as it stood before.")
    )


@require_POST
def drop_plan(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a plan that has not taken effect."""
    plan = reads.plan_for(me(request), pk)
    with_version(request, plan)
    return _done(request, plan, lambda: actions.drop_plan(me(request), plan), _("The plan is dropped."))


def _done(request: HttpRequest, plan: ReorganisationPlan, act: Callable[[], Any], words: str) -> HttpResponse:
    act()
    messages.success(request, words)
    return redirect("org:plan", plan.pk)
