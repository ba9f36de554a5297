"""A ballot: one round of voting in a contest."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from conventus.core.models import Row
from conventus.elections import rules
from conventus.elections.models.contests import Candidate, Contest, labels_of
from conventus.org.models import Unit


class Ballot(Row):
    """One round of voting in a contest: who stands, how many seats are at stake, what was issued and counted."""

    recorded = (
        "contest", "number", "kind", "seats", "alternates", "style", "state", "electorate", "present", "paths",
        "printed", "issued", "spoilt", "unused", "collected", "valid", "invalid", "attempt", "accepted", "repeats",
        "decision", "base", "needed", "declared_at", "record_number", "locality", "adopted_at",
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
    paths = models.JSONField(default=list)
    """The counts made apart that must be equal (rules.PATHS); set when prepared, from the pack and the board's wish."""
    printed = models.PositiveIntegerField(_("ballots printed"), null=True, blank=True)
    """Copies of all print runs that were not withdrawn, or as keyed in where another hand printed; None = not known."""
    spoilt = models.PositiveIntegerField(_("spoilt and exchanged"), null=True, blank=True)
    unused = models.PositiveIntegerField(_("left over"), null=True, blank=True)
    issued = models.PositiveIntegerField(_("ballots issued"), null=True, blank=True)
    """In the hands of voters: a spoilt one that was exchanged is not counted here again."""
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
    record_number = models.CharField(_("number of the record"), max_length=40, blank=True)
    locality = models.CharField(_("place named on the record"), max_length=120, blank=True)
    adopted_at = models.DateTimeField(_("record adopted"), null=True, blank=True)
    presidium = models.JSONField(_("presidium"), default=list)
    """Names of those who sign the record for the presidium; the minute book does not repeat names."""
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

    @property
    def ways(self) -> tuple[str, ...]:
        """The paths of the count: as chosen for this ballot, else as the pack requires."""
        return tuple(self.paths) or tuple(self.contest.law.paths.at(self.contest.day).value)

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
