"""What a reorganisation touches in this room: open obligations and documents of units that end or are divided."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from conventus.core.rights import Reader
from conventus.directives.models import Obligation
from conventus.directives.reads import documents_of, obligations_of
from conventus.org.hooks import Affected


def duties_of_units(reader: Reader, units: Sequence[int]) -> Iterator[Affected]:
    """What `units` still owe, and what they have issued."""
    owed = obligations_of(reader).filter(unit__in=units, state=Obligation.State.OPEN).order_by()
    note = _("They stay with the old unit: let the superior renew or withdraw its plan.")
    yield Affected(_("Open obligations"), owed.count(), reverse("directives:obligations"), note)
    issued = documents_of(reader).filter(unit__in=units).order_by()
    yield Affected(_("Documents issued"), issued.count(), reverse("directives:documents"), "")
