"""Rows of the organisation: units over time, people, memberships, posts."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext_lazy as _

from conventus.core import packs
from conventus.core.models import Row, User

STEP = 6
"""Digits of one step of a path: base 36, so that 2.1 billion units fit and bytes sort as the tree does."""


class PathField(models.CharField[str, str]):
    """Text that sorts by byte on every database: a subtree is one index range (scale.md, section 0)."""

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        """The column's type, with the byte collation of the database at hand."""
        parameters: dict[str, Any] = dict(super().db_parameters(connection))
        parameters["collation"] = "C" if connection.vendor == "postgresql" else "BINARY"
        return parameters


class Organisation(Row):
    """One organisation: its rule pack, country and language. Several may live in one installation."""

    recorded = ("key", "name", "pack", "language")

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=200)
    pack = models.CharField(_("rule pack"), max_length=60)
    language = models.CharField(_("language"), max_length=8, default="en")

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> Unit | None:
        """An organisation is above all units: only system accounts change it."""
        return None

    @property
    def rules(self) -> packs.Pack:
        """The rule pack."""
        return packs.load(self.pack)


class Unit(Row):
    """A unit from a day to a day. `path` is the way from the root: six base-36 digits of each ancestor's key."""

    recorded = ("code", "level", "kind", "name", "parent", "valid_from", "valid_to")

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="units")
    code = models.CharField(_("code"), max_length=40)
    level = models.CharField(_("level"), max_length=40)
    kind = models.CharField(_("kind"), max_length=80, blank=True)
    name = models.CharField(_("name"), max_length=250)
    parent = models.ForeignKey("self", models.PROTECT, related_name="children", null=True, blank=True)
    path = PathField(max_length=STEP * 12, blank=True, db_index=True, editable=False)
    folded = models.CharField(max_length=300, blank=True, db_index=True, editable=False)
    valid_from = models.DateField(_("from"), null=True, blank=True)
    valid_to = models.DateField(_("until"), null=True, blank=True)
    sample = models.BooleanField(_("sample data"), default=False)

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="unit_code"),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_from__isnull=True)
                | models.Q(valid_to__gte=models.F("valid_from")),
                name="unit_period",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> Unit | None:
        """A unit is its own place."""
        return self

    @property
    def superior(self) -> Unit | None:
        """The unit above, which decides what the unit itself may not."""
        return self.parent

    @property
    def rules(self) -> packs.Pack:
        """The rule pack of its organisation."""
        return self.organisation.rules

    @property
    def ancestor_ids(self) -> list[int]:
        """The keys on the way from the root to the unit itself, read off the path."""
        return [int(self.path[start : start + STEP], 36) for start in range(0, len(self.path), STEP)]


class Person(Row):
    """A person of the organisation. Names and dates stay here; the minute book refers to the row only."""

    recorded = ("organisation", "user")

    class Gender(models.TextChoices):
        FEMALE = "female", _("female")
        MALE = "male", _("male")

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="people")
    code = models.CharField(_("number"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    folded = models.CharField(max_length=220, blank=True, db_index=True, editable=False)
    gender = models.CharField(_("gender"), max_length=6, choices=Gender.choices, blank=True)
    born = models.DateField(_("born"), null=True, blank=True)
    joined = models.DateField(_("joined"), null=True, blank=True)
    official = models.DateField(_("official since"), null=True, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    user = models.OneToOneField(User, models.SET_NULL, related_name="person", null=True, blank=True)
    sample = models.BooleanField(_("sample data"), default=False)

    class Meta:
        ordering = ["folded", "code"]
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(fields=["organisation", "code"], name="person_code")]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> Unit | None:
        """The unit of the latest membership."""
        latest = self.memberships.select_related("unit__organisation").order_by("-valid_from").first()
        return latest.unit if latest else None


class Membership(Row):
    """A person's membership in a unit from a day to a day, and how it stands."""

    recorded = ("person", "unit", "kind", "valid_from", "valid_to")

    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="memberships")
    kind = models.CharField(_("kind"), max_length=40)
    """A key of the pack's `org.memberships`: official, probationary, …"""
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)
    begun_by = models.ForeignKey("ReorganisationPlan", models.PROTECT, related_name="+", null=True, db_index=False)
    ended_by = models.ForeignKey("ReorganisationPlan", models.PROTECT, related_name="+", null=True, db_index=False)
    """The reorganisation in which it began and ended; the indexes hold only the rows that have one."""

    class Meta:
        ordering = ["person_id", "valid_from"]
        indexes = [
            models.Index(fields=["begun_by"], condition=models.Q(begun_by__isnull=False), name="membership_begun_by"),
            models.Index(fields=["ended_by"], condition=models.Q(ended_by__isnull=False), name="membership_ended_by"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(valid_to__isnull=True), name="one_open_membership"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="membership_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.unit_id}"

    @property
    def place(self) -> Unit | None:
        """The unit of the membership."""
        return self.unit


class Post(Row):
    """A post of a unit (secretary, chair): who holds it changes, the post stays."""

    recorded = ("unit", "key", "label")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts")
    key = models.CharField(_("post"), max_length=40)
    label = models.CharField(_("label"), max_length=200, blank=True)

    class Meta:
        ordering = ["unit_id", "pk"]

    def __str__(self) -> str:
        return self.label or self.key

    @property
    def place(self) -> Unit | None:
        """The unit that has the post."""
        return self.unit


class Holding(Row):
    """A person holding a post from a day to a day (Popolo: a membership on a post)."""

    recorded = ("post", "person", "valid_from", "valid_to")

    post = models.ForeignKey(Post, models.CASCADE, related_name="holdings")
    person = models.ForeignKey(Person, models.CASCADE, related_name="holdings")
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        ordering = ["post_id", "-valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="holding_period",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} as {self.post_id}"

    @property
    def place(self) -> Unit | None:
        """The unit that has the post."""
        return self.post.unit


# Reorganisation ---------------------------------------------------------------------------------------------------


class ReorganisationPlan(Row):
    """Units merged, divided, moved, renamed on a day: the steps, the new tree, and how far it is."""

    recorded = ("organisation", "unit", "name", "effective", "decision", "complete", "state")

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        WAITING = "waiting", _("waits for its day")
        APPLIED = "applied", _("in effect")
        UNDONE = "undone", _("undone")
        DROPPED = "dropped", _("dropped")

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="plans")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="plans", null=True, blank=True)
    """The unit at and below which it works; none: the whole organisation, for system accounts only."""
    name = models.CharField(_("name"), max_length=200)
    effective = models.DateField(_("takes effect on"))
    decision = models.CharField(_("decision"), max_length=120, blank=True)
    complete = models.BooleanField(_("the new tree names every unit of its levels"), default=False)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.DRAFT)
    outcome = models.JSONField(default=dict, blank=True)
    """The counts of what it did."""

    class Meta:
        ordering = ["-effective", "-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> Unit | None:
        """The unit at whose head it is decided."""
        return self.unit


class PlanStep(models.Model):
    """A row of a plan: an old unit goes to a new one. Rows of one `group` were written together."""

    plan = models.ForeignKey(ReorganisationPlan, models.CASCADE, related_name="steps")
    group = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    level = models.CharField(max_length=40)
    old_code = models.CharField(max_length=40)
    new_code = models.CharField(max_length=40, blank=True)
    whole = models.BooleanField(default=True)
    rule = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["number", "pk"]

    def __str__(self) -> str:
        return f"{self.old_code} → {self.new_code}"


class PlanUnit(models.Model):
    """A row of the new tree, with the cells that an import of units has."""

    plan = models.ForeignKey(ReorganisationPlan, models.CASCADE, related_name="tree")
    group = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    code = models.CharField(max_length=40)
    cells = models.JSONField(default=dict)

    class Meta:
        ordering = ["number", "pk"]

    def __str__(self) -> str:
        return self.code


class Placement(models.Model):
    """Where a person, or a unit below, goes when its unit is divided; `by_rule`: a rule said so, not a person."""

    plan = models.ForeignKey(ReorganisationPlan, models.CASCADE, related_name="placements")
    step = models.ForeignKey(PlanStep, models.CASCADE, related_name="placements")
    person = models.ForeignKey(Person, models.CASCADE, related_name="+", null=True)
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="+", null=True)
    by_rule = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "person"], name="one_place_for_a_person"),
            models.UniqueConstraint(fields=["plan", "unit"], name="one_place_for_a_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id or self.unit_id} → {self.step_id}"


class Succession(Row):
    """That a unit is followed by another from a day on, as a whole or in part; `new` empty: by none."""

    recorded = ("plan", "old", "new", "whole", "day", "members")

    plan = models.ForeignKey(ReorganisationPlan, models.PROTECT, related_name="successions")
    step = models.ForeignKey(PlanStep, models.PROTECT, related_name="+", null=True)
    old = models.ForeignKey(Unit, models.PROTECT, related_name="successions")
    new = models.ForeignKey(Unit, models.PROTECT, related_name="predecessions", null=True)
    whole = models.BooleanField(default=True)
    day = models.DateField()
    members = models.PositiveIntegerField(default=0)
    """How many members went from the one to the other."""

    class Meta:
        ordering = ["day", "old_id", "pk"]

    def __str__(self) -> str:
        return f"{self.old_id} → {self.new_id}"

    @property
    def place(self) -> Unit | None:
        """The unit that was followed."""
        return self.old


class UnitState(models.Model):
    """How a unit stood until a reorganisation changed it: what the tree as of an earlier day is read from."""

    unit = models.ForeignKey(Unit, models.CASCADE, related_name="states")
    plan = models.ForeignKey(ReorganisationPlan, models.PROTECT, related_name="+")
    level = models.CharField(max_length=40)
    kind = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=250)
    parent = models.ForeignKey(Unit, models.PROTECT, related_name="+", null=True)
    path = PathField(max_length=STEP * 12, db_index=True)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField()
    """The last day on which the unit stood so."""
    unit_until = models.DateField(null=True)
    """Until when the unit itself was to exist."""
    unit_version = models.PositiveIntegerField()
    """The unit's version after the change: a later change of it stands against undoing this one."""

    class Meta:
        ordering = ["unit_id", "valid_to"]

    def __str__(self) -> str:
        return f"{self.name} until {self.valid_to}"


class Displaced(models.Model):
    """One of the few rows besides units and memberships that a plan changed, and how it stood before."""

    plan = models.ForeignKey(ReorganisationPlan, models.CASCADE, related_name="displaced")
    table = models.CharField(max_length=20)
    key = models.BigIntegerField()
    before = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.table} {self.key}"
