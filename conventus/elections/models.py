"""Rows of the elections: the counting board, contests, candidates, ballots (rounds), count entries, vote counts."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

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


class Ballot(Row):
    """One round of voting in a contest: who stands, how many seats are at stake, what was issued and counted."""

    recorded = (
        "contest", "number", "kind", "seats", "alternates", "style", "state", "electorate", "present", "issued",
        "collected", "valid", "invalid", "attempt", "accepted", "repeats", "decision", "base", "needed", "declared_at",
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
    alternates = models.PositiveSmallIntegerField(_("places for alternates"), default=0)
    style = models.CharField(_("ballot paper"), max_length=10, choices=Contest.Style.choices)
    standing = models.ManyToManyField(Candidate, related_name="ballots")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.PREPARED)
    electorate = models.JSONField(default=dict)
    """The figures that the base is computed from: number by line code (rules.base_lines)."""
    present = models.PositiveIntegerField(_("voters present"), null=True, blank=True)
    issued = models.PositiveIntegerField(_("ballots issued"), null=True, blank=True)
    issued_at = models.DateTimeField(null=True, blank=True)
    collected = models.PositiveIntegerField(_("ballots collected"), null=True, blank=True)
    valid = models.PositiveIntegerField(_("valid"), null=True, blank=True)
    invalid = models.PositiveIntegerField(_("invalid"), null=True, blank=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    """Which counting of the ballots this is; a repeated count keeps the earlier entries."""
    accepted = models.JSONField(default=list)
    """Accepted warnings of this attempt: a list of `{"code", "reason", "by", "at"}`, `by` an account's key."""
    repeats = models.JSONField(default=list)
    """Why the count was repeated: a list of `{"attempt", "reason", "by", "at"}`."""
    decision = models.CharField(_("decision of the congress to hold it"), max_length=400, blank=True)
    base = models.PositiveIntegerField(null=True, blank=True)
    """Set when declared, with `needed`: a pack that changes later does not change a declared result."""
    needed = models.PositiveIntegerField(null=True, blank=True)
    declared_at = models.DateTimeField(null=True, blank=True)
    board = models.JSONField(default=list)
    """The counting board when the result was declared, head first: `{"person", "head"}`, `person` its key."""

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

    def names(self) -> list[Candidate]:
        """Who stands, in the order of the ballot paper."""
        return list(self.standing.select_related("person"))

    def base_now(self) -> rules.Base:
        """The base from the figures entered so far; refuses missing ones (ELE-23, ELE-24)."""
        contest = self.contest
        return rules.base_of(contest.law, contest.body_of_voters, self.electorate, contest.day)

    @property
    def has_electorate(self) -> bool:
        """Whether every line of the base is entered."""
        contest = self.contest
        lines = rules.base_lines(contest.law, contest.body_of_voters, contest.day)
        return all(self.electorate.get(line.code) is not None for line in lines)

    @property
    def majority(self) -> str:
        """The named majority of this round."""
        return self.contest.law.majority[self.kind].at(self.contest.day).value

    def needed_now(self) -> int | None:
        """The votes that elect, as far as they are known before the count."""
        majority = self.majority
        return rules.needed_votes(majority, self.base_now().total) if majority == "over_half_of_base" else None

    def facts(self) -> rules.BallotFacts:
        """What a count of this ballot is judged by; candidates go by their keys as text."""
        names = self.names()
        keys = tuple(str(one.pk) for one in names)
        labels = dict(zip(keys, labels_of(names), strict=True))
        base, needed = self.base_now().total, self.needed_now()
        return rules.BallotFacts(self.style, self.seats, keys, self.issued, self.present, base, needed, labels)


class CountEntry(Row):
    """The count as one person keyed it in. First and second are blind to each other; the resolution sees both.

    The minute book keeps the seal instead of the figures, which it learns when the count is agreed: nobody who reads
    the book sees the first entry before the second is in, and nobody can change it unnoticed either.
    """

    recorded = ("ballot", "attempt", "slot", "by", "seal")

    class Slot(models.TextChoices):
        FIRST = "first", _("first entry")
        SECOND = "second", _("second entry")
        RESOLUTION = "resolution", _("resolution")

    ballot = models.ForeignKey(Ballot, models.CASCADE, related_name="entries")
    attempt = models.PositiveSmallIntegerField(default=1)
    slot = models.CharField(max_length=10, choices=Slot.choices)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    figures = models.JSONField()
    """`{"collected", "valid", "invalid", "votes": {candidate: n}, "against": {candidate: n}}` (rules.Count)."""
    choices = models.JSONField(default=dict)
    """Of a resolution: per differing figure `{"take": "first" | "second" | "own", "reason"}`."""
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    salt = models.CharField(max_length=32, editable=False)
    seal = models.CharField(max_length=64, editable=False)
    """SHA-256 of salt and figures (`seal_of`)."""
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
