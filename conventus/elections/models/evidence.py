"""The sealed evidence of a ballot: where it lies, by which hashes it is known, what is kept of its sheets."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from conventus.core.models import Row, User
from conventus.elections.models.ballots import Ballot
from conventus.org.models import Unit


class Evidence(Row):
    """A bundle that was sealed; from then on pictures and what was said of single sheets are nowhere else."""

    recorded = ("ballot", "state", "sha256", "manifest", "size", "sheets", "pictures", "recipients", "passphrase")

    class State(models.TextChoices):
        SEALED = "sealed", _("sealed")
        DESTROYED = "destroyed", _("destroyed")

    ballot = models.OneToOneField(Ballot, models.PROTECT, related_name="evidence")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.SEALED)
    file = models.CharField(max_length=64, unique=True, editable=False)
    sha256 = models.CharField(max_length=64)
    """Of the sealed file."""
    manifest = models.CharField(max_length=64)
    """SHA-256 of the bundle's manifest.json, which holds the hash of every file in it."""
    size = models.PositiveBigIntegerField()
    sheets = models.PositiveIntegerField()
    pictures = models.PositiveIntegerField()
    passphrase = models.BooleanField(default=False)
    """Whether a key under a passphrase lies beside it; the passphrase itself is kept nowhere."""
    recipients = models.JSONField(default=list)
    """Public keys of people who can open it with their own."""
    kept = models.JSONField(default=dict)
    """What the record and the checks say of the sheets, in numbers: `scanned`, `grounds`, `rulings`, `stacks`."""
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    destroyed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(_("decision to destroy it"), max_length=400, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.ballot} · {self.sha256[:12]}"

    @property
    def place(self) -> Unit | None:
        """The unit whose congress it is."""
        return self.ballot.place

    @property
    def phase(self) -> str:
        """The phase of the congress."""
        return self.ballot.phase

    @property
    def path(self) -> Path:
        """The sealed file: outside of what anybody can ask for by an address."""
        return evidence_path(self.file)

    @property
    def key_path(self) -> Path:
        """The key under the passphrase, where there is one."""
        return evidence_key_path(self.file)


def evidence_path(name: str) -> Path:
    """Where the sealed bundle of that name lies."""
    return Path(settings.VAR) / "evidence" / f"{name}.age"


def evidence_key_path(name: str) -> Path:
    """Where its key under the passphrase lies."""
    return Path(settings.VAR) / "evidence" / f"{name}.key.age"
