"""What a reorganisation touches in this room: the congresses of units that end or are divided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from conventus.core.rights import Reader
from conventus.cycle.reads.congresses import all_congresses_of
from conventus.cycle.rules import PHASES
from conventus.org.hooks import Affected


def congresses_of_units(reader: Reader, units: Sequence[int]) -> Iterator[Affected]:
    """The congresses of `units`, cycle by cycle: those that are still to be held, and those that were held."""
    rows = all_congresses_of(reader).filter(unit__in=units).order_by()
    counts: dict[int, list[int]] = {}
    for cycle, state, count in rows.values_list("cycle", "state").annotate(count=Count("pk")):
        sums = counts.setdefault(cycle, [0, 0])
        sums[state in PHASES["after"]] += count
    for cycle, (planned, held) in counts.items():
        url = reverse("cycle:cycle", args=[cycle])
        note = _("Their units end before or after them: generate the cycle again, and withdraw dates that fall away.")
        yield Affected(_("Congresses planned or prepared"), planned, url, note)
        yield Affected(_("Congresses held"), held, url, _("They stay with the unit that held them."))
