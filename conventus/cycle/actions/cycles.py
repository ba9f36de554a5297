"""Opening a cycle and generating its congresses."""

from __future__ import annotations

from collections.abc import Iterator

from conventus.core import clock
from conventus.core.door import action, note
from conventus.core.jobs import Progress, silent
from conventus.core.models import User
from conventus.core.rules import N_, Refusal, raise_all, refusal_texts
from conventus.cycle import generation
from conventus.cycle.models import Cycle
from conventus.directives.models import Document
from conventus.org.models import Unit

refusal_texts(
    "cycle",
    {
        "name_taken": N_("There is already a cycle called “%(name)s”. Choose another name."),
        "name_missing": N_("A cycle needs a name, such as 2025–2030."),
        "term_reversed": N_("The term must end after it begins (%(start)s). Correct the years."),
        "directive_not_in_force": N_("%(symbol)s is not in force on %(day)s. Put it in force, or choose another one."),
        "directive_not_above": N_("%(symbol)s was not issued by this unit or one above it. Choose such a document."),
        "unit_outside": N_("“%(unit)s” does not belong to this cycle. Choose a unit below “%(top)s”."),
    },
)


@action("cycle.generate")
def open_cycle(
    actor: User, unit: Unit, *, name: str, term_from: int, term_to: int, directive: Document, sample: bool = False
) -> Cycle:
    """Open a congress cycle for `unit` and all below it, on the strength of a directive in force."""
    raise_all(_cycle_refusals(unit, name.strip(), term_from, term_to, directive))
    return Cycle.objects.create(
        organisation=unit.organisation,
        unit=unit,
        name=name.strip(),
        term_from=term_from,
        term_to=term_to,
        directive=directive,
        sample=sample,
    )


def _cycle_refusals(unit: Unit, name: str, term_from: int, term_to: int, directive: Document) -> Iterator[Refusal]:
    today = clock.today()
    if not name:
        yield Refusal("cycle.name_missing", field="name")
    if Cycle.objects.filter(organisation=unit.organisation_id, name=name).exists():
        yield Refusal("cycle.name_taken", field="name", name=name)
    if term_to <= term_from:
        yield Refusal("cycle.term_reversed", field="term_to", start=term_from)
    if directive.standing(today) != "in_force":
        yield Refusal("cycle.directive_not_in_force", field="directive", symbol=directive.symbol, day=today)
    if not unit.path.startswith(directive.unit.path):
        yield Refusal("cycle.directive_not_above", field="directive", symbol=directive.symbol)


@action("cycle.generate")
def generate(
    actor: User, cycle: Cycle, *, unit: Unit | None = None, progress: Progress = silent
) -> generation.Generation:
    """Make one congress for each unit that holds one, in the whole cycle or below `unit`; again, to add what is new."""
    return _generate(cycle, unit or cycle.unit, progress)


@action("cycle.generate")
def generate_part(actor: User, unit: Unit, *, cycle: Cycle, progress: Progress = silent) -> generation.Generation:
    """As `generate`, for those who answer for a part of the cycle only: `unit` and all below it."""
    note(cycle=cycle.pk)
    return _generate(cycle, unit, progress)


def _generate(cycle: Cycle, unit: Unit, progress: Progress) -> generation.Generation:
    _check_inside(cycle, unit)
    found = generation.planned(cycle, unit)
    generation.carry_out(found, progress)
    note(below=unit.pk, **_said(found))
    return found


@action("cycle.generate")
def refresh_windows(actor: User, unit: Unit, *, cycle: Cycle, because: str = "") -> generation.Generation:
    """Give the congresses of `unit` and below the windows of the plans now in force; dates stay as they are."""
    _check_inside(cycle, unit)
    found = generation.planned(cycle, unit, only_existing=True)
    generation.carry_out(found)
    note(cycle=cycle.pk, because=because, **_said(found))
    return found


def _check_inside(cycle: Cycle, unit: Unit) -> None:
    if not unit.path.startswith(cycle.unit.path):
        raise Refusal("cycle.unit_outside", field="unit", unit=unit.name, top=cycle.unit.name)


def _said(found: generation.Generation) -> dict[str, object]:
    """What the minute book keeps: every count, and the first of those whose window changed under a date."""
    outside = generation.out_of_window(found.flipped)
    return found.counts | {
        "flipped_congresses": [row.pk for row, _ in found.flipped][: generation.LISTED],
        "out_of_window": [row.pk for row in outside][: generation.LISTED],
    }
