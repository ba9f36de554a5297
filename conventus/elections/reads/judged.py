"""Scanned ballots with all that is said of them: by the reader alone, by members of the board."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import QuerySet

from conventus.core.models import User
from conventus.elections import rules
from conventus.elections.models import Adjudication, Ballot, Sheet
from conventus.elections.reads.scanning import sheets_counted


@dataclass(frozen=True)
class Judged:
    """A scanned ballot with all that is said of it: for the law. A page shows of it what `shown_to` gives."""

    sheet: Sheet
    reader: rules.Verdict | None
    """What the reader alone may count; None where people must look."""
    why: tuple[str, ...]
    """Why they must: the reader's reasons, or the rule that its clear marks raise."""
    said: tuple[Adjudication, ...]
    least: int

    @cached_property
    def verdicts(self) -> tuple[rules.Verdict, ...]:
        """What members say, as the law compares it."""
        return tuple(one.facts() for one in self.said)

    @cached_property
    def state(self) -> str:
        """`clear`, `waiting`, `disputed` or `ruled`."""
        return rules.sheet_state(self.reader is not None, self.verdicts, self.least)

    @property
    def standing(self) -> rules.Verdict | None:
        """What the ballot counts for; None while it waits."""
        return rules.standing_verdict(self.reader, self.verdicts, self.least)

    @property
    def open(self) -> bool:
        """Whether it waits for members or is in dispute among them."""
        return self.state in (rules.WAITING, rules.DISPUTED)

    def disputed_with(self, member: User) -> bool:
        """Whether it is in dispute and the member has spoken: who may think again."""
        return self.state == rules.DISPUTED and self.of(member) is not None

    def of(self, member: User) -> Adjudication | None:
        """The member's own verdict."""
        return next((one for one in self.said if one.by_id == member.pk), None)

    def shown_to(self, member: User) -> tuple[Adjudication, ...]:
        """The verdicts that this member may see: the own one, in a dispute all of them."""
        verdicts = rules.verdicts_shown_to(str(member.pk), self.reader is not None, self.verdicts, self.least)
        people = {one.by for one in verdicts}
        return tuple(one for one in self.said if str(one.by_id) in people)


def judged_sheets(ballot: Ballot, sheets: QuerySet[Sheet] | None = None) -> list[Judged]:
    """The scanned ballots of the present count with what is said of them, in the order of their random keys."""
    law, day, facts = ballot.contest.law, ballot.contest.day, ballot.facts()
    least = law.adjudicators.at(day).value
    found = (sheets_counted(ballot) if sheets is None else sheets).prefetch_related("adjudications__by")
    return [_judged(law, facts, one, day, least) for one in found]


def _judged(law: rules.Law, facts: rules.BallotFacts, sheet: Sheet, day: date, least: int) -> Judged:
    why = rules.why_ask(law, facts, sheet.facts(), day)
    reader = None if why else rules.Verdict(rules.VALID, marks=dict(sheet.marks))
    return Judged(sheet, reader, why, tuple(sheet.adjudications.all()), least)


def judged_sheet(sheet: Sheet) -> Judged:
    """One scanned ballot with what is said of it."""
    ballot = sheet.batch.form.ballot
    assert ballot is not None
    return judged_sheets(ballot, Sheet.objects.filter(pk=sheet.pk))[0]
