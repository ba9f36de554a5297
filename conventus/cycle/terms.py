"""The organisation's own words for steps, contents, papers and forms of a congress, in the reader's language."""

from __future__ import annotations

from django.utils.translation import ngettext

from conventus.core.packs import Pack
from conventus.cycle.models import Congress, Milestone
from conventus.directives.terms import level_words, term


def paper_kinds(pack: Pack) -> dict[str, str]:
    """What a paper of a congress can be (CON-5, AFT-3), as the pack's words name it."""
    own = [word.partition(".")[2] for word in pack.terms.get("en", {}) if word.startswith("paper.")]
    return {kind: term(pack, f"paper.{kind}") for kind in own}


def milestone_words(milestone: Milestone) -> str:
    """A step of the preparation."""
    return term(milestone.congress.rules, f"milestone.{milestone.key}")


def form_words(congress: Congress) -> str:
    """Members' or delegates' congress."""
    return term(congress.rules, f"form.{congress.form}")


def level_of(congress: Congress) -> str:
    """The level of the unit."""
    return str(level_words(congress.rules, congress.unit.level))


def levels_of(pack: Pack, level: str) -> str:
    """The units of a level, in the plural."""
    return term(pack, f"levels.{level}")


def content_words(congress: Congress) -> tuple[str, ...]:
    """What the congress deals with, in its order."""
    contents = congress.law.contents.get(str(congress.contents))
    items = contents.items.at(congress.starts_on or congress.window_to).value if contents else ()
    return tuple(term(congress.rules, f"content.{item}") for item in items)


def days_words(half_days: int) -> str:
    """Half days as days: 3 → “1½ days”."""
    whole, half = divmod(half_days, 2)
    text = f"{whole or ''}{'½' if half else ''}" or "0"
    return ngettext("%(days)s day", "%(days)s days", 1 if half_days <= 2 else 2) % {"days": text}
