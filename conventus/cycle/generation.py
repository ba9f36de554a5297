"""What a cycle looks like when it is generated: one congress for each unit that the pack says holds one."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import connection
from django.db.models import F

from conventus.core import clock
from conventus.core.jobs import Progress, silent
from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.cycle import rules
from conventus.cycle.facts import holidays_in, why_of
from conventus.cycle.models import Congress, Cycle, Milestone
from conventus.directives import reads as directives
from conventus.directives.rules import Obligation, UnitFacts
from conventus.org.models import Unit
from conventus.org.reads import subtree

refusal_texts(
    "cycle", {"unit_gone": N_("The unit does not exist on %(day)s any more, but its congress is still here.")}
)

BATCH = 500
LISTED = 200
"""How many rows a line of the minute book names at most; the counts are always complete."""

Draft = rules.CongressDraft
Outcome = Draft | Refusal


@dataclass(frozen=True)
class Problem:
    """A unit for which no congress can be generated, or whose congress needs somebody's eye, and why."""

    unit: Unit
    refusal: Refusal


@dataclass
class Generation:
    """What generating does, or would do, to the congresses of a subtree."""

    cycle: Cycle
    units: list[Unit]
    created: list[tuple[Unit, Draft]] = field(default_factory=list)
    refreshed: list[tuple[Congress, Draft]] = field(default_factory=list)
    """Congresses without a date whose window, pilot mark or form changes."""
    flipped: list[tuple[Congress, Draft]] = field(default_factory=list)
    """Dated ones in preparation whose window or pilot mark changes; their date stays, and is for people to look at."""
    kept: list[Congress] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def by_level(self) -> dict[str, dict[str, int]]:
        """For each level: how many are new, refreshed, flipped and kept."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        for unit, _ in self.created:
            counts[unit.level]["created"] += 1
        for name in ("refreshed", "flipped"):
            for congress, _ in getattr(self, name):
                counts[congress.unit.level][name] += 1
        for congress in self.kept:
            counts[congress.unit.level]["kept"] += 1
        return {level: dict(count) for level, count in counts.items()}

    @property
    def counts(self) -> dict[str, int]:
        """How many are new, refreshed, flipped, kept, and how many problems there are."""
        names = ("created", "refreshed", "flipped", "kept", "problems")
        return {name: len(getattr(self, name)) for name in names}

    @property
    def pilots(self) -> int:
        """How many of the new ones are pilots."""
        return sum(draft.pilot for _, draft in self.created)


# What would be done -------------------------------------------------------------------------------


def planned(
    cycle: Cycle, unit: Unit | None = None, progress: Progress = silent, *, only_existing: bool = False
) -> Generation:
    """What generating the cycle for `unit` and all below (default: the whole subtree) would do; writes nothing."""
    top = unit or cycle.unit
    existing = {row.unit_id: row for row in _existing(cycle, top)}
    units = [one for one in subtree(top) if not only_existing or one.pk in existing]
    found = Generation(cycle, units)
    progress(0, len(units))
    outcomes = _outcomes(cycle, units)
    for number, one in enumerate(units, 1):
        _sort_in(found, one, existing.pop(one.pk, None), outcomes.get(one.pk))
        progress(number, len(units))
    if not only_existing:
        found.problems += [
            Problem(row.unit, Refusal("cycle.unit_gone", day=clock.today())) for row in existing.values()
        ]
    return found


def _existing(cycle: Cycle, top: Unit) -> Iterable[Congress]:
    below = Congress.objects.filter(cycle_id=cycle.pk, unit__path__gte=top.path, unit__path__lt=top.path + "~")
    return below.select_related("unit__organisation")


def _sort_in(found: Generation, unit: Unit, congress: Congress | None, outcome: Outcome | None) -> None:
    if isinstance(outcome, Refusal):
        found.problems.append(Problem(unit, outcome))
        outcome = None
    if congress is None:
        if outcome is not None:
            found.created.append((unit, outcome))
    elif outcome is None or congress.phase != "preparation" or not _differs(congress, outcome):
        found.kept.append(congress)
    else:
        (found.flipped if congress.starts_on else found.refreshed).append((congress, outcome))


def _differs(congress: Congress, draft: Draft) -> bool:
    has = (congress.window_from, congress.window_to, congress.pilot, congress.window_why)
    return has != (draft.window.opens, draft.window.closes, draft.pilot, why_of(draft.window))


def _outcomes(cycle: Cycle, units: Sequence[Unit]) -> dict[int, Outcome]:
    """A draft or the reason against one for each unit whose level holds congresses; equal cases are worked out once."""
    if not units:
        return {}
    facts = directives.facts_of(units)
    owed: dict[str, list[Obligation]] = defaultdict(list)
    for duty in directives.plan_windows(units):
        owed[duty.unit].append(duty)
    case = _Case(cycle)
    wanted = (unit for unit in units if unit.level in case.law.levels)
    return {unit.pk: case.outcome(facts[unit.pk], owed.get(unit.code, ())) for unit in wanted}


class _Case:
    """Works out drafts for one cycle and remembers them: thousands of units share a handful of cases."""

    def __init__(self, cycle: Cycle) -> None:
        pack = cycle.organisation.rules
        self.law: rules.Law = pack.laws["cycle"]
        self.tasks = pack.laws["directives"].tasks
        self.today = clock.today()
        self.holidays = holidays_in(pack.core.country, self.today.year - 2, self.today.year + 5, "en")
        self.known: dict[object, Outcome] = {}

    def outcome(self, unit: UnitFacts, owed: Sequence[Obligation]) -> Outcome:
        """The draft for a unit that owes `owed`, or the refusal that stands against it."""
        duties = tuple((one.task, one.start, one.due, one.document, one.provision) for one in owed)
        key = (unit.level, rules.congress_form(self.law, unit, self.today), duties)
        if key not in self.known:
            self.known[key] = self._work_out(unit, owed)
        return self.known[key]

    def _work_out(self, unit: UnitFacts, owed: Sequence[Obligation]) -> Outcome:
        try:
            (draft,) = rules.congress_plan([unit], self.law, self.tasks, owed, self.today, self.holidays)
        except Refusal as refusal:
            return refusal
        return draft


# Doing it -----------------------------------------------------------------------------------------


def carry_out(found: Generation, progress: Progress = silent) -> None:
    """Write what was planned: new congresses with their milestones, and what changes for existing ones."""
    _create(found, progress)
    for draft, rows in _by_draft(found.refreshed):
        _refresh(draft, rows, {"form": draft.form, "half_days": draft.half_days.value})
        _redate_undated(draft, rows)
    for draft, rows in _by_draft(found.flipped):
        _refresh(draft, rows, {})


def _create(found: Generation, progress: Progress) -> None:
    pin = found.cycle.organisation.rules.pin
    total = len(found.created)
    for start in range(0, total, BATCH):
        part = found.created[start : start + BATCH]
        made = Congress.objects.bulk_create([_congress(found.cycle, unit, draft, pin) for unit, draft in part])
        _insert_milestones((row, draft) for row, (_, draft) in zip(made, part, strict=True))
        progress(start + len(part), total)


def _congress(cycle: Cycle, unit: Unit, draft: Draft, pin: str) -> Congress:
    return Congress(
        cycle=cycle,
        unit=unit,
        pilot=draft.pilot,
        form=draft.form,
        contents=draft.contents,
        window_from=draft.window.opens,
        window_to=draft.window.closes,
        window_why=why_of(draft.window),
        half_days=draft.half_days.value,
        preparatory=0,
        trail=[[Congress.State.PLANNED.value, clock.today().isoformat()]],
        pack=pin,
    )


MILESTONE_COLUMNS = ("version", "congress_id", "key", "order", "due", "why", "required", "note")


def _insert_milestones(rows: Iterable[tuple[Congress, Draft]]) -> None:
    """Write milestones as bare rows: a whole country has more than fifty thousand, too many to be made objects of."""
    table, quote = Milestone._meta.db_table, connection.ops.quote_name
    columns = ", ".join(quote(name) for name in MILESTONE_COLUMNS)
    marks = ", ".join(["%s"] * len(MILESTONE_COLUMNS))
    values = [
        (1, congress.pk, one.key, one.order, one.due.isoformat(), json.dumps(milestone_why(one)), one.required, "")
        for congress, draft in rows
        for one in draft.milestones
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {quote(table)} ({columns}) VALUES ({marks})", values)  # noqa: S608


def milestone_why(one: rules.MilestoneDue) -> dict[str, str]:
    """The clause of a milestone as the row keeps it."""
    cite = one.lead.cite
    return {"document": cite.document, "article": cite.article, "confidence": str(one.lead.confidence)}


def _by_draft(pairs: Iterable[tuple[Congress, Draft]]) -> list[tuple[Draft, list[int]]]:
    """Equal drafts are one object, so thousands of rows fall into a few updates."""
    groups: dict[int, tuple[Draft, list[int]]] = {}
    for congress, draft in pairs:
        groups.setdefault(id(draft), (draft, []))[1].append(congress.pk)
    return list(groups.values())


def _refresh(draft: Draft, keys: list[int], further: Mapping[str, object]) -> None:
    window = {"window_from": draft.window.opens, "window_to": draft.window.closes, "window_why": why_of(draft.window)}
    for part in _parts(keys):
        rows = Congress.objects.filter(pk__in=part)
        rows.update(pilot=draft.pilot, version=F("version") + 1, **window, **further)


def _redate_undated(draft: Draft, keys: list[int]) -> None:
    """Milestones of congresses without a date count from the last day of the window."""
    for part in _parts(keys):
        for one in draft.milestones:
            rows = Milestone.objects.filter(congress__in=part, key=one.key)
            rows.update(due=one.due, version=F("version") + 1)


def _parts(keys: list[int]) -> Iterable[list[int]]:
    return (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))


def out_of_window(pairs: Iterable[tuple[Congress, Draft]]) -> list[Congress]:
    """Those whose date lies outside the window that they get."""
    return [row for row, draft in pairs if row.starts_on and row.ends_on and not _inside(row, draft.window)]


def _inside(congress: Congress, window: rules.Window) -> bool:
    starts, ends = congress.starts_on or date.min, congress.ends_on or date.max
    return window.opens <= starts and ends <= window.closes
