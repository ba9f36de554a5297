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


# Ballots one by one -------------------------------------------------------------------------------

MARKS: dict[str, dict[str, str | Promise]] = {
    "strike": {"chosen": _("chosen"), "rejected": _("struck out")},
    "boxes": {"chosen": _("agree"), "rejected": _("disagree"), "both": _("both boxes"), "none": _("no box")},
}
"""What can be marked for a name, by style of paper."""
RULINGS: dict[str, str | Promise] = {
    "valid": _("Valid"),
    "invalid": _("Invalid"),
    "not_counted": _("Not counted"),
}
GROUNDS: dict[str, str | Promise] = {
    "not_issued": _("not issued by the counting board"),
    "too_many": _("more names chosen than seats"),
    "none_on_strike": _("nobody chosen"),
    "none_on_boxes": _("nobody agreed to"),
    "single_unclear": _("both boxes marked, or none"),
    "foreign_name": _("a name outside the list"),
    "writing": _("a signature, a sign or other writing"),
    "foreign": _("another paper, no ballot of this election"),
    "twice": _("the same ballot scanned twice"),
    "unreadable": _("cannot be judged from the picture: scan it again"),
}
"""Why a ballot is invalid, or a scan is no ballot of this count."""
DOUBTS: dict[str, str | Promise] = {
    "faint-mark": _("a faint mark"),
    "weak-mark": _("a weak mark"),
    "small-mark": _("a small mark"),
    "unclear-ink": _("ink that may be a mark"),
    "part-of-name": _("only part of the name is struck out"),
    "not-through-the-middle": _("the line does not go through the middle"),
    "line-through": _("a line goes far beyond the name or box"),
    "ink-above-or-below-name": _("ink above or below the name"),
    "ink-near-box": _("ink beside the box"),
    "ink-around-box": _("ink around the box"),
    "unlike-other-marks": _("unlike the other marks on this ballot"),
    "both-boxes": _("both boxes are marked"),
    "ink-beside-row": _("ink beside the row"),
    "ink-elsewhere": _("ink where no mark belongs"),
    "print-missing": _("print is missing"),
    "does-not-register": _("torn, folded or distorted: the places cannot be found"),
    "no-fiducials": _("no ballot was recognised"),
    "two-sheets-at-once": _("two sheets went through the scanner at once"),
    "same-picture-twice": _("exactly this picture was scanned already"),
    "other-page-missing": _("the other page of this ballot is missing"),
    "code-unreadable": _("the printed code cannot be read"),
    "codes-disagree": _("the printed codes contradict each other"),
    "other-code": _("the code of another election or paper"),
    "too-pale": _("the scan is too pale"),
    "too-grainy": _("the scan is too grainy"),
    "marks_missing": _("not every mark could be read"),
    "review": _("to be looked at"),
    "foreign": _("another paper"),
    "unreadable": _("unreadable"),
}
"""Why people must look at a ballot, by the reader's reason."""


def mark_words(style: str) -> dict[str, str | Promise]:
    """The marks of a name on a paper of this style, with their words."""
    return MARKS["strike" if style == Contest.Style.STRIKE else "boxes"]


def ground_words(ground: str) -> str | Promise:
    """Why a ballot is invalid or not counted: “more names chosen than seats”."""
    return GROUNDS[ground]


def doubt_words(reason: str) -> str | Promise:
    """Why people look at a ballot; a reason that is new to us in the reader's own word."""
    return DOUBTS.get(reason) or GROUNDS.get(reason) or reason.replace("-", " ")
