"""Long work and reactions: generating large trees, windows that follow the plans; and where rooms above hang in."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from conventus.core.accounts import system_account
from conventus.core.door import on
from conventus.core.jobs import Progress, job
from conventus.core.models import Entry, User
from conventus.core.rules import N_
from conventus.cycle import actions
from conventus.cycle.hooks import ELECTED, READY_CHECKS
from conventus.cycle.models import Congress, Cycle
from conventus.directives import reads as directives
from conventus.directives.models import Document
from conventus.org.models import Unit

__all__ = ["ELECTED", "READY_CHECKS", "generate_job", "windows_follow_plans"]


@job("cycle.generate", N_("Generating congresses"))
def generate_job(actor: User, progress: Progress, *, cycle: int, top: int) -> dict[str, Any]:
    """Generate the congresses of the unit `top` and all below beside the pages."""
    row, unit = Cycle.objects.get(pk=cycle), Unit.objects.get(pk=top)
    found = actions.generate_part(actor, unit, cycle=row, progress=progress)
    page = f"{reverse('cycle:cycle', args=[cycle])}?unit={top}"
    return {**found.counts, "next": page}


@on("directives.put_in_force")
@on("directives.withdraw")
def windows_follow_plans(entry: Entry) -> None:
    """Refresh windows and pilots below a plan's issuer when the plan comes into force or ends.

    What flips for congresses that have a date is listed in the line of the minute book and stands on the desks of
    those concerned until their date is moved or fits again.
    """
    system = system_account("cycle")
    document = directives.document_for(system, entry.subject_id or 0)
    if not _sets_windows(system, document):
        return
    for cycle in Cycle.objects.filter(organisation=document.unit.organisation_id).select_related("unit__organisation"):
        top = _common(cycle.unit, document.unit)
        if top and Congress.objects.filter(cycle=cycle, unit__path__startswith=top.path).exists():
            actions.refresh_windows(system, top, cycle=cycle, because=document.symbol)


def _sets_windows(system: User, document: Document) -> bool:
    """Whether the document, or one that it replaces, says when congresses are held."""
    replaced = (link.target for link in directives.links_of(system, document).get("replaces", ()))
    tasks = document.unit.rules.laws["directives"].tasks
    items = (item for one in (document, *replaced) for item in directives.items_of(one))
    return any(item.task in tasks and tasks[item.task].congress for item in items)


def _common(one: Unit, other: Unit) -> Unit | None:
    """The lower of two units of which one lies above the other; None when they are apart."""
    lower, upper = sorted((one, other), key=lambda unit: len(unit.path), reverse=True)
    return lower if lower.path.startswith(upper.path) else None
