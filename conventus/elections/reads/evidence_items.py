"""What the evidence puts on a head's desk: to seal what was scanned, to have destroyed what was kept long enough."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from conventus.core.desk import DeskItem
from conventus.core.models import User
from conventus.core.rights import allowing
from conventus.elections.models import Ballot, Evidence, ScanBatch
from conventus.elections.reads.evidence import kept_until


def evidence_items(reader: User, today: date) -> Iterator[DeskItem]:
    """Scans that nobody needs any more, and evidence whose time is over."""
    for ballot in _headed(reader).filter(evidence=None, forms__batches__purpose=ScanBatch.Purpose.COUNT).distinct():
        if allowing(reader, "elections.declare", ballot.place, ballot.phase):
            why = _("The pictures of the ballots leave this computer when the evidence is sealed.")
            yield _item(ballot, today, why, _("Seal the evidence"), _("Seal"))
    for ballot in _headed(reader).filter(evidence__state=Evidence.State.SEALED):
        until = kept_until(ballot)
        if until and until <= today and allowing(reader, "elections.declare", ballot.place, ballot.phase):
            title = _("Have the evidence of the ballot destroyed")
            yield _item(ballot, today, _("Its time is over; the committee decides."), title, _("Look at it"))


def _headed(reader: User) -> QuerySet[Ballot]:
    """The declared ballots on whose board the reader is the head."""
    seats = {"contest__congress__board__user": reader, "contest__congress__board__head": True}
    ballots = Ballot.objects.filter(**seats, state=Ballot.State.DECLARED)
    return ballots.select_related("contest__congress__unit__organisation").order_by("pk")


def _item(ballot: Ballot, today: date, why: str, title: str, verb: str) -> DeskItem:
    return DeskItem(
        title=title,
        unit=ballot.place,
        due=today,
        why=why,
        url=reverse("elections:evidence", args=[ballot.pk]),
        verb=verb,
        kind="elections.evidence",
        today=today,
        state=ballot.state,
        detail=str(ballot.contest),
    )
