"""What rooms below ask of the elections: whether a congress may be filed, and whom it elected."""

from __future__ import annotations

from collections.abc import Iterator

from conventus.core.rules import N_, Refusal, refusal_texts
from conventus.cycle.hooks import ELECTED, READY_CHECKS
from conventus.cycle.models import Congress
from conventus.cycle.papers import Body, Person
from conventus.elections import reads
from conventus.elections.models import Contest

refusal_texts(
    "elections",
    {"undecided": N_("The election “%(contest)s” is open. Declare its result or record what was decided.")},
)


def undecided(congress: Congress) -> Iterator[Refusal]:
    """The contests that stand in the way of filing a result."""
    for contest in congress.contests.exclude(state=Contest.State.DECIDED):
        yield Refusal("elections.undecided", contest=contest.title)


def bodies(congress: Congress) -> Iterator[Body]:
    """The decided contests with those elected, for the decision on the result."""
    for contest in congress.contests.filter(state=Contest.State.DECIDED):
        people = tuple(Person(count.candidate.name) for count in reads.elected_of(contest))
        yield Body(contest.title, people, contest.seats)


READY_CHECKS.append(undecided)
ELECTED.append(bodies)
