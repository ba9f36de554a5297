"""Verbs of reorganisations: draft a plan, say what happens and who goes where, let it take effect, take it back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import Max

from conventus.core import clock
from conventus.core.door import action, note, write_each
from conventus.core.jobs import Progress, silent
from conventus.core.memo import forget, remembering
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, Refusals, raise_all, refusal_texts
from conventus.org.imports.files import Sheet
from conventus.org.models import (
    Membership,
    Organisation,
    Person,
    Placement,
    PlanStep,
    ReorganisationPlan,
    Unit,
)
from conventus.org.reorganisation import undo
from conventus.org.reorganisation.files import keep, read_plan
from conventus.org.reorganisation.judge import Judgement, judged, living
from conventus.org.reorganisation.write import Written, carry_out
from conventus.org.rules import Problem, check_step, part_rule

refusal_texts(
    "org",
    {
        "plan_not_draft": N_("The plan is no draft any more. Draft a new one, or undo this one first."),
        "plan_not_ready": N_("%(problems)s points of the plan are wrong, %(open)s units or members have no place yet."),
        "plan_too_early": N_("The plan takes effect on %(day)s. Until then it can wait for its day."),
        "plan_day_come": N_("The day of the plan, %(day)s, has come. Let it take effect."),
        "plan_not_applied": N_("The plan is not in effect, so there is nothing to take back."),
        "step_gone": N_("This row of the plan is no longer here. Look at the plan again."),
        "not_of_divided": N_("Only a member or a unit directly below “%(unit)s” can be placed there."),
    },
)

State = ReorganisationPlan.State
LISTED = 200
"""How many codes a line of the minute book names at most; the counts are always complete."""


class PlanRefused(Refusals):
    """A plan that cannot take effect, with everything that is wrong with it."""

    def __init__(self, problems: Sequence[Problem], open_places: int = 0) -> None:
        first = Refusal("org.plan_not_ready", problems=len(problems), open=open_places)
        super().__init__([first, *(problem.refusal for problem in problems[:50])])
        self.problems = tuple(problems)
        self.open_places = open_places


# Drafting -------------------------------------------------------------------------------------


@action("org.manage")
def draft_plan(
    actor: User,
    place: Unit | Organisation,
    *,
    name: str,
    effective: date,
    decision: str = "",
    complete: bool = False,
) -> ReorganisationPlan:
    """Begin a plan for a unit and all below it, or (system accounts) for a whole organisation."""
    unit = place if isinstance(place, Unit) else None
    organisation = place.organisation if isinstance(place, Unit) else place
    return ReorganisationPlan.objects.create(
        organisation=organisation, unit=unit, name=name, effective=effective, decision=decision, complete=complete
    )


@action("org.manage")
def change_plan(
    actor: User, plan: ReorganisationPlan, *, name: str, effective: date, decision: str = ""
) -> ReorganisationPlan:
    """Change a draft's name, day or decision."""
    _check_draft(plan)
    plan.name, plan.effective, plan.decision = name, effective, decision
    plan.save(update_fields=["name", "effective", "decision"])
    return plan


@action("org.manage")
def drop_plan(actor: User, plan: ReorganisationPlan) -> ReorganisationPlan:
    """Give up a plan that has not taken effect; it stays readable."""
    if plan.state not in (State.DRAFT, State.WAITING):
        raise Refusal("org.plan_not_draft")
    return _set_state(plan, State.DROPPED)


@action("org.manage")
def bring_plan(
    actor: User, plan: ReorganisationPlan, *, steps: Sheet | None = None, tree: Sheet | None = None
) -> ReorganisationPlan:
    """Take the plan's rows from files, instead of those that it had. Refused while a row cannot be read."""
    _check_draft(plan)
    read = read_plan(steps, tree, plan.organisation.rules.core.levels)
    if read.problems:
        raise PlanRefused(read.problems)
    plan.steps.all().delete()
    plan.tree.all().delete()
    keep(plan, read.steps, read.tree, 1)
    note(files=[{"name": one.name, "sha256": one.sha256, "rows": len(one.rows)} for one in (steps, tree) if one])
    return _touched(plan)


@action("org.manage")
def add_to_plan(
    actor: User,
    plan: ReorganisationPlan,
    *,
    steps: Iterable[Mapping[str, str]] = (),
    units: Iterable[Mapping[str, str]] = (),
) -> ReorganisationPlan:
    """Add what is to happen: rows of steps, and rows of units as they are to stand afterwards, kept as one group."""
    _check_draft(plan)
    last = plan.steps.aggregate(group=Max("group"), number=Max("number"))
    rows = plan.tree.aggregate(group=Max("group"), number=Max("number"))
    group = max(last["group"] or 0, rows["group"] or 0) + 1
    levels = plan.organisation.rules.core.levels
    made = [check_step(row, number, levels) for number, row in enumerate(steps, (last["number"] or 0) + 1)]
    tree = [(number, dict(row)) for number, row in enumerate(units, (rows["number"] or 0) + 1)]
    keep(plan, made, tree, group)
    note(steps=[f"{one.old} → {one.new}" for one in made][:LISTED], units=[row["code"] for _n, row in tree][:LISTED])
    return _touched(plan)


@action("org.manage")
def remove_from_plan(actor: User, plan: ReorganisationPlan, *, group: int) -> ReorganisationPlan:
    """Take out what was added together."""
    _check_draft(plan)
    removed = plan.steps.filter(group=group).delete()[0] + plan.tree.filter(group=group).delete()[0]
    if not removed:
        raise Refusal("org.step_gone")
    note(group=group)
    return _touched(plan)


# Who goes where -------------------------------------------------------------------------------


@action("org.manage")
def rule_part(actor: User, plan: ReorganisationPlan, *, number: int, rule: str) -> ReorganisationPlan:
    """Say by a rule who goes along with a part: the rest, or a share."""
    _check_draft(plan)
    step = _step(plan, number)
    step.rule = str(part_rule(rule))
    step.save(update_fields=["rule"])
    note(old=step.old_code, new=step.new_code, rule=step.rule)
    return _touched(plan)


@action("org.manage")
def place_members(
    actor: User,
    plan: ReorganisationPlan,
    *,
    number: int,
    people: Sequence[Person] = (),
    units: Sequence[Unit] = (),
) -> ReorganisationPlan:
    """Say of members of a divided unit, or of units below it, that they go with this part."""
    _check_draft(plan)
    step = _step(plan, number)
    _check_placeable(plan, step, people, units)
    plan.placements.filter(person__in=people).delete()
    plan.placements.filter(unit__in=units).delete()
    rows = [Placement(plan=plan, step=step, person=person) for person in people]
    rows += [Placement(plan=plan, step=step, unit=unit) for unit in units]
    Placement.objects.bulk_create(rows, batch_size=500)
    note(
        old=step.old_code,
        new=step.new_code,
        people=[person.pk for person in people][:LISTED],
        units=[unit.code for unit in units][:LISTED],
        placed=len(rows),
    )
    return _touched(plan)


def _check_placeable(plan: ReorganisationPlan, step: PlanStep, people: Sequence[Person], units: Sequence[Unit]) -> None:
    there = Membership.objects.filter(living(plan.effective), unit__code=step.old_code, person__in=people)
    inside = there.filter(unit__organisation=plan.organisation_id).values("person").distinct().count()
    if inside != len(people) or any(unit.parent is None or unit.parent.code != step.old_code for unit in units):
        raise Refusal("org.not_of_divided", unit=step.old_code)


def _step(plan: ReorganisationPlan, number: int) -> PlanStep:
    step = plan.steps.filter(number=number).first()
    if step is None:
        raise Refusal("org.step_gone")
    return step


# Taking effect --------------------------------------------------------------------------------


@action("org.manage")
def let_plan_wait(actor: User, plan: ReorganisationPlan) -> ReorganisationPlan:
    """Let a plan wait for its day: `conventus reorganise --due` lets it take effect then."""
    _check_draft(plan)
    if plan.effective <= clock.today():
        raise Refusal("org.plan_day_come", day=plan.effective)
    _check_ready(judged(plan))
    return _set_state(plan, State.WAITING)


@action("org.manage")
def apply_plan(actor: User, plan: ReorganisationPlan, *, progress: Progress = silent) -> ReorganisationPlan:
    """Let a plan take effect as a whole: units, successions, memberships and posts, with a line for each unit."""
    if plan.state not in (State.DRAFT, State.WAITING):
        raise Refusal("org.plan_not_draft")
    if plan.effective > clock.today():
        raise Refusal("org.plan_too_early", day=plan.effective)
    Organisation.objects.select_for_update().get(pk=plan.organisation_id)
    found = judged(plan)
    _check_ready(found)
    written = carry_out(found, progress)
    plan.outcome = written.counts | {"founded_codes": list(found.reform.founded)}
    _set_state(plan, State.APPLIED)
    forget()
    with remembering():
        write_each(actor, apply_plan, _lines(found, written))
    note(**written.counts, founded_codes=list(found.reform.founded[:LISTED]))
    return plan


def _check_ready(found: Judgement) -> None:
    open_places = sum(found.undecided.values()) + len(found.reform.unplaced)
    if found.problems or open_places:
        raise PlanRefused(found.problems, open_places)


def _lines(found: Judgement, out: Written) -> Iterator[tuple[Any, dict[str, Any], dict[str, Any]]]:
    """A line for each succession, then one for each unit that goes on otherwise."""
    units = Unit.objects.select_related("organisation").in_bulk(
        {row.old_id for row in out.successions} | {out.places[code][0] for code in out.changed}
    )
    codes = {pk: code for code, (pk, _path) in out.places.items()}
    for row in out.successions:
        row.old = units[row.old_id]
        yield row, {}, {"codes": [codes[row.old_id], codes[row.new_id] if row.new_id else ""]}
    for code in out.changed:
        old = out.before[code]
        before = {"level": old.level, "kind": old.kind, "name": old.name, "parent": old.parent}
        unit = units[old.pk]
        yield unit, unit.minutes() | before, {"plan": found.plan.pk}


@action("org.manage")
def undo_plan(actor: User, plan: ReorganisationPlan, *, reason: str = "") -> ReorganisationPlan:
    """Take a plan back as a whole, while nothing depends on it: everything stands again as it stood."""
    if plan.state != State.APPLIED:
        raise Refusal("org.plan_not_applied")
    Organisation.objects.select_for_update().get(pk=plan.organisation_id)
    raise_all(undo.against(plan))
    before = {unit.pk: unit.minutes() for unit in Unit.objects.filter(states__plan=plan)}
    note(reason=reason, **undo.take_back(plan))
    units = Unit.objects.select_related("organisation").in_bulk(before)
    lines = [(unit, before[pk], {"plan": plan.pk}) for pk, unit in units.items() if unit.minutes() != before[pk]]
    forget()
    with remembering():
        write_each(actor, undo_plan, lines)
    return _set_state(plan, State.UNDONE)


# ----------------------------------------------------------------------------------------------


def _check_draft(plan: ReorganisationPlan) -> None:
    if plan.state != State.DRAFT:
        raise Refusal("org.plan_not_draft")


def _set_state(plan: ReorganisationPlan, state: str) -> ReorganisationPlan:
    plan.state = state
    plan.save(update_fields=["state", "outcome"])
    return plan


def _touched(plan: ReorganisationPlan) -> ReorganisationPlan:
    """A change of its rows is a change of the plan: somebody else's page of it is stale now."""
    plan.version += 1
    plan.save(update_fields=["version"])
    return plan
