"""What several verbs do to a congress: take a step on its way, count its milestones anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from django.db.models import F

from conventus.core import clock
from conventus.cycle import rules
from conventus.cycle.facts import NOTICE, holidays_around
from conventus.cycle.generation import milestone_why
from conventus.cycle.models import Congress, Milestone


def step(congress: Congress, to: str) -> None:
    """Bring the congress to a state and remember the day; the caller saves it."""
    congress.state = to
    congress.trail = [*congress.trail, [str(to), clock.today().isoformat()]]


def check_step(congress: Congress, to: str) -> None:
    """Refuse a step that the pack's way of a congress does not have today."""
    rules.check_transition(congress.law, congress.state, to, clock.today())


def recount(congresses: Sequence[Congress]) -> None:
    """Count the milestones from the opening, or from the end of the window while there is none.

    A report of the opening's announcement lapses with the date that was announced.
    """
    due = {congress.pk: _due(congress) for congress in congresses}
    rows = list(Milestone.objects.filter(congress__in=congresses))
    for row in rows:
        one = due[row.congress_id].get(row.key)
        row.due, row.why = (one.due, milestone_why(one)) if one else (row.due, row.why)
        row.version += 1
        if row.key == NOTICE:
            row.reported_on, row.reported_by, row.note = None, None, ""
    fields = ["due", "why", "version", "reported_on", "reported_by", "note"]
    Milestone.objects.bulk_update(rows, fields, batch_size=200)


def _due(congress: Congress) -> Mapping[str, rules.MilestoneDue]:
    day: date = congress.starts_on or congress.window_to
    found = rules.milestones_of(congress.law, congress.unit.level, day, holidays_around(congress))
    return {one.key: one for one in found}


def report_superiors(congress: Congress, by: int) -> None:
    """Tick off the milestones that are the superior's own: its approval is their report."""
    keys = [key for key, one in congress.law.milestones.items() if not one.reported]
    rows = congress.milestones.filter(key__in=keys, reported_on__isnull=True)
    rows.update(reported_on=clock.today(), reported_by=by, version=F("version") + 1)


def reopen_superiors(congress: Congress) -> None:
    """Open the superior's milestones again: what it approved is no longer what stands."""
    keys = [key for key, one in congress.law.milestones.items() if not one.reported]
    congress.milestones.filter(key__in=keys).update(reported_on=None, reported_by=None, version=F("version") + 1)
