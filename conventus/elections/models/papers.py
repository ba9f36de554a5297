"""Ballots on paper: the form, its print runs, the stacks of scans, their sheets and what the board says of each."""

from __future__ import annotations

import json
import secrets
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from conventus.core.models import Row, User
from conventus.elections import rules
from conventus.elections.models.ballots import Ballot
from conventus.elections.models.contests import Contest
from conventus.org.models import Unit


class PaperForm(Row):
    """A ballot paper as designed: what is printed and where, for one ballot, or without one for a trial before it."""

    recorded = ("contest", "ballot", "variant", "paper", "language", "stamp_box", "fingerprint", "withdrawn")

    class Variant(models.TextChoices):
        STANDARD = "standard", _("standard print")
        LARGE = "large", _("large print")

    class Paper(models.TextChoices):
        A4 = "A4", "A4"
        A5 = "A5", "A5"

    contest = models.ForeignKey(Contest, models.CASCADE, related_name="forms")
    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="forms", null=True, blank=True)
    """None: a form for the trial count before the congress."""
    variant = models.CharField(_("print"), max_length=10, choices=Variant.choices, default=Variant.STANDARD)
    paper = models.CharField(_("paper"), max_length=4, choices=Paper.choices, default=Paper.A4)
    language = models.CharField(_("language"), max_length=8)
    stamp_box = models.BooleanField(_("a box for the stamp"), default=True)
    spec = models.JSONField()
    """What the engine printed it from (docs/engines/omr.md, SPEC.json), without copies and batch."""
    layout = models.TextField()
    """The engine's layout.json as text, with the blank pages in it."""
    fingerprint = models.CharField(max_length=64)
    pages = models.PositiveSmallIntegerField(_("pages"), default=1)
    withdrawn = models.CharField(_("why it was withdrawn"), max_length=400, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.contest} · {self.get_variant_display()}"

    @property
    def place(self) -> Unit | None:
        """The unit whose congress it is."""
        return self.contest.place

    @property
    def phase(self) -> str:
        """The phase of the congress."""
        return self.contest.phase

    @cached_property
    def geometry(self) -> dict[str, Any]:
        """The layout as data, for showing where a name stands."""
        found: dict[str, Any] = json.loads(self.layout)
        return found


class PrintRun(Row):
    """Copies of a form that were printed in one go; the batch label is the only thing in which copies may differ."""

    recorded = ("form", "copies", "batch", "deck", "withdrawn")

    form = models.ForeignKey(PaperForm, models.CASCADE, related_name="runs")
    copies = models.PositiveIntegerField(_("copies"))
    batch = models.CharField(_("batch"), max_length=40, blank=True)
    deck = models.BooleanField(_("marked sheets for a trial"), default=False)
    """A test deck with a known answer: none of it may get into a ballot box."""
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    withdrawn = models.CharField(_("why it does not count"), max_length=400, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.form_id} × {self.copies}"

    @property
    def place(self) -> Unit | None:
        """The unit whose congress it is."""
        return self.form.place

    @property
    def phase(self) -> str:
        """The phase of the congress."""
        return self.form.phase


class ScanBatch(Row):
    """A stack of ballots scanned in one go. Its scans lie in a folder of their own until the evidence is sealed."""

    recorded = ("form", "attempt", "number", "label", "purpose", "state", "expected", "pages", "states", "void")

    class Purpose(models.TextChoices):
        COUNT = "count", _("the count")
        TRIAL = "trial", _("a trial with the test deck")

    class State(models.TextChoices):
        OPEN = "open", _("waiting for scans")
        READING = "reading", _("being read")
        READ = "read", _("read")
        VOID = "void", _("void")

    form = models.ForeignKey(PaperForm, models.CASCADE, related_name="batches")
    attempt = models.PositiveSmallIntegerField(default=1)
    """Which counting of the ballots it belongs to (Ballot.attempt)."""
    number = models.PositiveSmallIntegerField(_("stack"))
    label = models.CharField(_("name of the stack"), max_length=80, blank=True)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.COUNT)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    expected = models.PositiveIntegerField(_("ballots in the stack, counted by hand"), null=True, blank=True)
    folder = models.CharField(max_length=64, unique=True, default=secrets.token_hex, editable=False)
    pages = models.PositiveIntegerField(default=0)
    states = models.JSONField(default=dict)
    """Scanned pages by the reader's state (docs/engines/omr.md)."""
    refused = models.JSONField(default=list)
    """Files that could not be read: a list of `[name, reason]`."""
    void = models.CharField(_("why it does not count"), max_length=400, blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["form", "attempt", "purpose", "number"], name="batch_number")]

    def __str__(self) -> str:
        return self.label or str(self.number)

    @property
    def place(self) -> Unit | None:
        """The unit whose congress it is."""
        return self.form.place

    @property
    def phase(self) -> str:
        """The phase of the congress."""
        return self.form.phase

    @property
    def directory(self) -> Path:
        """Where its scans lie: `inbox` as they came, `out` as the engine left them."""
        return Path(settings.VAR) / "scans" / self.folder


def random_key() -> int:
    """A key that tells nothing of when a row was made, so that sheets do not lie in the order of the box."""
    return secrets.randbits(62) + 1


class Sheet(Row):
    """One scanned ballot, of one or several pages. It bears no time and no number: nothing tells whose it is."""

    recorded = ("batch",)

    id = models.BigIntegerField(primary_key=True, default=random_key, editable=False)
    batch = models.ForeignKey(ScanBatch, models.CASCADE, related_name="sheets")
    key = models.CharField(max_length=64)
    """The engine's identifier of the ballot: a hash over the pixels of its pages."""
    state = models.CharField(max_length=10)
    """The reader's: `read`, `review`, `foreign`, `unreadable`; blank backs are no sheets."""
    marks = models.JSONField(default=dict)
    """As read: `chosen`, `rejected`, `both`, `none` or `doubt` by candidate's key."""
    doubts = models.JSONField(default=list)
    """`{"candidate": key or None, "reason", "crop": path in the batch's folder or None}`."""
    pages = models.JSONField(default=list)
    """`{"key", "picture": path in the batch's folder, "sha256", "form_page"}`, in the order of the form."""

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["batch", "key"], name="sheet_once_in_batch")]

    def __str__(self) -> str:
        return self.key[:12]

    @property
    def place(self) -> Unit | None:
        """The unit whose congress it is."""
        return self.batch.place

    @property
    def phase(self) -> str:
        """The phase of the congress."""
        return self.batch.phase

    def facts(self) -> rules.SheetFacts:
        """The sheet as the law judges it."""
        return rules.SheetFacts(self.key, self.state, self.marks, tuple(one["reason"] for one in self.doubts))


class Adjudication(Row):
    """What one member of the board says of one sheet. The minute book keeps the seal only: marks can be a signature."""

    recorded = ("sheet", "by", "seal")

    sheet = models.ForeignKey(Sheet, models.CASCADE, related_name="adjudications")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    ruling = models.CharField(max_length=12)
    """`valid`, `invalid` or `not_counted` (rules.RULINGS)."""
    ground = models.CharField(max_length=40, blank=True)
    note = models.CharField(_("remark"), max_length=200, blank=True)
    marks = models.JSONField(default=dict)
    salt = models.CharField(max_length=32, editable=False)
    seal = models.CharField(max_length=64, editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["sheet", "by"], name="adjudication_by_another_member")]

    def __str__(self) -> str:
        return f"{self.sheet_id} {self.by_id}"

    @property
    def place(self) -> Unit | None:
        """The unit whose congress it is."""
        return self.sheet.place

    @property
    def phase(self) -> str:
        """The phase of the congress."""
        return self.sheet.phase

    def facts(self) -> rules.Verdict:
        """The verdict as the law compares it."""
        return rules.Verdict(self.ruling, self.ground, self.marks, str(self.by_id))


class BatchCount(Row):
    """A stack counted again by hand, by one member, to compare with what was read of it."""

    recorded = ("batch", "by", "reason", "seal")

    batch = models.ForeignKey(ScanBatch, models.CASCADE, related_name="hand_counts")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    figures = models.JSONField()
    """As in CountEntry.figures."""
    reason = models.CharField(_("why it was counted again"), max_length=400)
    salt = models.CharField(max_length=32, editable=False)
    seal = models.CharField(max_length=64, editable=False)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.by_id}"

    @property
    def place(self) -> Unit | None:
        """The unit whose congress it is."""
        return self.batch.place

    @property
    def phase(self) -> str:
        """The phase of the congress."""
        return self.batch.phase
