"""The shape of the pack's table for `org`; words, dates, periods, levels, rights of members."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from conventus.core.rules import N_, Level, Refusal, Rule, refusal_texts

refusal_texts(
    "org",
    {
        "date_unreadable": N_("“%(text)s” is not a date. Write 2025-02-24 or 24/02/2025."),
        "code_unreadable": N_("“%(text)s” is not a code. Use up to 40 letters, digits, dots, dashes, strokes."),
        "code_twice": N_("The code “%(text)s” occurs twice in this file. Give each row its own code."),
        "code_taken": N_("The code “%(text)s” is already used. Choose another one or import as an update."),
        "level_unknown": N_("The rule pack has no level “%(level)s”. Use one of: %(known)s."),
        "parent_unknown": N_("There is no unit “%(parent)s”. Bring the superior unit in as well, or correct the code."),
        "parent_itself": N_("A unit cannot be its own superior. Correct the column parent_code."),
        "parent_missing": N_("A unit of the level “%(level)s” needs a superior unit. Fill in parent_code."),
        "parent_not_above": N_("“%(level)s” must stand below its superior, but that one is “%(parent_level)s”."),
        "unit_unknown": N_("There is no unit “%(unit)s”. Import the unit first or correct the code."),
        "membership_unknown": N_("There is no membership “%(kind)s”. Use one of: %(known)s."),
        "sex_unknown": N_("“%(sex)s” is not understood here. Write f, m or leave it empty."),
        "post_unknown": N_("The rule pack has no post “%(post)s”. Use one of: %(known)s."),
        "post_needs_vote": N_("“%(post)s” can be held by a member with the right to stand only, not by “%(kind)s”."),
        "post_without_start": N_("Say from when the post is held (post_from)."),
        "too_young": N_("Member from %(start)s at the age of %(age)s; the least age is %(least)s. Check both dates."),
    },
)

# The pack's table --------------------------------------------------------------------------------


@dataclass(frozen=True)
class MembershipKind:
    """A kind of membership: its name, other words for it in imports, and its rights at a congress (ELE-2, ELE-3)."""

    name: str
    votes: Rule[bool]
    stands: Rule[bool]
    nominates: Rule[bool]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Post:
    """A post that a person can hold in a unit. `seats` is the usual number, 0 = no fixed number."""

    name: str
    seats: int = 0
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reorganised:
    """What follows for a unit that was merged, divided or newly founded (T6, CON-3), until its next congress.

    The modes are `elected`, `appointed` or `unchanged`; `contents` is how much its congress deals with.
    """

    ordinal_restarts: Rule[bool]
    contents: Rule[int]
    committee_mode: Rule[str]
    delegates_mode: Rule[str]


@dataclass(frozen=True)
class Law:
    """The pack's table for `org`. `youngest` is the least age in full years at joining."""

    memberships: Mapping[str, MembershipKind]
    posts: Mapping[str, Post]
    youngest: Rule[int]
    reorganised: Reorganised


# Words and dates ---------------------------------------------------------------------------------

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


def clean_text(text: str) -> str:
    """`text` in Unicode form NFC with every run of white space made one blank and none at the ends."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def parse_date(text: str, name: str = "") -> date | None:
    """The day written as 2025-02-24 or 24/02/2025; None for an empty text.

    Raises `Refusal("org.date_unreadable", field=name)` for anything else, also for 31/02/2025.
    """
    clean = clean_text(text)
    if not clean:
        return None
    try:
        if found := _ISO.fullmatch(clean):
            return date(*(int(part) for part in found.groups()))
        if found := _DAY_FIRST.fullmatch(clean):
            return date(*(int(part) for part in reversed(found.groups())))
    except ValueError:
        pass
    raise Refusal("org.date_unreadable", field=name, text=clean)


def full_years(since: date, day: date) -> int:
    """Completed years from `since` to `day`; somebody born on 29 February grows older on 1 March."""
    return day.year - since.year - ((day.month, day.day) < (since.month, since.day))


# Periods and the tree ----------------------------------------------------------------------------


def check_period(start: date | None, end: date | None, name: str = "valid_to") -> None:
    """Refuse an end before its start (both inclusive); an open side is always fine."""
    if start is not None and end is not None and end < start:
        raise Refusal("core.period_reversed", field=name, start=start, end=end)


def periods_overlap(first: tuple[date | None, date | None], second: tuple[date | None, date | None]) -> bool:
    """Whether two periods with inclusive or open ends share a day."""
    (a_start, a_end), (b_start, b_end) = first, second
    return (a_end is None or b_start is None or b_start <= a_end) and (
        b_end is None or a_start is None or a_start <= b_end
    )


def check_parent_level(level: str, parent_level: str, levels: Mapping[str, Level]) -> None:
    """Refuse a unit whose level does not lie below that of its superior. Levels are known keys of `levels`."""
    if levels[level].order <= levels[parent_level].order:
        raise Refusal("org.parent_not_above", field="parent_code", level=level, parent_level=parent_level)


def level_named(word: str, levels: Mapping[str, Level]) -> str:
    """The key of the level that `word` names (key, name or alias, case ignored); refuses an unknown one."""
    return _named(word, {key: (level.name, *level.aliases) for key, level in levels.items()}, "level")


def membership_named(word: str, law: Law) -> str:
    """The key of the membership that `word` names; refuses an unknown one."""
    kinds = {key: (kind.name, *kind.aliases) for key, kind in law.memberships.items()}
    return _named(word, kinds, "membership", "kind")


def post_named(word: str, law: Law) -> str:
    """The key of the post that `word` names; refuses an unknown one."""
    return _named(word, {key: (post.name, *post.aliases) for key, post in law.posts.items()}, "post")


def _named(word: str, names: Mapping[str, tuple[str, ...]], thing: str, param: str = "") -> str:
    sought = clean_text(word).casefold()
    for key, others in names.items():
        if sought == key.casefold() or any(sought == clean_text(other).casefold() for other in others):
            return key
    params: dict[str, Any] = {param or thing: word, "known": ", ".join(names)}
    raise Refusal(f"org.{thing}_unknown", field=thing, **params)


# Rights ------------------------------------------------------------------------------------------


def may_vote(law: Law, membership: str, on: date) -> bool:
    """Whether a member of this kind votes at a members' congress (ELE-2)."""
    return law.memberships[membership].votes.at(on).value


def may_stand(law: Law, membership: str, on: date) -> bool:
    """Whether a member of this kind can be a candidate, sit on a board or hold a post (ELE-2)."""
    return law.memberships[membership].stands.at(on).value


def may_nominate(law: Law, membership: str, on: date) -> bool:
    """Whether a member of this kind can nominate at a members' congress (ELE-3)."""
    return law.memberships[membership].nominates.at(on).value
