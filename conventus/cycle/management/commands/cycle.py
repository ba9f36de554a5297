"""`conventus cycle generate`: one congress for each unit, from the rule pack and the plans in force."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from conventus.core import clock
from conventus.core.accounts import system_account
from conventus.core.models import User
from conventus.core.terminal import bar
from conventus.cycle import actions, generation
from conventus.cycle.models import Cycle
from conventus.directives import reads as directives
from conventus.directives.models import Document
from conventus.org.models import Organisation, Unit
from conventus.org.reads import unit_coded

PROBLEMS_SHOWN = 20


class Command(BaseCommand):
    """Generate the congresses of a cycle."""

    help = "Generate one congress for each unit of a cycle; opens the cycle first when there is none."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """`generate`, where, on the strength of what, and how to answer."""
        parser.add_argument("what", choices=["generate"])
        parser.add_argument("--organisation", default="", help="its key, when the installation holds several")
        parser.add_argument("--cycle", default="", help="the cycle's name (default: the latest, or one is opened)")
        parser.add_argument("--unit", default="", help="the code of a unit: only it and all below")
        parser.add_argument("--directive", default="", help="key or symbol of the document that opens a new cycle")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done and write nothing")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit 0 when every unit has its congress, 1 when a unit could not get one or something is missing."""
        began = time.monotonic()
        house = _organisation(options["organisation"])
        unit = _unit(house, options["unit"])
        cycle, opened = _cycle(house, unit, options)
        top = unit or cycle.unit
        with bar("Congresses", show=not options["json"]) as step:
            if options["dry_run"]:
                found = generation.planned(cycle, top, step)
            else:
                cycle = cycle if cycle.pk else _open(cycle)
                found = actions.generate(system_account("cli"), cycle, unit=top, progress=step)
        self._say(found, opened, time.monotonic() - began, options)
        if found.problems:
            raise CommandError(f"{len(found.problems)} units could not get a congress", returncode=1)

    def _say(self, found: generation.Generation, opened: bool, seconds: float, options: dict[str, Any]) -> None:
        problems = [{"unit": one.unit.code, "why": str(one.refusal)} for one in found.problems]
        if options["json"]:
            result = {"cycle": found.cycle.name, "opened": opened, "dry_run": options["dry_run"], **found.counts}
            result |= {"by_level": found.by_level, "pilots": found.pilots, "problem_list": problems}
            self.stdout.write(json.dumps(result | {"seconds": round(seconds, 2)}, ensure_ascii=False))
            return
        done = "would be made" if options["dry_run"] else "made"
        self.stdout.write(f"{found.cycle.name}: {len(found.created)} congresses {done}, {found.pilots} of them pilots.")
        for name in ("refreshed", "flipped", "kept"):
            self.stdout.write(f"  {name:<10}{len(getattr(found, name))}")
        for level, counts in found.by_level.items():
            self.stdout.write(f"  {level:<10}" + ", ".join(f"{count} {name}" for name, count in counts.items()))
        for one in problems[:PROBLEMS_SHOWN]:
            self.stderr.write(f"  {one['unit']}: {one['why']}")


def _organisation(key: str) -> Organisation:
    known = {row.key: row for row in Organisation.objects.order_by("key")}
    if not known:
        raise CommandError("there is no organisation yet; import units or build the sample first")
    if key and key not in known:
        raise CommandError(f"there is no organisation “{key}”; known: {', '.join(known)}")
    if not key and len(known) > 1:
        raise CommandError(f"there are several organisations; choose one with --organisation: {', '.join(known)}")
    return known[key] if key else next(iter(known.values()))


def _unit(house: Organisation, code: str) -> Unit | None:
    if not code:
        return None
    unit = unit_coded(house, code)
    if unit is None:
        raise CommandError(f"there is no unit with the code “{code}”")
    return unit


def _cycle(house: Organisation, unit: Unit | None, options: dict[str, Any]) -> tuple[Cycle, bool]:
    """The cycle that was named or is the latest; else one that is still to be opened."""
    rows = Cycle.objects.filter(organisation=house).select_related("unit__organisation", "organisation")
    found = rows.filter(name=options["cycle"]).first() if options["cycle"] else rows.first()
    if found is not None:
        return found, False
    document = _directive(house, options["directive"], system_account("cli"))
    first, last = _term(house)
    name = options["cycle"] or f"{first}–{last}"
    top = unit or document.unit
    return Cycle(organisation=house, unit=top, name=name, term_from=first, term_to=last, directive=document), True


def _open(cycle: Cycle) -> Cycle:
    return actions.open_cycle(
        system_account("cli"),
        cycle.unit,
        name=cycle.name,
        term_from=cycle.term_from,
        term_to=cycle.term_to,
        directive=cycle.directive,
    )


def _directive(house: Organisation, wanted: str, reader: User) -> Document:
    """The document named, or the one in force on which most of the pack's rules for congresses rest."""
    rows = directives.in_force_on(directives.documents_of(reader), clock.today()).filter(unit__organisation=house)
    known = list(rows)
    if wanted:
        found = [row for row in known if wanted in (row.key, row.symbol)]
        if len(found) != 1:
            hint = "several are; name it with its day, such as 35-CT/TW@2024-06-14" if found else "none is in force"
            raise CommandError(f"“{wanted}”: {hint}")
        return found[0]
    rules = house.rules.rules().items()
    cited = Counter(value.cite.document for name, rule in rules if name.startswith("cycle.") for value in rule.values)
    candidates = sorted((row for row in known if cited[row.key]), key=lambda row: -cited[row.key])
    if not candidates:
        raise CommandError(
            "there is no cycle, and no directive in force on which one could rest; "
            "register the directive and put it in force, or name a document with --directive"
        )
    return candidates[0]


def _term(house: Organisation) -> tuple[int, int]:
    """The term by the pack: from the year in which the first level closes, for the longest term."""
    law, today = house.rules.laws["cycle"], clock.today()
    first = min(level.closes.at(today).value.year for level in law.levels.values())
    return first, first + max(level.term_months.at(today).value for level in law.levels.values()) // 12
