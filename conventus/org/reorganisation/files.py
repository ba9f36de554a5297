"""A plan and its new tree from files: what they say, and every row that cannot be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from conventus.core.rules import Level, Refusal, each_of
from conventus.org.imports.files import Sheet
from conventus.org.models import PlanStep, PlanUnit, ReorganisationPlan
from conventus.org.rules import UNIT_COLUMNS, Problem, Step, check_step
from conventus.org.rules.reform import PLAN, TREE


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
