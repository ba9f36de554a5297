"""Counts of a ballot made apart, and the declared figures."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from conventus.core.models import Row, User
from conventus.elections import rules
from conventus.elections.models.ballots import Ballot
from conventus.elections.models.contests import Candidate
from conventus.org.models import Unit


class CountEntry(Row):
    """The count by one path: keyed in blindly (first, second) or scanned; the resolution sees them all.

    The minute book keeps the seal instead of the figures, which it learns when the count is agreed: nobody who reads
    the book sees the first entry before the second is in, and nobody can change it unnoticed either.
    """

    recorded = ("ballot", "attempt", "slot", "by", "seal")

    class Slot(models.TextChoices):
        FIRST = "first", _("first entry")
        SECOND = "second", _("second entry")
        SCAN = "scan", _("scan")
        RESOLUTION = "resolution", _("resolution")

    class Method(models.TextChoices):
        TOTALS = "totals", _("totals keyed in")
        SHEETS = "sheets", _("every ballot keyed in from its picture")
        SCAN = "scan", _("read by the scanner, doubts adjudicated")

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="entries")
    attempt = models.PositiveSmallIntegerField(default=1)
    slot = models.CharField(max_length=10, choices=Slot.choices)
    method = models.CharField(max_length=10, choices=Method.choices, default=Method.TOTALS)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    """Who keyed it in; of a scan, who closed it."""
    figures = models.JSONField()
    """`{"collected", "valid", "invalid", "votes": {candidate: n}, "against": {candidate: n}}` (rules.Count)."""
    choices = models.JSONField(default=dict)
    """Of a resolution: per differing figure `{"take": a path or "own", "reason"}`."""
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    salt = models.CharField(max_length=32, editable=False)
    seal = models.CharField(max_length=64, editable=False)
    """SHA-256 of salt and figures (`seal_of`)."""
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["ballot", "attempt", "slot"], name="entry_slot"),
            models.UniqueConstraint(
                fields=["ballot", "attempt", "by"], condition=~models.Q(slot="scan"), name="entry_by_another_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot} {self.ballot_id}"

    @property
    def place(self) -> Unit | None:
        """The unit whose congress it is."""
        return self.ballot.place

    @property
    def phase(self) -> str:
        """The phase of the congress."""
        return self.ballot.phase

    def facts(self) -> rules.Entry:
        """The entry as the law compares it."""
        return rules.Entry(self.slot, str(self.by_id), count_of(self.figures))


def seal_of(figures: dict[str, Any], salt: str) -> str:
    """The seal on a count entry: SHA-256 over the salt and the figures as canonical JSON, in hexadecimal."""
    text = json.dumps(figures, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{salt}:{text}".encode()).hexdigest()


def count_of(figures: dict[str, Any]) -> rules.Count:
    """The law's count from stored figures."""
    votes, against = figures.get("votes", {}), figures.get("against", {})
    return rules.Count(figures.get("collected"), figures.get("valid"), figures.get("invalid"), votes, against)


def figures_of(count: rules.Count) -> dict[str, Any]:
    """The figures of a count as they are stored."""
    totals = {"collected": count.collected, "valid": count.valid, "invalid": count.invalid}
    return {**totals, "votes": dict(count.votes), "against": dict(count.against)}


class VoteCount(models.Model):
    """The declared figures of one name in one ballot."""

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="vote_counts")
    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="vote_counts")
    votes = models.PositiveIntegerField()
    against = models.PositiveIntegerField(null=True)
    place_in_order = models.PositiveSmallIntegerField()
    elected = models.BooleanField(default=False)
    alternate = models.BooleanField(default=False)
    tied = models.BooleanField(default=False)

    class Meta:
        ordering = ["place_in_order", "candidate__order"]
        constraints = [models.UniqueConstraint(fields=["ballot", "candidate"], name="vote_count_once")]

    def __str__(self) -> str:
        return f"{self.candidate_id}: {self.votes}"
