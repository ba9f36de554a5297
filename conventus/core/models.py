"""Rows of the core: accounts, grants, the minute book and jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from conventus.org.models import Unit


class Row(models.Model):
    """A row that actions change. `version` rises with each change; `recorded`: what the minute book keeps of it."""

    recorded: ClassVar[tuple[str, ...]] = ()

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    @property
    def place(self) -> Unit | None:
        """The unit on which rights over this row are judged."""
        raise NotImplementedError

    @property
    def phase(self) -> str:
        """The phase that rights may depend on; '' where a row has none."""
        return ""

    def minutes(self) -> dict[str, Any]:
        """What the minute book keeps of this row, in values that JSON can hold."""
        return {name: _plain(self._kept(name)) for name in self.recorded}

    def _kept(self, name: str) -> Any:
        """The stored value of a field: of a relation the key, not the row."""
        field = self._meta.get_field(name)
        return getattr(self, getattr(field, "attname", name))


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, str, list, dict)):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


class User(AbstractUser):
    """An account. System accounts do unattended work and cannot sign in."""

    full_name = models.CharField(_("full name"), max_length=200, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    is_system = models.BooleanField(default=False, editable=False)

    def __str__(self) -> str:
        return self.full_name or self.username

    def get_full_name(self) -> str:
        """The name as the person writes it; order differs by language, so it is one field."""
        return self.full_name


class Grant(Row):
    """A role given to an account on a unit and all below it; `phase` narrows it, the dates bound it.

    A grant without a unit holds everywhere; only system accounts have one.
    """

    recorded = ("user", "role", "unit", "phase", "valid_from", "valid_to")

    user = models.ForeignKey(User, models.PROTECT, related_name="grants", verbose_name=_("account"))
    role = models.CharField(_("role"), max_length=40)
    unit = models.ForeignKey(
        "org.Unit", models.PROTECT, related_name="grants", null=True, blank=True, verbose_name=_("unit")
    )
    phase = models.CharField(_("phase"), max_length=20, blank=True)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        ordering = ["user_id", "role", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="grant_period",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.role}"

    @property
    def place(self) -> Unit | None:
        """The unit whose access managers may end this grant."""
        return self.unit


class Entry(models.Model):
    """One line of the minute book. Lines are only ever added; each carries the hash of the one before."""

    seq = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    office = models.CharField(max_length=80)
    action = models.CharField(max_length=80)
    subject_type = models.CharField(max_length=40)
    subject_id = models.BigIntegerField(null=True)
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    pack = models.CharField(max_length=80, blank=True)
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["seq"]
        indexes = [
            models.Index(fields=["unit", "seq"]),
            models.Index(fields=["subject_type", "subject_id", "seq"]),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action}"


class BookHead(models.Model):
    """The last line's number and hash: writers queue on this row, and a cut-off tail shows against it."""

    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return f"{self.seq} {self.hash[:12]}"


class Job(models.Model):
    """A long piece of work: who asked for it, how far it is, what came of it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    kind = models.CharField(max_length=80)
    user = models.ForeignKey(User, models.PROTECT, related_name="jobs")
    unit = models.ForeignKey("org.Unit", models.PROTECT, related_name="+", null=True)
    lock = models.CharField(max_length=80, blank=True)
    """Jobs with the same lock do not run at the same time."""
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    message = models.CharField(max_length=400, blank=True)
    result = models.JSONField(default=dict)
    cancel_asked = models.BooleanField(default=False)
    asked_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["lock"], condition=models.Q(state="running") & ~models.Q(lock=""), name="one_job_per_lock"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class StoredFile(models.Model):
    """A file that somebody filed: kept under its SHA-256, served only through the page of the row it belongs to."""

    name = models.CharField(_("file name"), max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.FileField(upload_to="%Y/%m")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
