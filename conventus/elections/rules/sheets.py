"""A ballot as scanned: what is counted unseen, what the board adjudicates, the sum over all (ELE-19 to ELE-22). Pure.

Marks are the reader's words, by candidate's key: `chosen`, `rejected`, `both`, `none`; `doubt` where it cannot tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date

from conventus.core.rules import Refusal, raise_all
from conventus.elections.rules.ballots import (
    AGREE,
    BOTH,
    DISAGREE,
    INVALID,
    KEPT,
    NEITHER,
    STRUCK,
    VALID,
    MarkedBallot,
    ballot_validity,
)
from conventus.elections.rules.count import BallotFacts, Count
from conventus.elections.rules.law import BOXES, SINGLE, STRIKE, BallotLaw, Law

CHOSEN, REJECTED, DOUBT = "chosen", "rejected", "doubt"
NONE = "none"
MARKS = {STRIKE: (CHOSEN, REJECTED)}
"""The marks that a member may give a name: on a paper to strike out it is chosen or not."""
BOX_MARKS = (CHOSEN, REJECTED, BOTH, NONE)

NOT_COUNTED = "not_counted"
RULINGS = (VALID, INVALID, NOT_COUNTED)
GROUNDS = tuple(one.name for one in fields(BallotLaw))
"""Why a ballot is invalid: the names of the rules in the pack's table `elections.ballot`."""
NO_BALLOT = ("foreign", "twice", "unreadable")
"""Why a scan is no ballot of this count: another paper, the same ballot scanned twice, to be scanned again."""

CLEAR, WAITING, DISPUTED, RULED = "clear", "waiting", "disputed", "ruled"


@dataclass(frozen=True)
class SheetFacts:
    """A scanned ballot: `state` is the reader's (`read`, `review`, `foreign`, `unreadable`), `doubts` its reasons."""

    key: str
    state: str
    marks: Mapping[str, str]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What one member (`by`, any key) says of a sheet, or the reader (`by` ""): the ruling, its ground, the marks.

    `ruling` is `valid`, `invalid` or `not_counted`; `ground` is "" for a valid ballot; only its marks count.
    """

    ruling: str
    ground: str = ""
    marks: Mapping[str, str] = field(default_factory=dict)
    by: str = ""

    @property
    def content(self) -> tuple[object, ...]:
        """What must be equal for two members to agree."""
        return (self.ruling, self.ground, tuple(sorted(self.marks.items())) if self.ruling == VALID else ())


def marks_of(style: str) -> tuple[str, ...]:
    """The marks that a name can have on a paper of this style."""
    return MARKS.get(style, BOX_MARKS)


def marked(facts: BallotFacts, marks: Mapping[str, str]) -> MarkedBallot:
    """The reader's marks as the law of ballots (ELE-16, ELE-17) speaks of them."""
    strike = {CHOSEN: KEPT, REJECTED: STRUCK}
    boxes = {CHOSEN: AGREE, REJECTED: DISAGREE, BOTH: BOTH, NONE: NEITHER}
    words = strike if facts.style == STRIKE else boxes
    return MarkedBallot(facts.style, facts.seats, {key: words[mark] for key, mark in marks.items()})


def unseen(law: Law, facts: BallotFacts, sheet: SheetFacts, on: date) -> Verdict | None:
    """The reader's verdict where no person need look: every mark clear and the ballot plainly valid; else None.

    The board, not the software, rules on invalid ballots (ELE-22), so a clear but invalid ballot goes to people too.
    """
    if why_ask(law, facts, sheet, on):
        return None
    return Verdict(VALID, marks=dict(sheet.marks))


def why_ask(law: Law, facts: BallotFacts, sheet: SheetFacts, on: date) -> tuple[str, ...]:
    """Why people must look at a sheet: the reader's doubts, or the name of the rule that its clear marks raise."""
    if sheet.state != "read" or sheet.doubts:
        return sheet.doubts or (sheet.state,)
    if set(sheet.marks) != set(facts.candidates) or not set(sheet.marks.values()) <= set(marks_of(facts.style)):
        return ("marks_missing",)
    ruling = ballot_validity(law, marked(facts, sheet.marks), on)
    return () if ruling.ruling == VALID else (ruling.why,)


def grounds_for(law: Law, style: str, on: date) -> tuple[str, ...]:
    """The grounds on which a paper of this style may be ruled invalid under the pack, in the order of its table."""
    elsewhere = {"none_on_strike": STRIKE, "none_on_boxes": BOXES, "single_unclear": SINGLE}
    fitting = (ground for ground in GROUNDS if elsewhere.get(ground, style) == style)
    return tuple(ground for ground in fitting if getattr(law.ballot, ground).at(on).value != VALID)


# What members say ---------------------------------------------------------------------------------


def check_verdict(law: Law, facts: BallotFacts, verdict: Verdict, on: date) -> None:
    """Refuse an unknown ruling or ground, a valid ballot with a mark missing, and what the law excludes."""
    if verdict.ruling not in RULINGS:
        raise Refusal("elections.ruling_unknown", field="ruling", ruling=verdict.ruling)
    if verdict.ruling == VALID:
        raise_all(_valid_refusals(law, facts, verdict, on))
        return
    if verdict.ground not in (GROUNDS if verdict.ruling == INVALID else NO_BALLOT):
        raise Refusal("elections.ground_missing", field="ground")
    if verdict.ruling == INVALID:
        rule = getattr(law.ballot, verdict.ground).at(on)
        if rule.value == VALID:
            raise Refusal("elections.ground_not_in_law", article=rule.cite, field="ground")


def _valid_refusals(law: Law, facts: BallotFacts, verdict: Verdict, on: date) -> Iterator[Refusal]:
    allowed = marks_of(facts.style)
    missing = [key for key in facts.candidates if verdict.marks.get(key) not in allowed]
    for key in missing:
        yield Refusal("elections.mark_missing", field=f"mark_{key}", name=facts.name(key))
    if missing:
        return
    ruling = ballot_validity(law, marked(facts, verdict.marks), on)
    if ruling.ruling == INVALID:
        chosen = sum(mark == CHOSEN for mark in verdict.marks.values())
        code = "too_many_chosen" if ruling.why == "too_many" else "invalid_by_law"
        yield Refusal(f"elections.{code}", article=ruling.article, field="ruling", chosen=chosen, seats=facts.seats)


def agreed_verdict(verdicts: Sequence[Verdict], least: int) -> Verdict | None:
    """The verdict that at least so many different members share, and more than share any other; else None."""
    people: dict[tuple[object, ...], set[str]] = {}
    for one in verdicts:
        people.setdefault(one.content, set()).add(one.by)
    shared = sorted((len(names) for names in people.values()), reverse=True)
    if not shared or shared[0] < least or shared[0] in shared[1:]:
        return None
    return next(one for one in verdicts if len(people[one.content]) == shared[0])


def sheet_state(sheet_clear: bool, verdicts: Sequence[Verdict], least: int) -> str:
    """`clear` (counted unseen), `waiting` for members, `disputed` (enough have spoken, none agree), `ruled`.

    A clear sheet is never in dispute: two members who key in all ballots blindly must not learn on the way where they
    differ. Their counts tell it once both are in.
    """
    if agreed_verdict(verdicts, least):
        return RULED
    if sheet_clear:
        return CLEAR
    return DISPUTED if len({one.by for one in verdicts}) >= least else WAITING


def check_change(verdicts: Sequence[Verdict], new: Verdict, least: int) -> None:
    """Refuse to take back a verdict on which the ruling of a sheet rests; any other one may be given anew."""
    if new.by not in {one.by for one in verdicts}:
        return
    before = agreed_verdict(verdicts, least)
    after = agreed_verdict([one for one in verdicts if one.by != new.by] + [new], least)
    if before and (after is None or after.content != before.content):
        raise Refusal("elections.sheet_settled")


def verdicts_shown_to(person: str, sheet_clear: bool, verdicts: Sequence[Verdict], least: int) -> tuple[Verdict, ...]:
    """The verdicts on a sheet that a member may look at: the own one, and all of them while they are in dispute."""
    if sheet_state(sheet_clear, verdicts, least) == DISPUTED:
        return tuple(verdicts)
    return tuple(one for one in verdicts if one.by == person)


def standing_verdict(unseen_one: Verdict | None, verdicts: Sequence[Verdict], least: int) -> Verdict | None:
    """What a sheet counts for: what members agreed, else what may be counted unseen; None while it waits."""
    return agreed_verdict(verdicts, least) or unseen_one


def counted_by(person: str, sheet_clear: bool, verdicts: Sequence[Verdict], least: int) -> Verdict:
    """What a sheet counts for in the count of a member who has keyed it in.

    The own verdict; but the board rules on a ballot in doubt (ELE-22), also for the member who was outvoted.
    """
    own = next(one for one in verdicts if one.by == person)
    return own if sheet_clear else agreed_verdict(verdicts, least) or own


def sum_of(facts: BallotFacts, verdicts: Iterable[Verdict]) -> Count:
    """The count that verdicts on sheets make. A mark in both boxes or none counts for nobody (ELE-20)."""
    rulings: Counter[str] = Counter()
    votes, against = dict.fromkeys(facts.candidates, 0), dict.fromkeys(facts.candidates, 0)
    for one in verdicts:
        rulings[one.ruling] += 1
        for key in facts.candidates if one.ruling == VALID else ():
            votes[key] += one.marks[key] == CHOSEN
            against[key] += one.marks[key] == REJECTED
    kept: Mapping[str, int | None] = {} if facts.style == STRIKE else dict(against)
    valid, invalid = rulings[VALID], rulings[INVALID]
    return Count(valid + invalid, valid, invalid, dict(votes), kept)
