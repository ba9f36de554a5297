"""Sample audits of a count, the papers drawn for them, and what is said of stacks that a hand count contradicts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from conventus.core.models import Row, User
from conventus.elections import rules
from conventus.elections.models.ballots import Ballot
from conventus.elections.models.papers import ScanBatch
from conventus.org.models import Unit


class Audit(Row):
    """A sample audit of one count of a ballot: what it has to show, by which dice, and how far it has come."""

    recorded = ("ballot", "attempt", "method", "risk_percent", "seed", "stacks", "round_size", "state", "reason")

    class Method(models.TextChoices):
        POLLING = "polling", _("single papers")
        STACKS = "stacks", _("whole stacks, counted by hand")

    class State(models.TextChoices):
        OPEN = "open", _("under way")
        CONFIRMED = "confirmed", _("outcome confirmed")
        ESCALATED = "escalated", _("all papers counted anew")

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="audits")
    attempt = models.PositiveSmallIntegerField(default=1)
    method = models.CharField(_("method"), max_length=10, choices=Method.choices, default=Method.POLLING)
    risk_percent = models.PositiveSmallIntegerField(_("risk limit, percent"))
    seed = models.CharField(_("digits of the dice"), max_length=100)
    stacks = models.JSONField(default=list)
    """Where the papers lie: a list of `[label, papers]`, in the order in which the stacks stand."""
    round_size = models.PositiveIntegerField(default=0)
    """So many papers are drawn before the risk is measured: after single ones the figures would tell their marks."""
    batches = models.JSONField(default=list)
    """With whole stacks: the keys of the scanned stacks, in the same order."""
    statements = models.JSONField(default=list)
    """What is to be shown: the fields of rules.audit.Assertion, and with whole stacks `parts`, each stack's sum."""
    measured = models.JSONField(default=list)
    """After each round: `{"drawn", "missing", "risks"}`, the risks in the order of the statements."""
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.OPEN)
    reason = models.CharField(_("how it was closed"), max_length=400, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    closed_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["ballot", "attempt"], name="audit_once")]

    def __str__(self) -> str:
        return f"{self.ballot} · {self.get_method_display()}"

    @property
    def place(self) -> Unit | None:
        """The unit whose congress it is."""
        return self.ballot.place

    @property
    def phase(self) -> str:
        """The phase of the congress."""
        return self.ballot.phase

    @property
    def sizes(self) -> list[int]:
        """The papers in each stack."""
        return [size for _label, size in self.stacks]

    @property
    def population(self) -> int:
        """All the papers."""
        return sum(self.sizes)

    @property
    def limit(self) -> float:
        """The risk limit as a share."""
        return self.risk_percent / 100

    def assertions(self) -> list[rules.audit.Assertion]:
        """What is to be shown, as the law states it."""
        names = ("code", "name", "other", "wrong", "reported", "of_valid")
        return [rules.audit.Assertion(**{name: one[name] for name in names}) for one in self.statements]

    @property
    def risks(self) -> list[float]:
        """The risks as last measured, one for each statement."""
        return list(self.measured[-1]["risks"]) if self.measured else [1.0] * len(self.statements)

    @property
    def passed(self) -> bool:
        """Whether every statement is shown at the risk limit."""
        return all(risk <= self.limit for risk in self.risks)


class AuditDraw(Row):
    """One paper of a sample as the board read it. The minute book keeps the seal only: marks can be a signature."""

    recorded = ("audit", "number", "by", "seal")

    audit = models.ForeignKey(Audit, models.CASCADE, related_name="draws")
    number = models.PositiveIntegerField()
    """Its turn in the drawing, from 1; stack and position follow from the seed."""
    ruling = models.CharField(max_length=10)
    """`valid`, `invalid` or `missing` (rules.audit.PAPER_RULINGS)."""
    chosen = models.JSONField(default=list)
    """The keys of the names that a valid paper chooses."""
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    salt = models.CharField(max_length=32, editable=False)
    seal = models.CharField(max_length=64, editable=False)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["audit", "number"], name="audit_draw_once")]

    def __str__(self) -> str:
        return f"{self.audit_id} · {self.number}"

    @property
    def place(self) -> Unit | None:
        """The unit whose congress it is."""
        return self.audit.place

    @property
    def phase(self) -> str:
        """The phase of the congress."""
        return self.audit.phase

    def paper(self) -> rules.audit.Paper:
        """The paper as the law scores it."""
        return rules.audit.Paper(self.ruling, frozenset(self.chosen))


class StackExplanation(Row):
    """Why a stack's hand count differs from its scan and the scan stands all the same; the head says so by name."""

    recorded = ("batch", "by", "reason")

    batch = models.OneToOneField(ScanBatch, models.CASCADE, related_name="explanation")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    reason = models.CharField(_("explanation"), max_length=400)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.reason}"

    @property
    def place(self) -> Unit | None:
        """The unit whose congress it is."""
        return self.batch.place

    @property
    def phase(self) -> str:
        """The phase of the congress."""
        return self.batch.phase
