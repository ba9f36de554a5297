"""What the count by scan puts on My desk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from conventus.core.desk import DeskItem
from conventus.elections import rules
from conventus.elections.models import Ballot, ScanBatch
from conventus.elections.reads.judged import judged_sheets
from conventus.elections.reads.scanning import stacks_of


def scan_items(ballot: Ballot, today: date) -> Iterator[DeskItem]:
    """What the count by scan still takes: a first stack, stacks to complete, the closing."""
    if rules.SCAN not in ballot.ways or ballot.entries.filter(attempt=ballot.attempt, slot=rules.SCAN).exists():
        return
    stacks = stacks_of(ballot)
    if not stacks:
        yield _item(ballot, today, _("Scan the ballots"), _("Scan"))
    elif any(one.state != ScanBatch.State.READ for one in stacks):
        yield _item(ballot, today, _("Complete the stacks that are being scanned"), _("Look at them"))
    elif not any(one.open for one in judged_sheets(ballot)):
        yield _item(ballot, today, _("Close the count by scan, when all ballots are scanned"), _("Close"))


def _item(ballot: Ballot, today: date, title: str, verb: str) -> DeskItem:
    return DeskItem(
        title=title,
        unit=ballot.place,
        due=today,
        why=_("The scan is one of the ways in which this ballot is counted."),
        url=reverse("elections:scan", args=[ballot.pk]),
        verb=verb,
        kind="elections.scan",
        today=today,
        state=ballot.state,
        detail=str(ballot.contest),
    )
