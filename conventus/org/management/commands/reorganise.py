"""`conventus reorganise PLAN --tree NEW --effective DATE`: judge a plan, report by row, and let it take effect."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from conventus.core import clock
from conventus.core.accounts import system_account
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.core.terminal import bar
from conventus.core.words import refusal_words
from conventus.org import actions
from conventus.org.imports.columns import PLANS, UNITS, WHO
from conventus.org.imports.files import Sheet, read_path
from conventus.org.models import Organisation, ReorganisationPlan, Unit
from conventus.org.reads import unit_coded
from conventus.org.reorganisation.files import keep, read_plan, read_who
from conventus.org.reorganisation.judge import Judgement, judged, strict_problems
from conventus.org.reorganisation.preview import counts_of, levels_of, operations_by_kind
from conventus.org.rules import Problem, Step, part_rule

refusal_texts(
    "reorganise",
    {
        "nothing_named": N_(
            "Name a plan, a new tree, or both: conventus reorganise PLAN.csv --tree NEW.csv --effective DATE."
        ),
        "no_day": N_("Say when it takes effect, as in --effective 2025-07-01."),
        "which_organisation": N_("Name the organisation: --organisation KEY. There are: %(known)s."),
        "unit_not_there": N_("There is no unit “%(unit)s”. Correct --under."),
        "plan_not_there": N_("There is no plan %(number)s."),
    },
)

SHOWN = 40
"""How many problems are printed; --json has all."""


class Command(BaseCommand):
    """Reorganise units by a plan from files."""

    help = "Merge, divide, move, found and dissolve units by a plan. Nothing is written while a row is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The plan, the new tree, the day, and how."""
        parser.add_argument("plan", nargs="?", type=Path, help="CSV or XLSX: level, old_code, new_code, whole_or_part")
        parser.add_argument("--tree", type=Path, help="the units as they are to stand, in the format of an import")
        parser.add_argument("--effective", type=date.fromisoformat, help="the first day of the new tree (2025-07-01)")
        parser.add_argument("--who", type=Path, help="who goes where: number or unit_code, new_code")
        parser.add_argument("--parts", default="", help="for parts without a rule: even (equal shares)")
        parser.add_argument("--changes", action="store_true", help="the tree holds changed and new units only")
        parser.add_argument("--dry-run", action="store_true", help="judge and report only; write nothing")
        parser.add_argument("--json", action="store_true", help="report as JSON")
        parser.add_argument("--organisation", default="", help="its key, where there are several")
        parser.add_argument("--under", default="", help="the code of the unit at and below which the plan works")
        parser.add_argument("--name", default="", help="what the plan is called")
        parser.add_argument("--decision", default="", help="the decision that it carries out")
        parser.add_argument("--due", action="store_true", help="let every waiting plan whose day has come take effect")
        parser.add_argument("--undo", type=int, metavar="NUMBER", help="take a plan back as a whole")

    def handle(self, *args: Any, **options: Any) -> None:
        """Judge, report, take effect; exit status 1 when a row is wrong."""
        start, actor = time.perf_counter(), system_account("cli")
        try:
            result = self._done(actor, options)
        except Refusal as refusal:
            result = {"done": False, "refusals": [refusal_words(one) for one in _points(refusal)], "problems": []}
        result["seconds"] = round(time.perf_counter() - start, 3)
        self.stdout.write(json.dumps(result, ensure_ascii=False) if options["json"] else _told(result))
        if not result["done"]:
            raise CommandError("Nothing was written.", returncode=1)

    def _done(self, actor: User, options: dict[str, Any]) -> dict[str, Any]:
        if options["due"]:
            return _let_due_take_effect(actor)
        if options["undo"]:
            return _undone(actor, options["undo"])
        return _planned(actor, options)


def _points(refusal: Refusal) -> Sequence[Refusal]:
    from conventus.core.rules import each_of

    return each_of(refusal)


# What is asked for --------------------------------------------------------------------------------


def _let_due_take_effect(actor: User) -> dict[str, Any]:
    waiting = ReorganisationPlan.objects.filter(state=ReorganisationPlan.State.WAITING, effective__lte=clock.today())
    plans = list(waiting.select_related("organisation", "unit__organisation").order_by("effective", "pk"))
    with bar("Plans") as progress:
        for plan in plans:
            actions.apply_plan(actor, plan, progress=progress)
    return {"done": True, "problems": [], "plans": [{"plan": plan.pk, "name": plan.name} for plan in plans]}


def _undone(actor: User, number: int) -> dict[str, Any]:
    plan = ReorganisationPlan.objects.select_related("organisation", "unit__organisation").filter(pk=number).first()
    if plan is None:
        raise Refusal("reorganise.plan_not_there", number=number)
    actions.undo_plan(actor, plan)
    return {"done": True, "problems": [], "undone": plan.pk}


def _planned(actor: User, options: dict[str, Any]) -> dict[str, Any]:
    if not (options["plan"] or options["tree"]):
        raise Refusal("reorganise.nothing_named")
    if options["effective"] is None:
        raise Refusal("reorganise.no_day")
    steps = read_path(options["plan"], PLANS) if options["plan"] else None
    tree = read_path(options["tree"], UNITS) if options["tree"] else None
    with transaction.atomic():
        plan, found, problems = _drafted(actor, options, steps, tree)
        result = _report(plan, found, problems)
        if problems or options["dry_run"]:
            transaction.set_rollback(True)
            return result | {"done": not problems, "dry_run": options["dry_run"]}
        _take_effect(actor, plan, show=not options["json"])
    result |= {"done": True, "plan": plan.pk, "state": plan.state, "counts": result["counts"] | _figures(plan)}
    return result | {"successions": _successions(plan)}


def _take_effect(actor: User, plan: ReorganisationPlan, *, show: bool) -> None:
    if plan.effective > clock.today():
        actions.let_plan_wait(actor, plan)
        return
    with bar(plan.name, show=show) as progress:
        actions.apply_plan(actor, plan, progress=progress)


def _figures(plan: ReorganisationPlan) -> dict[str, int]:
    return {key: value for key, value in plan.outcome.items() if isinstance(value, int)}


def _drafted(
    actor: User, options: dict[str, Any], steps: Sheet | None, tree: Sheet | None
) -> tuple[ReorganisationPlan, Judgement, list[Problem]]:
    """The plan with its rows, as far as they can be read, judged; and everything that is wrong, row by row."""
    place = _place(options)
    plan = actions.draft_plan(
        actor,
        place,
        name=options["name"] or (options["plan"] or options["tree"]).stem,
        effective=options["effective"],
        decision=options["decision"],
        complete=bool(tree) and not options["changes"],
    )
    read = read_plan(steps, tree, plan.organisation.rules.core.levels)
    keep(plan, _ruled(read.steps, options["parts"]), read.tree, 1)
    problems = read.problems + _placed(actor, plan, options["who"])
    found = judged(plan)
    return plan, found, [*problems, *found.problems, *strict_problems(found)]


def _ruled(steps: Sequence[Step], parts: str) -> list[Step]:
    """With `even`, the parts of a unit of which none has a rule share it equally; the last takes the rest."""
    from dataclasses import replace

    if parts != "even":
        return list(steps)
    by_old: dict[str, list[Step]] = {}
    for step in steps:
        by_old.setdefault(step.old, []).append(step)
    out = []
    for step in steps:
        group = by_old[step.old]
        if step.whole or any(one.rule.kind for one in group):
            out.append(step)
        else:
            out.append(replace(step, rule=part_rule("rest" if step is group[-1] else f"{100 // len(group)}%")))
    return out


def _placed(actor: User, plan: ReorganisationPlan, who: Path | None) -> list[Problem]:
    if who is None:
        return []
    places = read_who(plan, read_path(who, WHO))
    for number in places.people.keys() | places.units.keys():
        people, units = places.people.get(number, []), places.units.get(number, [])
        actions.place_members(actor, plan, number=number, people=people, units=units)
    return places.problems


def _place(options: dict[str, Any]) -> Unit | Organisation:
    known = {row.key: row for row in Organisation.objects.all()}
    key = options["organisation"] or (next(iter(known)) if len(known) == 1 else "")
    if key not in known:
        raise Refusal("reorganise.which_organisation", known=", ".join(known) or "–")
    if not options["under"]:
        return known[key]
    unit = unit_coded(known[key], options["under"])
    if unit is None:
        raise Refusal("reorganise.unit_not_there", unit=options["under"])
    return unit


# Words ------------------------------------------------------------------------------------------------------------


def _report(plan: ReorganisationPlan, found: Judgement, problems: Sequence[Problem]) -> dict[str, Any]:
    return {
        "effective": plan.effective.isoformat(),
        "counts": counts_of(found) | {"problems": len(problems)},
        "levels": [{"level": level, "before": old, "after": new} for level, old, new in levels_of(found)],
        "operations": {kind: len(listed) for kind, listed in operations_by_kind(found).items()},
        "problems": [_problem(one) for one in problems],
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "file": problem.where,
        "row": problem.number or None,
        "unit": problem.code,
        "column": problem.refusal.field,
        "code": problem.refusal.code,
        "reason": refusal_words(problem.refusal),
    }


def _successions(plan: ReorganisationPlan) -> list[dict[str, Any]]:
    rows = plan.successions.values_list("old__code", "new__code", "whole", "members")
    return [{"old": old, "new": new, "whole": whole, "members": members} for old, new, whole, members in rows]


def _told(result: dict[str, Any]) -> str:
    lines = [*result.get("refusals", ())]
    if "counts" in result:
        lines += [f"{level['level']}: {level['before']} → {level['after']} units" for level in result["levels"]]
        lines.append(", ".join(f"{count} × {kind}" for kind, count in result["operations"].items()) or "no operation")
        lines.append(", ".join(f"{key} {value}" for key, value in result["counts"].items() if value))
    for problem in result["problems"][:SHOWN]:
        where = f"{problem['file']} row {problem['row']}" if problem["row"] else f"unit {problem['unit']}"
        lines.append(f"  {where}: {problem['reason']}")
    if len(result["problems"]) > SHOWN:
        lines.append(f"  … and {len(result['problems']) - SHOWN} more; --json has all.")
    lines.append(_outcome(result))
    return "\n".join(lines)


def _outcome(result: dict[str, Any]) -> str:
    if not result["done"]:
        return "Nothing was written."
    if result.get("dry_run"):
        return f"Nothing was written: this was a dry run ({result['seconds']} s)."
    if "plans" in result:
        return f"{len(result['plans'])} plans have taken effect ({result['seconds']} s)."
    if "undone" in result:
        return f"Plan {result['undone']} is undone ({result['seconds']} s)."
    word = "waits for its day" if result["state"] == ReorganisationPlan.State.WAITING else "is in effect"
    return f"Plan {result['plan']} {word} ({result['seconds']} s)."
