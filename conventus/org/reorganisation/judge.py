"""A plan laid over what is stored: what it would do, what is wrong, what a person must still decide."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.db.models import Count, Q

from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.org.models import Holding, Membership, PlanStep, ReorganisationPlan, Unit, UnitState
from conventus.org.reads import below
from conventus.org.rules import Case, OldUnit, Problem, Reform, Step, part_rule, reorganised, shared_out, without_rule
from conventus.org.rules.reform import PLAN, TREE, UNIT

refusal_texts(
    "org",
    {
        "posts_later": N_("Posts of “%(unit)s” begin on or after the day of the plan. End them first."),
        "reorganised_since": N_("“%(unit)s” was reorganised on %(day)s already. Choose a later day for the plan."),
    },
)


class Stored(NamedTuple):
    """A unit as it is in the database."""

    pk: int
    parent: int | None
    code: str
    level: str
    kind: str
    name: str
    path: str
    valid_from: date | None
    valid_to: date | None
    version: int


@dataclass
class Judgement:
    """What is known about a plan before it takes effect."""

    plan: ReorganisationPlan
    case: Case
    stored: Mapping[str, Stored]
    """Every unit in reach of the plan by code, also those that ended before."""
    steps: Sequence[Step]
    rows: Mapping[int, PlanStep]
    reform: Reform
    undecided: Mapping[str, int] = field(default_factory=dict)
    """By the code of a divided unit: how many of its members nobody has placed."""
    problems: Sequence[Problem] = ()

    @property
    def ready(self) -> bool:
        """Whether it could take effect: nothing is wrong, nobody is without a place."""
        return not self.problems and not self.undecided and not self.reform.unplaced


def stored_units(plan: ReorganisationPlan) -> list[Stored]:
    """The units in reach of the plan, those that are no more among them."""
    units = Unit.objects.filter(organisation=plan.organisation_id)
    if plan.unit is not None:
        units = units.filter(below(plan.unit.path))
    names = ("pk", "parent", "code", "level", "kind", "name", "path", "valid_from", "valid_to", "version")
    return [Stored(*row) for row in units.order_by("path").values_list(*names)]


def living(day: date) -> Q:
    """A filter for memberships that go on at `day` or begin later."""
    return Q(valid_to__isnull=True) | Q(valid_to__gte=day)


def steps_of(plan: ReorganisationPlan) -> tuple[list[Step], dict[int, PlanStep]]:
    """The plan's steps as the law sees them, and the rows by their number."""
    rows = list(plan.steps.all())
    steps = [Step(row.number, row.level, row.old_code, row.new_code, row.whole, part_rule(row.rule)) for row in rows]
    return steps, {row.number: row for row in rows}


def case_of(plan: ReorganisationPlan, stored: Sequence[Stored], levels_in_tree: set[str]) -> Case:
    """What the plan is judged against."""
    day = plan.effective
    codes = {one.pk: one.code for one in stored}
    counts = _members(plan, day)
    gone = {one.code: one.valid_to for one in stored if one.valid_to is not None and one.valid_to < day}
    old = {one.code: _old(one, codes, counts.get(one.pk, 0)) for one in stored if one.code not in gone}
    placed = plan.placements.filter(unit__isnull=False).values_list("unit__code", "step__new_code")
    return Case(
        old=old,
        levels=plan.organisation.rules.core.levels,
        day=day,
        gone=gone,
        complete=plan.complete,
        top=plan.unit.code if plan.unit else _single_root(old, levels_in_tree),
        placed=dict(placed),
    )


def _old(one: Stored, codes: Mapping[int, str], members: int) -> OldUnit:
    parent = codes.get(one.parent, "") if one.parent else ""
    return OldUnit(one.code, one.level, one.kind, one.name, parent, one.valid_from, one.valid_to, members)


def _single_root(old: Mapping[str, OldUnit], levels: set[str]) -> str:
    """The one unit at the top, if there is just one and the new tree does not speak of its level."""
    roots = [unit for unit in old.values() if not unit.parent]
    return roots[0].code if len(roots) == 1 and roots[0].level not in levels and levels else ""


def _members(plan: ReorganisationPlan, day: date) -> dict[int, int]:
    rows = Membership.objects.filter(living(day))
    if plan.unit is not None:
        rows = rows.filter(below(plan.unit.path, "unit__path"))
    return dict(rows.order_by().values_list("unit_id").annotate(count=Count("pk")))


def judged(plan: ReorganisationPlan) -> Judgement:
    """What the plan would do as things stand now; nothing is written."""
    stored = stored_units(plan)
    steps, rows = steps_of(plan)
    tree = [(row.number, row.cells) for row in plan.tree.all()]
    levels = {str(cells.get("level", "")) for _number, cells in tree} | {step.level for step in steps}
    case = case_of(plan, stored, levels)
    found = reorganised(case, steps, tree)
    by_code = {one.code: one for one in stored}
    out = Judgement(plan, case, by_code, steps, rows, found)
    out.undecided = _undecided(out)
    out.problems = [*found.problems, *_elsewhere(plan, found, by_code), *_too_late(out), *_later_posts(out)]
    return out


def strict_problems(found: Judgement) -> list[Problem]:
    """For a plan from files: the parts of which neither file says who goes along, row by row."""
    listed = {code for code in _divided(found) if code not in found.undecided}
    return without_rule(found.steps, found.case, found.reform.unplaced, listed)


def _divided(found: Judgement) -> dict[str, list[Step]]:
    by_old: dict[str, list[Step]] = defaultdict(list)
    for step in found.steps:
        by_old[step.old].append(step)
    return {code: steps for code, steps in by_old.items() if len(steps) > 1 and code in found.case.old}


def _undecided(found: Judgement) -> dict[str, int]:
    """How many members of each divided unit neither a person nor a rule has placed."""
    divided = _divided(found)
    placed = placed_people(found.plan)
    left: dict[str, int] = {}
    for code, steps in divided.items():
        people = found.case.old[code].members - len(placed.get(code, ()))
        taken = shared_out(range(people), steps)
        if rest := people - sum(map(len, taken.values())):
            left[code] = rest
    return left


def placed_people(plan: ReorganisationPlan) -> dict[str, set[int]]:
    """By the code of a divided unit: its members whom a person has placed."""
    rows = plan.placements.filter(person__isnull=False, by_rule=False)
    people = dict(rows.values_list("person_id", "step__old_code"))
    found: dict[str, set[int]] = defaultdict(set)
    codes = set(people.values())
    there = Membership.objects.filter(living(plan.effective), unit__organisation=plan.organisation_id)
    for person, code in there.filter(unit__code__in=codes).values_list("person_id", "unit__code"):
        if people.get(person) == code:
            found[code].add(person)
    return found


def _elsewhere(plan: ReorganisationPlan, found: Reform, stored: Mapping[str, Stored]) -> list[Problem]:
    """New codes that a unit outside of the plan's reach bears."""
    if plan.unit is None or not found.founded:
        return []
    others = Unit.objects.filter(organisation=plan.organisation_id).exclude(below(plan.unit.path))
    taken = set(others.filter(code__in=found.founded).values_list("code", flat=True))
    return [Problem(TREE, 0, code, Refusal("org.code_elsewhere", field="code", text=code)) for code in sorted(taken)]


def _too_late(found: Judgement) -> list[Problem]:
    """Units that were reorganised on the day or later: their history cannot be written between."""
    touched = [found.stored[code].pk for code in (*found.reform.ended, *found.reform.changed)]
    since = UnitState.objects.filter(
        valid_to__gte=found.plan.effective.fromordinal(found.plan.effective.toordinal() - 1)
    )
    if found.plan.unit is not None:
        since = since.filter(below(found.plan.unit.path, "unit__path"))
    keys = set(touched)
    rows = since.filter(unit__organisation=found.plan.organisation_id).values_list(
        "unit_id", "unit__code", "plan__effective"
    )
    return [
        Problem(UNIT, 0, code, Refusal("org.reorganised_since", unit=code, day=day))
        for pk, code, day in rows
        if pk in keys
    ]


def _later_posts(found: Judgement) -> list[Problem]:
    codes = Holding.objects.filter(
        post__unit__organisation=found.plan.organisation_id, valid_from__gte=found.plan.effective
    ).values_list("post__unit__code", flat=True)
    late = set(codes) & set(found.reform.ended)
    return [Problem(PLAN, 0, code, Refusal("org.posts_later", unit=code)) for code in sorted(late)]
