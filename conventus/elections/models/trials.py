"""A trial count: a deck with a known answer, scanned and compared before the congress relies on its scanner."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from conventus.core.models import Row, User
from conventus.elections.models.papers import PaperForm, ScanBatch
from conventus.org.models import Unit


class Trial(Row):
    """The result of one trial, kept as it was when it was recorded; a repeated trial is another row."""

    recorded = ("form", "batch", "number", "passed", "remark")

    form = models.ForeignKey(PaperForm, models.CASCADE, related_name="trials")
    batch = models.OneToOneField(ScanBatch, models.CASCADE, related_name="trial")
    number = models.PositiveSmallIntegerField(_("trial"))
    passed = models.BooleanField(_("passed"))
    result = models.JSONField()
    """As `rules.TrialResult`, as plain data."""
    remark = models.CharField(_("remark"), max_length=400, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["form", "number"], name="trial_number")]

    def __str__(self) -> str:
        return f"{self.form} · {self.number}"

    @property
    def place(self) -> Unit | None:
        """The unit whose congress it is."""
        return self.form.place

    @property
    def phase(self) -> str:
        """The phase of the congress."""
        return self.form.phase
