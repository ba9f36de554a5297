"""Rows of a reorganisation plan: which unit goes where, in whole or in part, by which rule. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from conventus.core.rules import N_, Level, Refusal, refusal_texts
from conventus.org.rules.law import clean_text, level_named
from conventus.org.rules.rows import _Reader

refusal_texts(
    "org",
    {
        "share_unknown": N_("“%(text)s” is neither “whole” nor “part”. Write one of them."),
        "rule_unknown": N_("“%(text)s” is no rule for a part. Write rest, list, or a share such as 40%%."),
        "rule_on_whole": N_("The unit goes as a whole; leave the rule empty, or write “part”."),
        "part_to_nobody": N_("A part must go to some unit. Fill in new_code, or dissolve the unit as a whole."),
    },
)

PLAN_COLUMNS = ("level", "old_code", "new_code", "whole_or_part", "rule")
PLAN_REQUIRED = ("level", "old_code", "new_code", "whole_or_part")

WORDS = {
    "whole": True, "w": True, "all": True, "full": True, "toàn bộ": True, "nguyên trạng": True,
    "part": False, "p": False, "partial": False, "một phần": False,
}  # fmt: skip
"""What may stand in the column `whole_or_part`."""

REST, SHARE, LISTED = "rest", "share", "list"
RULES = {"rest": REST, "the rest": REST, "còn lại": REST, "list": LISTED, "by list": LISTED, "danh sách": LISTED}
_SHARE = re.compile(r"(?:share[: ]*)?(\d{1,3})\s*%?")


@dataclass(frozen=True)
class PartRule:
    """Who of a divided unit goes along: `rest` (all not placed otherwise), `share` (so many per cent of its members, in
    the order of their numbers), `list` (those named one by one); "" = nothing is said yet."""

    kind: str = ""
    percent: int = 0

    def __str__(self) -> str:
        return f"{self.percent}%" if self.kind == SHARE else self.kind


@dataclass(frozen=True)
class Step:
    """One row of a plan: the old unit goes to the new one; `new` "" = it is dissolved without a successor."""

    number: int
    level: str
    old: str
    new: str
    whole: bool = True
    rule: PartRule = PartRule()


@dataclass(frozen=True)
class OldUnit:
    """A unit as it stands on the eve of the reorganisation; `members` live on at the effective day."""

    code: str
    level: str
    kind: str
    name: str
    parent: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    members: int = 0


def part_rule(text: str) -> PartRule:
    """The rule that `text` names; refuses what is none."""
    word = clean_text(text).casefold()
    if not word:
        return PartRule()
    if word in RULES:
        return PartRule(RULES[word])
    found = _SHARE.fullmatch(word)
    if found and 0 < int(found.group(1)) <= 100:
        return PartRule(SHARE, int(found.group(1)))
    raise Refusal("org.rule_unknown", field="rule", text=text)


def check_step(row: Mapping[str, str | None], number: int, levels: Mapping[str, Level]) -> Step:
    """The clean step of one plan row (columns `PLAN_COLUMNS`, texts).

    Raises a `Refusal` or `Refusals`, each with its `field`. `whole_or_part` may carry the rule behind a colon
    (`part: rest`) where the file has no column for it.
    """
    read = _Reader(row)
    read.required("level", "old_code", "whole_or_part")
    word, _, behind = read.text("whole_or_part").partition(":")
    whole = WORDS.get(word.strip().casefold(), True)
    if word and word.strip().casefold() not in WORDS:
        read.check([Refusal("org.share_unknown", field="whole_or_part", text=word)])
    step = Step(
        number=number,
        level=read.attempt(lambda: level_named(read.text("level"), levels), "") if read.text("level") else "",
        old=read.text("old_code"),
        new=read.text("new_code"),
        whole=whole,
        rule=read.attempt(lambda: part_rule(read.text("rule") or behind), PartRule()),
    )
    if whole and step.rule.kind:
        read.check([Refusal("org.rule_on_whole", field="rule")])
    if not whole and not step.new:
        read.check([Refusal("org.part_to_nobody", field="new_code")])
    read.done()
    return step


def shared_out(people: Sequence[int], steps: Sequence[Step]) -> dict[int, list[int]]:
    """The people, in the order given, by the number of the step that takes them: shares first, then the rest.

    Shares are cut at the rounded sums of their per cents, so that shares of 100 per cent place everybody once.
    """
    taken: dict[int, list[int]] = {}
    start, percent = 0, 0
    for step in steps:
        if step.rule.kind == SHARE:
            percent += step.rule.percent
            end = min(len(people), (len(people) * percent + 50) // 100)
            taken[step.number] = list(people[start:end])
            start = end
    for step in steps:
        if step.rule.kind == REST:
            taken[step.number] = list(people[start:])
    return taken
