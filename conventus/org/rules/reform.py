"""What a reorganisation plan is judged against, what comes of it, and the words for all that can be wrong. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from conventus.core.rules import N_, Level, Refusal, refusal_texts
from conventus.org.rules.plans import OldUnit
from conventus.org.rules.rows import UnitRow

refusal_texts(
    "org",
    {
        "plan_unit_unknown": N_("There is no unit “%(unit)s” here. Correct old_code."),
        "plan_unit_ended": N_("“%(unit)s” ended on %(end)s already. Take it out of the plan."),
        "plan_unit_later": N_("“%(unit)s” begins on %(start)s only. Choose a later day for the plan."),
        "plan_level_differs": N_("“%(unit)s” is of the level “%(is_level)s”, not “%(level)s”. Correct the level."),
        "successor_unknown": N_("The new tree has no unit “%(unit)s”. Add it there, or correct new_code."),
        "successor_twice": N_("That “%(old)s” goes to “%(new)s” is said twice, first in row %(first)s. Remove one."),
        "named_twice": N_("“%(unit)s” goes as a whole in row %(first)s already. Remove a row, or write “part”."),
        "part_alone": N_("Only this part of “%(unit)s” goes anywhere. Say where the rest goes, or write “whole”."),
        "part_without_rule": N_(
            "It is not said which of the %(members)s members and %(below)s units below “%(unit)s” go to “%(new)s”. "
            "Give a rule (rest, a share, a list), or decide it in the plan."
        ),
        "rest_twice": N_("The rest of “%(unit)s” cannot go to two units. Keep one “rest”."),
        "shares_sum": N_("The shares of “%(unit)s” make %(sum)s %%. Let them make 100, or give one part the rest."),
        "stands_and_ends": N_(
            "“%(unit)s” goes to other units, but stands in the new tree. Give the new unit another code, "
            "or add a row in which “%(unit)s” goes to itself."
        ),
        "left_without_successor": N_(
            "“%(unit)s” (%(name)s) is neither in the plan nor in the new tree. Say which unit follows it."
        ),
        "members_without_unit": N_("“%(unit)s” is dissolved, but has %(members)s members. Say which unit takes them."),
        "place_lost": N_("The superior of “%(unit)s” ends, and “%(unit)s” has no place. Give it one in the new tree."),
        "code_was_used": N_("“%(unit)s” was the code of a unit that ended on %(end)s. Choose another code."),
        "tree_cycle": N_("“%(unit)s” stands below itself (%(way)s). Correct parent_code."),
        "superior_ends": N_("The superior “%(parent)s” ends with this plan. Name one that stands afterwards."),
        "begins_elsewhen": N_("A new unit begins on the day of the plan, %(day)s. Leave valid_from empty."),
        "ends_at_once": N_("The unit would end on %(end)s, before the plan takes effect. Leave it out."),
        "plan_empty": N_("The plan changes nothing. Add what is to happen."),
    },
)

PLAN, TREE, UNIT = "plan", "tree", "unit"


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where: row `number` of the `plan` or of the new `tree`, or with a `unit` that no row names."""

    where: str
    number: int
    code: str
    refusal: Refusal


@dataclass(frozen=True)
class Heir:
    """A unit that follows an old one, as a whole or in part; `step` is the row that says so, 0 = none does."""

    new: str
    whole: bool
    step: int = 0


@dataclass(frozen=True)
class Operation:
    """One thing that the plan does, for people to read: merge, split, found, dissolve, rename, retype, move, …"""

    kind: str
    olds: tuple[str, ...]
    news: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """What a plan is judged against.

    `gone`: units that ended before, by code. `complete`: whether the new tree names every unit of its levels.
    `top`: the code below which rows without a superior stand. `placed`: where a unit below a divided one goes.
    """

    old: Mapping[str, OldUnit]
    levels: Mapping[str, Level]
    day: date
    gone: Mapping[str, date] = field(default_factory=dict)
    complete: bool = False
    top: str = ""
    placed: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Reform:
    """The outcome: the tree afterwards, who ends, who follows whom, what is open, and what is wrong."""

    after: dict[str, UnitRow] = field(default_factory=dict)
    heirs: dict[str, tuple[Heir, ...]] = field(default_factory=dict)
    """For every unit that ends, is divided or takes others in: those that follow it, itself among them if it stays."""
    ended: tuple[str, ...] = ()
    founded: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    """Units that go on with another level, kind, name or superior."""
    unplaced: tuple[str, ...] = ()
    """Units below a divided one of which a person must say where they go."""
    operations: tuple[Operation, ...] = ()
    problems: list[Problem] = field(default_factory=list)

    def roots_in(self, code: str) -> tuple[str, ...]:
        """The old units that `code` follows."""
        return tuple(old for old, heirs in self.heirs.items() if any(heir.new == code for heir in heirs))
