"""The organisation's own words for levels, kinds of membership, posts and roles, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import get_language, pgettext

from conventus.core.packs import Pack
from conventus.org.models import Holding, Membership, Post, Unit

Choices = list[tuple[str, str]]


def words(pack: Pack, group: str, key: str) -> str:
    """The pack's word for a key of `group` (`level`, `membership`, `post`, `role`)."""
    return pack.term(f"{group}.{key}", (get_language() or "en").partition("-")[0])


def choices(pack: Pack, group: str, keys: Iterable[str]) -> Choices:
    """The keys with their words, for a form."""
    return [(key, words(pack, group, key)) for key in keys]


def level_words(unit: Unit) -> str:
    """What the unit's level is called."""
    return words(unit.rules, "level", unit.level)


def levels_below(unit: Unit) -> Choices:
    """The levels that may stand below the unit, from the top."""
    levels = unit.rules.core.levels
    lower = [key for key, level in levels.items() if level.order > levels[unit.level].order]
    return choices(unit.rules, "level", sorted(lower, key=lambda key: levels[key].order))


def kinds_known(pack: Pack) -> list[str]:
    """The kinds of unit that the pack names, for suggestions; others are fine."""
    return list(dict.fromkeys(kind for level in pack.core.levels.values() for kind in level.kinds))


def membership_words(membership: Membership) -> str:
    """What the kind of membership is called."""
    return words(membership.unit.rules, "membership", membership.kind)


def post_words(post: Post) -> str:
    """What the post is called."""
    return post.label or words(post.unit.rules, "post", post.key)


def holding_words(holding: Holding) -> str:
    """What the post is called, and where it is."""
    return pgettext("post at unit", "%(post)s, %(unit)s") % {
        "post": post_words(holding.post),
        "unit": holding.post.unit.name,
    }
