"""Rows of the elections: the counting board, contests, candidates, ballots (rounds), count entries, vote counts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from conventus.core.models import Row, User
from conventus.cycle.models import Congress
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

    recorded = ("congress", "body", "title", "seats", "style", "state", "listed_on")

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
    style = models.CharField(_("ballot paper"), max_length=10, choices=Style.choices, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    attending = models.PositiveIntegerField(_("attending at the opinion ballot"), null=True, blank=True)
    listed_on = models.DateField(null=True, blank=True)
    open_seats = models.PositiveSmallIntegerField(_("seats left open"), null=True, blank=True)
    """Set when decided: seats that the congress chose to leave unfilled."""

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


class Candidate(Row):
    """A name on the list of a contest. The description is what the ballot paper's poster says, not the paper itself."""

    recorded = ("contest", "person", "source", "order", "block", "opinion_votes", "withdrawn")

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
    order = models.PositiveSmallIntegerField(default=0)
    """Place on the ballot paper, from 1; set when the list is closed."""
    withdrawn = models.BooleanField(_("withdrawn"), default=False)
    elected = models.BooleanField(_("elected"), default=False)

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


class Ballot(Row):
    """One round of voting in a contest: who stands, how many seats are at stake, what was issued and counted."""

    recorded = (
        "contest", "number", "kind", "seats", "style", "state", "electorate", "issued", "collected", "valid", "invalid",
        "attempt", "accepted", "decision", "declared_at",
    )  # fmt: skip

    class Kind(models.TextChoices):
        FIRST = "first", _("first ballot")
        SECOND = "second", _("further ballot")
        TIE = "tie", _("ballot among the tied")

    class State(models.TextChoices):
        PREPARED = "prepared", _("being prepared")
        ISSUED = "issued", _("ballots issued")
        COUNTING = "counting", _("being counted")
        DIFFERING = "differing", _("entries differ")
        AGREED = "agreed", _("count agreed")
        DECLARED = "declared", _("declared")

    contest = models.ForeignKey(Contest, models.CASCADE, related_name="ballots")
    number = models.PositiveSmallIntegerField(_("round"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.FIRST)
    seats = models.PositiveSmallIntegerField(_("seats at stake"))
    style = models.CharField(_("ballot paper"), max_length=10, choices=Contest.Style.choices)
    standing = models.ManyToManyField(Candidate, related_name="ballots")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PREPARED)
    electorate = models.JSONField(default=dict)
    """The figures the base is computed from (shape: elections.rules)."""
    issued = models.PositiveIntegerField(_("ballots issued"), null=True, blank=True)
    collected = models.PositiveIntegerField(_("ballots collected"), null=True, blank=True)
    valid = models.PositiveIntegerField(_("valid"), null=True, blank=True)
    invalid = models.PositiveIntegerField(_("invalid"), null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    """Which counting of the ballots this is; a repeated count keeps the earlier entries."""
    accepted = models.JSONField(default=list)
    """Accepted warnings: a list of `{"code", "reason", "by", "at"}`."""
    decision = models.CharField(_("decision of the congress"), max_length=400, blank=True)
    declared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["contest_id", "number"]
        constraints = [models.UniqueConstraint(fields=["contest", "number"], name="ballot_number")]

    def __str__(self) -> str:
        return f"{self.contest} · {self.number}"

    @property
    def place(self) -> Unit | None:
        """The unit whose congress it is."""
        return self.contest.congress.unit

    @property
    def phase(self) -> str:
        """The phase of the congress."""
        return self.contest.congress.phase


class CountEntry(Row):
    """The count as one person keyed it in. First and second are blind to each other; the resolution sees both."""

    recorded = ("ballot", "attempt", "slot", "by", "figures", "reason")

    class Slot(models.TextChoices):
        FIRST = "first", _("first entry")
        SECOND = "second", _("second entry")
        RESOLUTION = "resolution", _("resolution")

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="entries")
    attempt = models.PositiveSmallIntegerField(default=1)
    slot = models.CharField(max_length=10, choices=Slot.choices)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    figures = models.JSONField()
    """`{"collected", "valid", "invalid", "votes": {candidate: n}, "against": {candidate: n}}` (elections.rules)."""
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["ballot", "attempt", "slot"], name="entry_slot"),
            models.UniqueConstraint(fields=["ballot", "attempt", "by"], name="entry_by_another_person"),
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


class VoteCount(models.Model):
    """The declared figures of one name in one ballot."""

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="vote_counts")
    candidate = models.ForeignKey(Candidate, models.CASCADE, related_name="vote_counts")
    votes = models.PositiveIntegerField()
    against = models.PositiveIntegerField(null=True)
    place_in_order = models.PositiveSmallIntegerField()
    elected = models.BooleanField(default=False)
    tied = models.BooleanField(default=False)

    class Meta:
        ordering = ["place_in_order", "candidate__order"]
        constraints = [models.UniqueConstraint(fields=["ballot", "candidate"], name="vote_count_once")]

    def __str__(self) -> str:
        return f"{self.candidate_id}: {self.votes}"
