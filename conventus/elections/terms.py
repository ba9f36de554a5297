"""The organisation's words for bodies, lines of the base, majorities and steps, and the words of findings."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from conventus.core.packs import Pack
from conventus.core.rules import Finding
from conventus.core.words import refusal_words
from conventus.elections.models import Ballot, Contest

FIGURES: dict[str, str | Promise] = {
    "issued": _("Ballots issued"),
    "collected": _("Ballots collected"),
    "valid": _("Valid ballots"),
    "invalid": _("Invalid ballots"),
    "votes": _("Votes"),
    "agree": _("Agree"),
    "against": _("Disagree"),
}
"""The figures of a count."""
PATHS: dict[str, str | Promise] = {
    "scan": _("Scan"),
    "first": _("First entry"),
    "second": _("Second entry"),
    "resolution": _("Settled"),
}
"""The ways in which counts are made apart."""


def term(pack: Pack, group: str, key: str) -> str:
    """The pack's word for `key` of `group` (`kind`, `base`, `majority`, `step`), in the reader's language."""
    return pack.term(f"{group}.{key}", (get_language() or "en").partition("-")[0])


def body_words(contest: Contest) -> str:
    """What is elected: “committee”."""
    return term(contest.congress.rules, "kind", contest.body)


def figure_words(figure: str, style: str = "strike") -> str | Promise:
    """A figure's name; votes on a paper with boxes are those that agree."""
    return FIGURES["agree" if figure == "votes" and style != Contest.Style.STRIKE else figure]


def path_words(path: str) -> str | Promise:
    """A way to count: “First entry”, “Scan”."""
    return PATHS[path]


def finding_words(finding: Finding) -> str:
    """What a numbered check says, its figures named in the reader's language."""
    refusal = finding.refusal()
    named = refusal.params.get("figure")
    if named in FIGURES:
        refusal.params["figure"] = FIGURES[str(named)]
    return refusal_words(refusal)


def number_of(code: str) -> str:
    """The number of a check: `elections.W03` → `W03`."""
    return code.rpartition(".")[2]


def majority_words(ballot: Ballot) -> str:
    """What elects in this round: “more than half of the base”."""
    return term(ballot.contest.congress.rules, "majority", ballot.majority)


def as_rows(
    findings: list[tuple[Finding, str]], accepted: dict[str, dict[str, Any]] | None = None
) -> list[dict[str, Any]]:
    """Findings, each with the id of the control to go to ("" = none), as the component `findings` shows them."""
    kept = accepted or {}
    return [
        {
            "number": number_of(finding.code),
            "code": finding.code,
            "level": finding.severity,
            "words": finding_words(finding),
            "cite": finding.article,
            "field": goal,
            "accepted": kept.get(finding.code, {}).get("reason", ""),
            "accepted_by": kept.get(finding.code, {}).get("name", ""),
        }
        for finding, goal in findings
    ]
