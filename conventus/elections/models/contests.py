"""The counting board, contests and candidates."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from conventus.core import clock
from conventus.core.models import Row, User
from conventus.cycle.models import Congress
from conventus.elections import rules
from conventus.org.models import Person, Unit


class BoardMember(Row):
    """A member of a congress's counting board, voted in by the congress (rulebook ELE-31)."""

    recorded = ("congress", "person", "user", "head")

    congress = models.ForeignKey(Congress, models.CASCADE, related_name="board")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", null=True, blank=True)
    head = models.BooleanField(_("head"), default=False)

    class Meta:
        ordering = ["-head", "pk"]
        constraints = [models.UniqueConstraint(fields=["congress", "person"], name="board_member_once")]

    def __str__(self) -> str:
        return self.person.name

    @property
    def place(self) -> Unit | None:
        """The unit whose congress it is."""
        return self.congress.unit

    @property
    def phase(self) -> str:
        """The phase of the congress."""
        return self.congress.phase


class Contest(Row):
    """An election at a congress: for which body, how many seats, from which list."""

    recorded = (
        "congress", "body", "title", "seats", "alternates", "style", "state", "list_decision", "listed_on",
        "open_seats", "decision",
    )  # fmt: skip

    class State(models.TextChoices):
        DRAFT = "draft", _("list in the making")
        LISTED = "listed", _("list closed")
        DECIDED = "decided", _("decided")

    class Style(models.TextChoices):
        STRIKE = "strike", _("strike out the names not chosen")
        BOXES = "boxes", _("agree or disagree for each name")
        SINGLE = "single", _("one name")

    congress = models.ForeignKey(Congress, models.CASCADE, related_name="contests")
    body = models.CharField(_("body"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    seats = models.PositiveSmallIntegerField(_("seats"))
    alternates = models.PositiveSmallIntegerField(_("places for alternates"), default=0)
    """Filled from the same list by those who reach the majority beyond the seats (rulebook DEL-7)."""
    style = models.CharField(_("ballot paper"), max_length=10, choices=Style.choices, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    list_decision = models.CharField(_("decision of the congress on the list"), max_length=400, blank=True)
    listed_on = models.DateField(null=True, blank=True)
    open_seats = models.PositiveSmallIntegerField(_("seats left open"), null=True, blank=True)
    """Set when decided: seats that the congress chose to leave unfilled."""
    decision = models.CharField(_("decision of the congress on open seats"), max_length=400, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["congress", "body"], name="contest_body"),
            models.CheckConstraint(condition=models.Q(seats__gte=1), name="contest_seats"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def place(self) -> Unit | None:
        """The unit whose congress it is."""
        return self.congress.unit

    @property
    def phase(self) -> str:
        """The phase of the congress."""
        return self.congress.phase

    @property
    def law(self) -> rules.Law:
        """The table `elections` of the pack that the congress is pinned to."""
        law: rules.Law = self.congress.rules.laws["elections"]
        return law

    @property
    def day(self) -> date:
        """The day whose reading of the pack holds: that on which the congress opens."""
        return self.congress.starts_on or clock.today()

    @property
    def body_of_voters(self) -> str:
        """The key of the base: the congress's form, or the body that votes (rules.base_body)."""
        return rules.base_body(rules.kind_of(self.law, self.body).voters, self.congress.form)

    def facts(self) -> rules.ListFacts:
        """The list as the law judges it; namesakes are told apart by their year of birth."""
        standing = [one for one in self.candidates.all() if not one.withdrawn]
        prepared = sum(one.source == Candidate.Source.PREPARED for one in standing)
        return rules.ListFacts(self.body, self.seats, tuple(labels_of(standing)), prepared, bool(self.list_decision))


class Candidate(Row):
    """A name on the list of a contest. The description is what the ballot paper's poster says, not the paper itself."""

    recorded = ("contest", "person", "source", "order", "block", "opinion_votes", "attending", "withdrawn")

    class Source(models.TextChoices):
        PREPARED = "prepared", _("prepared by the committee")
        FLOOR = "floor", _("nominated at the congress")
        SELF = "self", _("nominated by themselves")

    contest = models.ForeignKey(Contest, models.CASCADE, related_name="candidates")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+", null=True, blank=True)
    name = models.CharField(_("name"), max_length=200)
    born = models.PositiveSmallIntegerField(_("year of birth"), null=True, blank=True)
    description = models.CharField(_("description"), max_length=300, blank=True)
    block = models.CharField(_("block"), max_length=80, blank=True)
    source = models.CharField(_("nominated"), max_length=10, choices=Source.choices, default=Source.PREPARED)
    opinion_votes = models.PositiveIntegerField(_("votes in the opinion ballot"), null=True, blank=True)
    attending = models.PositiveIntegerField(_("attending at the opinion ballot"), null=True, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    """Place on the ballot paper, from 1; set when the list is closed."""
    withdrawn = models.BooleanField(_("withdrawn"), default=False)
    elected = models.BooleanField(_("elected"), default=False)
    alternate = models.BooleanField(_("elected as alternate"), default=False)

    class Meta:
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> Unit | None:
        """The unit whose congress it is."""
        return self.contest.congress.unit

    @property
    def phase(self) -> str:
        """The phase of the congress."""
        return self.contest.congress.phase


def labels_of(candidates: list[Candidate]) -> list[str]:
    """The names of candidates, with what tells namesakes apart: year of birth, else the person's number."""
    names = [one.name for one in candidates]
    return [_label(one) if names.count(one.name) > 1 else one.name for one in candidates]


def _label(candidate: Candidate) -> str:
    apart = candidate.born or (candidate.person.code if candidate.person else "")
    return f"{candidate.name} ({apart})" if apart else candidate.name
