"""Rows of the register of governing documents: documents, what they implement or replace, plan items, obligations."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from conventus.core.models import Row, StoredFile, User
from conventus.directives import rules
from conventus.org.models import Unit


class Document(Row):
    """A governing document. A number alone is not unique: the key is type, number, issuer and day (rulebook T1)."""

    recorded = (
        "unit", "type", "number", "issuer_code", "issuing_body", "issued_on", "title", "summary", "valid_from",
        "valid_to", "state", "enforced_on", "withdrawn_on", "file",
    )  # fmt: skip

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        IN_FORCE = "in_force", _("in force")
        REPLACED = "replaced", _("replaced")
        WITHDRAWN = "withdrawn", _("withdrawn")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="documents", verbose_name=_("issued by"))
    type = models.CharField(_("type"), max_length=10)
    number = models.CharField(_("number"), max_length=20)
    issuer_code = models.CharField(_("issuer's symbol"), max_length=20)
    issuing_body = models.CharField(_("issuing body"), max_length=200, blank=True)
    symbol = models.CharField(_("symbol"), max_length=60, editable=False, db_index=True)
    title = models.CharField(_("title"), max_length=400)
    folded = models.CharField(max_length=700, blank=True, editable=False)
    """Symbol, title and issuing body without marks, for the search."""
    issued_on = models.DateField(_("issued on"))
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid until"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    enforced_on = models.DateField(_("put in force on"), null=True, blank=True)
    """The day on which the register put it in force: from then on the units below see it, whatever becomes of it."""
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    withdrawn_because = models.CharField(_("why it was withdrawn"), max_length=400, blank=True)
    summary = models.TextField(_("summary"), blank=True)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", null=True, blank=True)
    sample = models.BooleanField(_("sample data"), default=False)

    class Meta:
        ordering = ["-issued_on", "symbol"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "type", "number", "issuer_code", "issued_on"], name="document_key"),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="document_period",
            ),
        ]

    def __str__(self) -> str:
        return self.symbol

    @property
    def place(self) -> Unit | None:
        """The unit that issues it."""
        return self.unit

    @property
    def key(self) -> str:
        """The key that packs and citations use: `35-CT/TW@2024-06-14`."""
        return f"{self.symbol}@{self.issued_on.isoformat()}"

    @property
    def law(self) -> rules.Law:
        """The table for documents and plans of its organisation's rule pack."""
        law: rules.Law = self.unit.rules.laws["directives"]
        return law

    def facts(self) -> rules.Document:
        """The document as the law sees it."""
        key = rules.DocumentKey(self.number, self.type, self.issuer_code, self.issued_on, self.unit.code)
        rank = self.unit.rules.core.levels[self.unit.level].order
        return rules.Document(key, rank, self.valid_from, self.valid_to)

    def standing(self, day: date) -> str:
        """How it stands on `day`: `draft`, `withdrawn`, `coming`, `in_force`, `replaced` or `expired`."""
        if self.state in (self.State.DRAFT, self.State.WITHDRAWN):
            return str(self.state)
        if rules.in_force(self.facts(), day):
            return "in_force"
        if day < self.valid_from:
            return "coming"
        return "replaced" if self.state == self.State.REPLACED else "expired"


class DocumentLink(models.Model):
    """What a document does to another: implements, replaces, amends or guides it."""

    class Kind(models.TextChoices):
        IMPLEMENTS = "implements", _("implements")
        REPLACES = "replaces", _("replaces")
        AMENDS = "amends", _("amends")
        GUIDES = "guides", _("guides")

    document = models.ForeignKey(Document, models.CASCADE, related_name="links")
    target = models.ForeignKey(Document, models.PROTECT, related_name="linked_from")
    kind = models.CharField(_("relation"), max_length=10, choices=Kind.choices)

    class Meta:
        ordering = ["kind", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["document", "target", "kind"], name="document_link"),
            models.CheckConstraint(condition=~models.Q(document=models.F("target")), name="document_link_other"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.kind} {self.target_id}"


class PlanItem(Row):
    """One duty that a plan lays on units below its issuer: what, for whom, from when to when."""

    recorded = ("document", "order", "task", "text", "provision", "level", "kinds", "mode", "start", "due")

    class Mode(models.TextChoices):
        ALL = "all", _("all units of the level")
        NAMED = "named", _("the units named")
        EXCEPT = "except", _("all but the units named")

    document = models.ForeignKey(Document, models.CASCADE, related_name="items")
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    task = models.CharField(_("task"), max_length=40)
    text = models.CharField(_("what is to be done"), max_length=400)
    provision = models.CharField(_("provision"), max_length=80, blank=True)
    level = models.CharField(_("level"), max_length=40, blank=True)
    """A level of the rule pack; "" = every level below the issuer."""
    kinds = models.JSONField(_("kinds of unit"), default=list, blank=True)
    mode = models.CharField(_("for"), max_length=10, choices=Mode.choices, default=Mode.ALL)
    units = models.ManyToManyField(Unit, related_name="+", blank=True, verbose_name=_("units named"))
    start = models.DateField(_("from"), null=True, blank=True)
    due = models.DateField(_("due"))

    class Meta:
        ordering = ["document_id", "order", "pk"]

    def __str__(self) -> str:
        return self.text

    @property
    def place(self) -> Unit | None:
        """The unit that issues the plan."""
        return self.document.unit

    @property
    def by_itself(self) -> bool:
        """Whether the room of the congresses sees to it and reports it done: nobody reports it by hand."""
        task = self.document.law.tasks.get(self.task)
        return task is not None and task.by_itself

    def facts(self, units: tuple[str, ...] | None = None) -> rules.PlanItem:
        """The item as the law sees it, with the codes of its named units (default: those of the row; prefetch them)."""
        document = self.document
        if units is None:
            units = tuple(unit.code for unit in self.units.all())
        return rules.PlanItem(
            task=self.task,
            due=self.due,
            start=self.start,
            level=self.level,
            kinds=tuple(self.kinds),
            mode=self.mode,
            units=units,
            below=document.unit.code,
            document=document.key,
            provision=self.provision,
        )


class Obligation(Row):
    """A duty of one unit, with its date, drawn from a plan item that is in force."""

    recorded = ("item", "unit", "start", "due", "state", "done_on", "done_by")

    class State(models.TextChoices):
        OPEN = "open", _("open")
        DONE = "done", _("done")
        LAPSED = "lapsed", _("lapsed")

    item = models.ForeignKey(PlanItem, models.PROTECT, related_name="obligations")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="obligations")
    task = models.CharField(max_length=40)
    start = models.DateField(null=True, blank=True)
    due = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    done_on = models.DateField(null=True, blank=True)
    done_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    evidence = models.CharField(_("evidence"), max_length=400, blank=True)
    reopened_because = models.CharField(_("why it was opened again"), max_length=400, blank=True)

    class Meta:
        ordering = ["due", "pk"]
        indexes = [models.Index(fields=["unit", "state", "due"]), models.Index(fields=["task", "state"])]
        constraints = [models.UniqueConstraint(fields=["item", "unit"], name="one_obligation_per_item")]

    def __str__(self) -> str:
        return f"{self.task} {self.due}"

    @property
    def place(self) -> Unit | None:
        """The unit that owes it."""
        return self.unit

    @property
    def phase(self) -> str:
        """Duties belong to the preparation: whoever prepares the unit's congress may report them done."""
        return "preparation"

    def standing(self, day: date) -> str:
        """How it stands on `day`: `done`, `lapsed`, `overdue` or `due`."""
        if self.state != self.State.OPEN:
            return str(self.state)
        return "overdue" if self.due < day else "due"
