"""The way to a page: cycles, the cycle, the units above."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from conventus.core.models import User
from conventus.cycle import reads
from conventus.cycle.models import Cycle
from conventus.org.models import Unit

Crumbs = list[dict[str, str]]


def crumb(label: str, url: str = "") -> dict[str, str]:
    """One step of the way; the last one needs no address."""
    return {"label": label, "url": url}


def to_cycles() -> Crumbs:
    """All cycles."""
    return [crumb(_("Congresses"), reverse("cycle:cycles"))]


def to_cycle(reader: User, cycle: Cycle, unit: Unit) -> Crumbs:
    """The cycle, then the units above `unit` that the reader may see, then the unit."""
    above = [crumb(one.name, unit_url(cycle, one)) for one in reads.way_upwards(reader, cycle, unit)]
    return [
        *to_cycles(),
        crumb(cycle.name, reverse("cycle:cycle", args=[cycle.pk])),
        *above,
        crumb(unit.name, unit_url(cycle, unit)),
    ]


def unit_url(cycle: Cycle, unit: Unit, page: str = "cycle") -> str:
    """The page of a unit in a cycle."""
    return f"{reverse(f'cycle:{page}', args=[cycle.pk])}?unit={unit.pk}"


def switcher(reader: User, cycle: Cycle, unit: Unit) -> dict[str, Any]:
    """The units at which the reader may begin; empty when there is only one."""
    tops = reads.top_units(reader, cycle)
    if len(tops) < 2:
        return {}
    units = [{"label": one.name, "url": unit_url(cycle, one), "current": one.pk == unit.pk} for one in tops]
    return {"unit": {"label": unit.name, "note": cycle.name}, "units": units}
