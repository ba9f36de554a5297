"""A plan and its new tree from files: what they say, and every row that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from conventus.core.rules import N_, Level, Refusal, each_of, refusal_texts
from conventus.org.imports.files import Row, Sheet
from conventus.org.models import Membership, Person, PlanStep, PlanUnit, ReorganisationPlan, Unit
from conventus.org.reorganisation.judge import living
from conventus.org.rules import UNIT_COLUMNS, Problem, Step, check_step
from conventus.org.rules.reform import PLAN, TREE

refusal_texts(
    "org",
    {
        "who_unknown": N_("There is nobody, and no unit, “%(text)s” here. Correct the number or the code."),
        "who_no_part": N_("The plan has no part of “%(old)s” that goes to “%(new)s”. Correct the row, or the plan."),
    },
)


@dataclass
class Written:
    """What two files say: the steps, the rows of the new tree, and the rows that cannot be read."""

    steps: list[Step] = field(default_factory=list)
    tree: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_plan(steps: Sheet | None, tree: Sheet | None, levels: Mapping[str, Level]) -> Written:
    """The rows of both files; one that cannot be read is a problem with its number and does not hide the others."""
    out = Written()
    for row in steps.rows if steps else ():
        try:
            if row.fault:
                raise row.fault
            out.steps.append(check_step(row.cells, row.number, levels))
        except Refusal as refusal:
            code = row.cells.get("old_code", "")
            out.problems += [Problem(PLAN, row.number, code, one) for one in each_of(refusal)]
    for row in tree.rows if tree else ():
        if row.fault:
            out.problems.append(Problem(TREE, row.number, row.cells.get("code", ""), row.fault))
        else:
            out.tree.append((row.number, {name: row.cells.get(name, "") for name in UNIT_COLUMNS}))
    return out


def keep(
    plan: ReorganisationPlan, steps: Sequence[Step], tree: Sequence[tuple[int, Mapping[str, str]]], group: int
) -> None:
    """Write rows to the plan, all of one group."""
    PlanStep.objects.bulk_create(
        PlanStep(
            plan=plan,
            group=group,
            number=step.number,
            level=step.level,
            old_code=step.old,
            new_code=step.new,
            whole=step.whole,
            rule=str(step.rule),
        )
        for step in steps
    )
    PlanUnit.objects.bulk_create(
        PlanUnit(plan=plan, group=group, number=number, code=cells.get("code", "").strip(), cells=dict(cells))
        for number, cells in tree
    )


# Who goes where -------------------------------------------------------------------------------


@dataclass
class Places:
    """What a list says: people and units by the number of the step that takes them, and the rows that are wrong."""

    people: dict[int, list[Person]] = field(default_factory=dict)
    units: dict[int, list[Unit]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_who(plan: ReorganisationPlan, sheet: Sheet) -> Places:
    """The rows of a list of who goes where: a person by number, or a unit by code, and the code of the new unit."""
    out = Places()
    parts = {(row.old_code, row.new_code): row.number for row in plan.steps.filter(whole=False)}
    numbers = [row.cells.get("number", "").strip() for row in sheet.rows]
    people = {row.code: row for row in _found(Person, plan, numbers)}
    at = _units_of(plan, list(people.values()))
    codes = [row.cells.get("unit_code", "").strip() for row in sheet.rows]
    units = {row.code: row for row in _found(Unit, plan, codes)}
    for row in sheet.rows:
        try:
            _take(row, out, parts, people, at, units)
        except Refusal as refusal:
            word = row.cells.get("number") or row.cells.get("unit_code") or ""
            out.problems.append(Problem(WHO, row.number, word, refusal))
    return out


WHO = "who"


def _found(model: Any, plan: ReorganisationPlan, codes: Sequence[str]) -> Iterator[Any]:
    wanted = sorted(set(codes) - {""})
    for start in range(0, len(wanted), 5000):
        rows = model.objects.filter(organisation=plan.organisation_id, code__in=wanted[start : start + 5000])
        yield from rows.select_related("parent") if model is Unit else rows


def _units_of(plan: ReorganisationPlan, people: Sequence[Person]) -> dict[int, set[str]]:
    """The units in which each person is a member on the day of the plan or later."""
    at: dict[int, set[str]] = {}
    keys = [person.pk for person in people]
    for start in range(0, len(keys), 5000):
        rows = Membership.objects.filter(living(plan.effective), person__in=keys[start : start + 5000])
        for person, code in rows.values_list("person_id", "unit__code"):
            at.setdefault(person, set()).add(code)
    return at


def _take(
    row: Row,
    out: Places,
    parts: Mapping[tuple[str, str], int],
    people: Mapping[str, Person],
    at: Mapping[int, set[str]],
    units: Mapping[str, Unit],
) -> None:
    if row.fault:
        raise row.fault
    new, number, code = (row.cells.get(name, "").strip() for name in ("new_code", "number", "unit_code"))
    if number:
        person = people.get(number)
        if person is None:
            raise Refusal("org.who_unknown", field="number", text=number)
        out.people.setdefault(_part(parts, at.get(person.pk, set()), new), []).append(person)
        return
    unit = units.get(code)
    if unit is None:
        raise Refusal("org.who_unknown", field="unit_code", text=code)
    out.units.setdefault(_part(parts, {unit.parent.code} if unit.parent else set(), new), []).append(unit)


def _part(parts: Mapping[tuple[str, str], int], olds: set[str], new: str) -> int:
    for old in olds:
        if (old, new) in parts:
            return parts[old, new]
    raise Refusal("org.who_no_part", field="new_code", new=new, old=", ".join(sorted(olds)) or "–")
