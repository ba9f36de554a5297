"""Rows of the cycle: cycles, congresses, milestones, appraisals, papers, recognitions, calendar feeds."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from conventus.core import packs
from conventus.core.models import Row, StoredFile, User
from conventus.cycle.rules import Law
from conventus.directives.models import Document
from conventus.org.models import Organisation, Unit


class Half(models.TextChoices):
    """Half of a day."""

    AM = "am", _("morning")
    PM = "pm", _("afternoon")


class Cycle(Row):
    """A congress cycle: the term it is for, the directive that opens it, the unit at its top."""

    recorded = ("unit", "name", "term_from", "term_to", "directive")

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="cycles")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="cycles")
    name = models.CharField(_("name"), max_length=80)
    term_from = models.PositiveSmallIntegerField(_("first year of the term"))
    term_to = models.PositiveSmallIntegerField(_("last year of the term"))
    directive = models.ForeignKey(Document, models.PROTECT, related_name="cycles", verbose_name=_("directive"))
    sample = models.BooleanField(default=False)

    class Meta:
        ordering = ["-term_from", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="cycle_name"),
            models.CheckConstraint(condition=models.Q(term_to__gt=models.F("term_from")), name="cycle_term"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> Unit | None:
        """The unit at the top."""
        return self.unit


class Congress(Row):
    """One unit's congress in a cycle, from its window to its recognised result."""

    recorded = (
        "cycle", "unit", "state", "pilot", "form", "contents", "window_from", "window_to", "starts_on", "start_half",
        "half_days", "preparatory", "ends_on", "end_half", "venue", "summoned", "present",
    )  # fmt: skip

    class State(models.TextChoices):
        PLANNED = "planned", _("to be dated")
        DATED = "dated", _("dated")
        SUBMITTED = "submitted", _("with the superior")
        RETURNED = "returned", _("returned with findings")
        APPROVED = "approved", _("approved")
        OPEN = "open", _("in session")
        HELD = "held", _("held")
        FILED = "filed", _("result filed")
        SENT_BACK = "sent_back", _("result sent back")
        RECOGNISED = "recognised", _("recognised")

    class Form(models.TextChoices):
        MEMBERS = "members", _("members' congress")
        DELEGATES = "delegates", _("delegates' congress")

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="congresses")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="congresses")
    state = models.CharField(_("state"), max_length=12, choices=State.choices, default=State.PLANNED)
    pilot = models.BooleanField(_("pilot"), default=False)
    form = models.CharField(_("form"), max_length=10, choices=Form.choices, default=Form.MEMBERS)
    ordinal = models.PositiveSmallIntegerField(_("ordinal"), null=True, blank=True)
    contents = models.PositiveSmallIntegerField(_("contents"), default=4)
    window_from = models.DateField(_("window from"))
    window_to = models.DateField(_("window until"))
    window_why = models.JSONField(default=list)
    """The clauses that made the window: a list of `{"text", "document", "article"}`."""
    half_days = models.PositiveSmallIntegerField(_("half days"))
    preparatory = models.PositiveSmallIntegerField(_("preparatory session, half days"), default=0)
    """Half days of the preparatory session; they count inside `half_days` (CAL-6)."""
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    start_half = models.CharField(_("starts in the"), max_length=2, choices=Half.choices, default=Half.AM)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    end_half = models.CharField(max_length=2, choices=Half.choices, blank=True)
    venue = models.CharField(_("venue"), max_length=200, blank=True)
    summoned = models.PositiveIntegerField(_("summoned"), null=True, blank=True)
    present = models.PositiveIntegerField(_("present"), null=True, blank=True)
    trail = models.JSONField(default=list)
    """The way so far: a list of `[state, day]`, the latest last; the chart over time is drawn from it."""
    pack = models.CharField(max_length=80)
    """The rule pack pinned for this congress: `key@version#hash`."""

    class Meta:
        ordering = ["unit__path"]
        indexes = [models.Index(fields=["cycle", "state"]), models.Index(fields=["starts_on"])]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "unit"], name="one_congress_per_unit"),
            models.CheckConstraint(condition=models.Q(window_to__gte=models.F("window_from")), name="congress_window"),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="congress_days",
            ),
            models.CheckConstraint(
                condition=models.Q(present__isnull=True) | models.Q(present__lte=models.F("summoned")),
                name="congress_attendance",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} · {self.cycle}"

    @property
    def place(self) -> Unit | None:
        """The unit whose congress it is."""
        return self.unit

    @property
    def superior(self) -> Unit | None:
        """The unit that appraises and recognises: the one above; a unit at the top answers to itself."""
        return self.unit.parent or self.unit

    @property
    def phase(self) -> str:
        """`preparation`, `session` or `after`."""
        if self.state == self.State.OPEN:
            return "session"
        after = (self.State.HELD, self.State.FILED, self.State.SENT_BACK, self.State.RECOGNISED)
        return "after" if self.state in after else "preparation"

    @property
    def outside_window(self) -> bool:
        """Whether it has a date that does not fit its window, because a plan has changed it since."""
        if self.starts_on is None or self.ends_on is None:
            return False
        return self.starts_on < self.window_from or self.ends_on > self.window_to

    @property
    def rules(self) -> packs.Pack:
        """The pack that this congress is pinned to."""
        return packs.load(self.pack.partition("@")[0])

    @property
    def law(self) -> Law:
        """The pack's table for this room."""
        law: Law = self.rules.laws["cycle"]
        return law


class Milestone(Row):
    """A step of the preparation that the unit reports."""

    recorded = ("congress", "key", "due", "reported_on")

    congress = models.ForeignKey(Congress, models.CASCADE, related_name="milestones")
    key = models.CharField(max_length=40)
    order = models.PositiveSmallIntegerField(default=0)
    due = models.DateField(_("due"), null=True, blank=True)
    why = models.JSONField(default=dict)
    """The clause that sets it: `{"document", "article", "confidence"}`."""
    required = models.BooleanField(default=True)
    reported_on = models.DateField(_("reported on"), null=True, blank=True)
    reported_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    note = models.CharField(_("note"), max_length=400, blank=True)

    class Meta:
        ordering = ["order", "pk"]
        constraints = [models.UniqueConstraint(fields=["congress", "key"], name="milestone_key")]

    def __str__(self) -> str:
        return self.key

    @property
    def place(self) -> Unit | None:
        """The unit that reports it."""
        return self.congress.unit

    @property
    def phase(self) -> str:
        """The phase of its congress."""
        return self.congress.phase


class Review(Row):
    """A decision of the level above about a congress: on the preparation (appraisal) or on the result (recognition)."""

    recorded = ("congress", "stage", "approved", "findings", "document_symbol", "decided_on")

    class Stage(models.TextChoices):
        APPRAISAL = "appraisal", _("appraisal of the preparation")
        RECOGNITION = "recognition", _("recognition of the result")

    congress = models.ForeignKey(Congress, models.CASCADE, related_name="reviews")
    stage = models.CharField(max_length=12, choices=Stage.choices)
    approved = models.BooleanField()
    findings = models.JSONField(default=list, blank=True)
    """What has to be mended, or what was noted: a list of texts."""
    document_symbol = models.CharField(_("decision number"), max_length=60, blank=True)
    decided_on = models.DateField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.stage} {self.decided_on}"

    @property
    def place(self) -> Unit | None:
        """The unit whose congress was reviewed."""
        return self.congress.unit


class Paper(Row):
    """A file of a congress: a document of the preparation or a paper of the result."""

    recorded = ("congress", "stage", "kind", "title", "sha256", "withdrawn")

    class Stage(models.TextChoices):
        PREPARATION = "preparation", _("papers of the preparation")
        AFTER = "after", _("papers of the result")

    congress = models.ForeignKey(Congress, models.CASCADE, related_name="papers")
    stage = models.CharField(_("stage"), max_length=12, choices=Stage.choices)
    kind = models.CharField(_("kind"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    filed_on = models.DateField()
    withdrawn = models.BooleanField(default=False)

    class Meta:
        ordering = ["-stage", "kind", "pk"]

    def __str__(self) -> str:
        return self.title

    @property
    def place(self) -> Unit | None:
        """The unit whose congress it belongs to."""
        return self.congress.unit

    @property
    def phase(self) -> str:
        """The phase of its congress."""
        return self.congress.phase


class CalendarFeed(Row):
    """A subscription address (ICS): what its account may see of a unit and two levels below, until it is revoked."""

    recorded = ("user", "unit", "revoked_at")

    user = models.ForeignKey(User, models.CASCADE, related_name="calendar_feeds")
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    """SHA-256 of the secret in the address; the secret itself is shown once and not kept."""
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.user_id} {self.unit_id}"

    @property
    def place(self) -> Unit | None:
        """The unit that it shows."""
        return self.unit
