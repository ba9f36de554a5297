"""What the register does by itself: plans in force reach units that are founded later."""

from __future__ import annotations

from conventus.core.accounts import system_account
from conventus.core.door import on
from conventus.core.models import Entry
from conventus.directives import actions, reads
from conventus.org.models import Unit


@on("org.found_unit")
@on("org.change_unit")
@on("org.import_units")
def extend_plans(entry: Entry) -> None:
    """Lay the tasks of the plans above a new or changed unit on it and on all below it, as far as they cover them."""
    unit = Unit.objects.filter(pk=entry.unit_id or 0).select_related("organisation").first()
    for plan in reads.plans_above(unit) if unit else ():
        if reads.missing_under(plan, unit).obligations:
            actions.extend(system_account("directives"), plan, within=unit)
