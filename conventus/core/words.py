"""Refusals and findings in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext

from conventus.core.rules import REFUSALS, Refusal, Refusals


def refusal_words(refusal: Refusal) -> str:
    """What the refusal says, translated, with its figures; without the citation."""
    if isinstance(refusal, Refusals):
        return " ".join(refusal_words(one) for one in refusal.refusals)
    text = gettext(REFUSALS.get(refusal.code, refusal.code))
    return text % {key: _shown(value) for key, value in refusal.params.items()}


def _shown(value: object) -> object:
    from datetime import date

    from conventus.core.templatetags.ui import day

    return day(value) if isinstance(value, date) else value


def each(refusal: Refusal) -> tuple[Refusal, ...]:
    """The single refusals in `refusal`."""
    return refusal.refusals if isinstance(refusal, Refusals) else (refusal,)


def shown(refusal: Refusal) -> list[dict[str, object]]:
    """The refusals as the component `refusal` shows them: words, clause, field."""
    return [
        {"words": refusal_words(one), "cite": one.article, "field": one.field and f"id_{one.field}"}
        for one in each(refusal)
    ]
