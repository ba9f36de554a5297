"""Verbs of imports: a whole file in one transaction, with one line in the minute book."""

from __future__ import annotations

from conventus.core import clock
from conventus.core.door import action, note
from conventus.core.jobs import Progress, silent
from conventus.core.models import User
from conventus.org.imports.files import Sheet
from conventus.org.imports.people import plan_people, write_people
from conventus.org.imports.report import Report
from conventus.org.imports.units import plan_units, write_units
from conventus.org.models import Organisation, Unit


@action("org.import")
def import_units(
    actor: User,
    place: Unit | Organisation,
    *,
    sheet: Sheet,
    skip_bad: bool = False,
    sample: bool = False,
    progress: Progress = silent,
) -> Report:
    """Bring units in from a file, below a unit or (system accounts) at the top of an organisation."""
    house, scope = _where(place)
    plan = plan_units(house, scope, sheet, progress=progress)
    plan.report.check(skip_bad=skip_bad)
    write_units(house, plan, sample=sample, progress=progress)
    return _noted(plan.report)


@action("org.import")
def import_people(
    actor: User,
    place: Unit | Organisation,
    *,
    sheet: Sheet,
    skip_bad: bool = False,
    sample: bool = False,
    progress: Progress = silent,
) -> Report:
    """Bring people with their memberships and posts in from a file, for a unit or a whole organisation."""
    house, scope = _where(place)
    plan = plan_people(house, scope, sheet, clock.today(), progress=progress)
    plan.report.check(skip_bad=skip_bad)
    write_people(house, plan, sample=sample, progress=progress)
    return _noted(plan.report)


def _where(place: Unit | Organisation) -> tuple[Organisation, Unit | None]:
    """The organisation, held so that two imports into it follow each other, and the unit below which rows may lie."""
    scope = place if isinstance(place, Unit) else None
    key = scope.organisation_id if scope else place.pk
    return Organisation.objects.select_for_update().get(pk=key), scope


def _noted(report: Report) -> Report:
    report.written = True
    note(file=report.sheet.name, sha256=report.sheet.sha256, **report.counts())
    return report
