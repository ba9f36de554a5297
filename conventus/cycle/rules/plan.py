"""What each unit's congress looks like when a cycle is generated: window, length, contents, form, milestones. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from conventus.core.rules import Refusal, Value
from conventus.cycle.rules.calendar import (
    MilestoneDue,
    PlanWindow,
    Window,
    congress_window,
    level_law,
    milestones_of,
)
from conventus.cycle.rules.law import Contents, Law
from conventus.directives.rules import Obligation, Task, UnitFacts


@dataclass(frozen=True)
class CongressDraft:
    """A congress as generated. Its milestones are counted from the last day of the window until it has a date."""

    unit: str
    level: str
    pilot: bool
    window: Window
    half_days: Value[int]
    preparatory: Value[int]
    contents: int
    form: str
    milestones: tuple[MilestoneDue, ...]


def congress_plan(
    units: Iterable[UnitFacts],
    law: Law,
    tasks: Mapping[str, Task],
    obligations: Iterable[Obligation],
    on: date,
    holidays: Collection[date] = (),
) -> tuple[CongressDraft, ...]:
    """One congress for each unit whose level has one, in the order of `units`, as the law stands on day `on`.

    `obligations` are what the plans lay on the units (`directives.rules.obligations_due`); those whose task is marked
    `congress` narrow the window, and one marked `pilot` makes the unit a pilot. Raises `cycle.window_empty`.
    """
    owed = _by_unit(tasks, obligations)
    wanted = (unit for unit in units if unit.level in law.levels)
    return tuple(_draft(unit, law, tasks, owed.get(unit.code, []), on, holidays) for unit in wanted)


def _by_unit(tasks: Mapping[str, Task], obligations: Iterable[Obligation]) -> dict[str, list[Obligation]]:
    owed: dict[str, list[Obligation]] = {}
    for one in obligations:
        if one.task in tasks and tasks[one.task].congress:
            owed.setdefault(one.unit, []).append(one)
    return owed


def _draft(
    unit: UnitFacts,
    law: Law,
    tasks: Mapping[str, Task],
    owed: list[Obligation],
    on: date,
    holidays: Collection[date],
) -> CongressDraft:
    one, pilot = level_law(law, unit.level), any(tasks[duty.task].pilot for duty in owed)
    binding = (duty for duty in owed if tasks[duty.task].pilot == pilot)
    plans = [PlanWindow(duty.start, duty.due, duty.document, duty.provision) for duty in binding]
    window = congress_window(law, unit.level, pilot, plans, on)
    return CongressDraft(
        unit=unit.code,
        level=unit.level,
        pilot=pilot,
        window=window,
        half_days=one.half_days.at(on),
        preparatory=one.preparatory.at(on),
        contents=max(int(number) for number in law.contents),
        form=congress_form(law, unit, on),
        milestones=milestones_of(law, unit.level, window.closes, holidays),
    )


def congress_form(law: Law, unit: UnitFacts, on: date) -> str:
    """`members` or `delegates`: by the level's law, by size where it says so (DEL-2); of unknown size = delegates."""
    form = level_law(law, unit.level).form.at(on).value
    if form != "by_size":
        return form
    small = unit.members is not None and unit.members < law.members_below.at(on).value
    return "members" if small else "delegates"


# Contents ----------------------------------------------------------------------------------------


def check_contents(law: Law, contents: int, reorganised: bool, superior_agreed: bool, on: date) -> Contents:
    """The contents that a congress with this number of them has on day `on`, and what follows (CON-1 to CON-3).

    Raises a refusal for an unknown number, one not in force, two contents for a unit that was not merged or founded,
    or a committee left unelected without the superior's consent.
    """
    if str(contents) not in law.contents:
        known = ", ".join(law.contents)
        raise Refusal("cycle.contents_unknown", field="contents", contents=contents, known=known)
    chosen = law.contents[str(contents)]
    if not any(value.in_force(on) for value in chosen.items.values):
        cite = chosen.items.values[0].cite
        raise Refusal("cycle.contents_not_yet", article=cite, field="contents", contents=contents, day=on)
    mode = chosen.committee_mode.at(on)
    if mode.value == "appointed" and not reorganised:
        raise Refusal("cycle.contents_not_reorganised", article=mode.cite, field="contents")
    if mode.value == "unchanged" and not superior_agreed:
        raise Refusal("cycle.contents_need_consent", article=mode.cite, field="contents")
    return chosen


# Age ---------------------------------------------------------------------------------------------

_MONTH = re.compile(r"(\d{4})-(\d{2})")


def months_between(reference: str, month: str) -> int:
    """Months from `reference` to `month`, both written `2025-07`; negative when `month` lies before."""
    return _months(month) - _months(reference)


def _months(month: str) -> int:
    found = _MONTH.fullmatch(month)
    if found is None:
        raise Refusal("org.date_unreadable", text=month)
    return int(found[1]) * 12 + int(found[2])


def check_months_left(law: Law, case: str, place: str, leaves: str, on: date) -> int:
    """Months that a person still has at the reference month of `place` (a key of `age_reference`, CAL-8).

    `case` is a key of `months_left` (`reelected`), `leaves` the month of retirement, `on` the day of the congress,
    which picks the directive in force (PER-3). Raises `cycle.months_short`. The room `personnel` will take this over.
    """
    reference, least = law.age_reference[place].at(on), law.months_left[case].at(on)
    left = months_between(reference.value, leaves)
    if left < least.value:
        params = {"left": left, "reference": reference.value, "least": least.value}
        raise Refusal("cycle.months_short", article=least.cite, field="born", **params)
    return left
